"""`theano.typed_list`: lists of values of one type, whose lengths are known when functions run.

A list is a Python object to compiled code, and its ops compute in Python
(`lltheano.graph.objects`); the elements are what compiled code computes and takes. No op has a
gradient.

>>> import lltheano.tensor as T
>>> from lltheano import function
>>> rows = TypedListType(T.dvector)("rows")
>>> f = function([rows], [length(rows), rows[-1] * 2])
>>> f([[1.0], [2.0, 3.0]])
[array(2), array([4., 6.])]
"""

from lltheano.compat.typed_lists.ops import (
    Append,
    Count,
    Extend,
    GetItem,
    Index,
    Insert,
    Length,
    MakeList,
    Remove,
    Reverse,
    append,
    count,
    extend,
    getitem,
    index_,
    insert,
    length,
    make_list,
    remove,
    reverse,
)
from lltheano.compat.typed_lists.variables import (
    TypedListConstant,
    TypedListSharedVariable,
    TypedListType,
    TypedListVariable,
)

__all__ = [
    "Append",
    "Count",
    "Extend",
    "GetItem",
    "Index",
    "Insert",
    "Length",
    "MakeList",
    "Remove",
    "Reverse",
    "TypedListConstant",
    "TypedListSharedVariable",
    "TypedListType",
    "TypedListVariable",
    "append",
    "count",
    "extend",
    "getitem",
    "index_",
    "insert",
    "length",
    "make_list",
    "remove",
    "reverse",
]
