"""The classes of scalar ops: what belongs to them besides their instances.

A scalar is a tensor without axes, so applying a scalar op to scalar variables gives an application
of the elementwise op. Programs ask `isinstance(node.op, scalar.IntDiv)` of such an application, and
it is so.
"""

from abc import ABCMeta
from typing import Any

from lltheano.tensor.elementwise.elemwise import Elemwise

__all__ = ["ScalarOpClass"]


class ScalarOpClass(ABCMeta):
    """The metaclass of scalar ops: an elementwise op counts as an instance of what its `scalar_op`
    is an instance of, except of the classes that are a `family`, such as `ScalarOp` itself: those
    are asked for in order to tell the two kinds of ops apart.
    """

    def __instancecheck__(cls, instance: Any) -> bool:
        if super().__instancecheck__(instance):
            return True
        if vars(cls).get("family", False) or not isinstance(instance, Elemwise):
            return False
        return super().__instancecheck__(instance.scalar_op)
