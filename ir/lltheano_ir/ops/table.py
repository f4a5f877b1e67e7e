"""The op table: every op of the tensor IR by its name."""

from lltheano_ir.ops.callback import CALLBACK
from lltheano_ir.ops.control import CONTROL
from lltheano_ir.ops.convolution import CONVOLUTIONS
from lltheano_ir.ops.definition import Op
from lltheano_ir.ops.elementwise import ELEMENTWISE
from lltheano_ir.ops.indexing import INDEXING
from lltheano_ir.ops.linalg.dot import LINALG
from lltheano_ir.ops.linalg.factorisation import FACTORISATIONS
from lltheano_ir.ops.linalg.sylvester import SCHUR_FORMS
from lltheano_ir.ops.ordering import ORDERING
from lltheano_ir.ops.pooling import POOLING
from lltheano_ir.ops.reduction import REDUCTIONS
from lltheano_ir.ops.sparse import SPARSE
from lltheano_ir.ops.structure import STRUCTURE
from lltheano_ir.ops.transform import TRANSFORMS

__all__ = ["OPS", "op_named"]

_FAMILIES = (
    STRUCTURE,
    ELEMENTWISE,
    REDUCTIONS,
    ORDERING,
    INDEXING,
    LINALG,
    CONVOLUTIONS,
    POOLING,
    SPARSE,
    FACTORISATIONS,
    SCHUR_FORMS,
    TRANSFORMS,
    CONTROL,
    CALLBACK,
)

OPS: dict[str, Op] = {op.name: op for family in _FAMILIES for op in family}


def op_named(name: str) -> Op:
    """Return the op called `name`; ValueError when there is none.

    >>> op_named("add").summary
    'x + y'
    """
    try:
        return OPS[name]
    except KeyError:
        raise ValueError(f"no op is called {name!r}; the ops are {', '.join(OPS)}") from None
