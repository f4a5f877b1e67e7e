"""Op classes of `theano.tensor` that nothing in the tensor language builds by itself."""

from abc import ABCMeta
from collections.abc import Sequence
from typing import Any

from lltheano.graph import Apply, Op, Variable
from lltheano.scalar import get_scalar_type
from lltheano.scalar.types import Scalar
from lltheano.tensor import alloc, constant, eq, flatten, mean, prod, switch, tile
from lltheano.tensor.fft import fft as transform
from lltheano.tensor.indexing.functions import subtensor
from lltheano.tensor.indexing.ops import (
    AdvancedIncSubtensor,
    AdvancedIncSubtensor1,
    AdvancedSubtensor,
    AdvancedSubtensor1,
)
from lltheano.tensor.indexing.picking import advanced_inc_subtensor, advanced_set_subtensor
from lltheano.tensor.indexing.template import Mask
from lltheano.tensor.inner_graphs.composed import ComposedOp
from lltheano.tensor.reductions.cumulative import CumOp
from lltheano.tensor.shapes.sizes import as_sizes
from lltheano.tensor.shapes.symbolic_axes import is_none
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.promotion import canonical_dtype
from lltheano.tensor.variables.variable import TensorType, TensorVariable
from lltheano_ir.builder import Builder
from lltheano_ir.nodes import Value

__all__ = [
    "AdvancedBooleanIncSubtensor",
    "AdvancedBooleanSubtensor",
    "AllocEmpty",
    "BaseAdvancedIncSubtensor",
    "BaseAdvancedSubtensor",
    "CumprodOp",
    "CumsumOp",
    "Flatten",
    "Fourier",
    "Mean",
    "ProdWithoutZeros",
    "ScalarFromTensor",
    "TensorFromScalar",
    "Tile",
    "advanced_boolean_inc_subtensor",
    "advanced_boolean_set_subtensor",
    "advanced_boolean_subtensor",
    "fft",
    "scalar_from_tensor",
    "tensor_from_scalar",
]


class AllocEmpty(ComposedOp):
    """A tensor of the given sizes, whose elements nobody relies on; here they are zeros.

    >>> AllocEmpty("float32")(2, 3).eval().shape
    (2, 3)
    """

    __props__ = ("dtype",)

    def __init__(self, dtype: Any) -> None:
        self.dtype = canonical_dtype(dtype)

    def operands(self, *inputs: Any) -> list[TensorVariable]:
        """The sizes, one by one."""
        return as_sizes(list(inputs))

    def build(self, *operands: TensorVariable) -> TensorVariable:
        """Zeros."""
        return alloc(constant(0, dtype=self.dtype), *operands)


class Mean(ComposedOp):
    """The op of `mean` along an axis, a list of axes, or all for None.

    >>> Mean(axis=1)([[1, 2], [3, 5]]).eval()
    array([1.5, 4. ])
    """

    __props__ = ("axis",)

    def __init__(self, axis: Any = None) -> None:
        self.axis = tuple(axis) if isinstance(axis, list | tuple) else axis

    def build(self, *operands: TensorVariable) -> TensorVariable:
        """The function of that name."""
        return mean(operands[0], self.axis)


class Tile(ComposedOp):
    """The op of `tile` for results of `ndim` axes: it is applied to a tensor and a vector.

    >>> Tile(1)([1, 2], [2]).eval()
    array([1, 2, 1, 2])
    """

    __props__ = ("ndim",)

    def __init__(self, ndim: int) -> None:
        self.ndim = ndim

    def operands(self, *inputs: Any) -> list[TensorVariable]:
        """The tensor, and the numbers of repetitions one by one."""
        x, *given = inputs
        return [as_tensor_variable(x), *as_sizes(given[0] if len(given) == 1 else given, self.ndim)]

    def build(self, *operands: TensorVariable) -> TensorVariable:
        """The function of that name."""
        x, *reps = operands
        return tile(x, reps, self.ndim)


class Flatten(ComposedOp):
    """The op that merges the trailing axes, so that `outdim` remain.

    >>> Flatten(1)([[1, 2], [3, 4]]).eval()
    array([1, 2, 3, 4])
    """

    __props__ = ("outdim",)

    def __init__(self, outdim: int = 1) -> None:
        if outdim < 1:
            raise ValueError(f"Flatten leaves at least one axis, got outdim={outdim}")
        self.outdim = int(outdim)

    def build(self, *operands: TensorVariable) -> TensorVariable:
        """The function of that name."""
        return flatten(operands[0], self.outdim)


class ProdWithoutZeros(ComposedOp):
    """The product along axes of the elements that are not zero; 1 where there are none.

    The dtypes are those of `prod`.

    >>> ProdWithoutZeros(axis=1)([[1, 2, 3], [0, 5, 6], [0, 0, 0]]).eval()
    array([ 6, 30,  1])
    """

    __props__ = ("axis", "dtype", "acc_dtype")

    def __init__(self, axis: Any = None, dtype: Any = None, acc_dtype: Any = None) -> None:
        self.axis = tuple(axis) if isinstance(axis, list | tuple) else axis
        self.dtype = None if dtype is None else canonical_dtype(dtype)
        self.acc_dtype = None if acc_dtype is None else canonical_dtype(acc_dtype)

    def build(self, *operands: TensorVariable) -> TensorVariable:
        """A product in which zeros are ones."""
        (x,) = operands
        one = constant(1, dtype=x.dtype)
        return prod(switch(eq(x, 0), one, x), self.axis, self.dtype, acc_dtype=self.acc_dtype)


class Fourier(ComposedOp):
    """The discrete Fourier transform of `n` elements along an axis, of an older interface.

    It is applied to a tensor, the number of elements, and the axis, both of which are known; it is
    `lltheano.tensor.fft.fft`.

    >>> fft([1.0, 1.0], 2, 0).eval()
    array([2.+0.j, 0.+0.j])
    """

    __props__ = ("n", "axis")

    def __init__(self, n: int | None = None, axis: int = -1) -> None:
        self.n = n
        self.axis = axis

    def build(self, *operands: TensorVariable) -> TensorVariable:
        """The function of that name."""
        return transform(operands[0], self.n, self.axis)


def fft(a: object, n: Any = None, axis: Any = -1) -> TensorVariable:
    """Return the discrete Fourier transform of `n` elements of `a` along `axis`.

    The older interface of `lltheano.tensor.fft.fft`; `n` and `axis` are numbers or constants.

    >>> fft([1.0, -1.0, 0.0], 2).eval()
    array([0.+0.j, 2.+0.j])
    """
    count = None if is_none(n) else int(as_tensor_variable(n).get_scalar_constant_value())
    index = int(as_tensor_variable(axis).get_scalar_constant_value())
    result: TensorVariable = Fourier(count, index)(a)
    return result


class _SameValue(Op):
    """An op between the two kinds of variables without axes; nothing is computed."""

    __props__ = ()

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """The gradient itself."""
        return list(output_gradients)

    def lower(self, builder: Builder, node: Apply, inputs: Sequence[Value]) -> list[Value]:
        """The value itself."""
        return [inputs[0]]


class TensorFromScalar(_SameValue):
    """A scalar variable as a tensor without axes.

    >>> from lltheano import scalar
    >>> tensor_from_scalar(scalar.float64("x")).type
    TensorType(float64, scalar)
    """

    def make_node(self, s: Any) -> Apply:
        """A variable of a scalar type."""
        if not isinstance(s, Variable) or not isinstance(s.type, Scalar):
            raise TypeError(f"a variable of a scalar type is wanted, got {s!r:.80}")
        return Apply(self, [s], [TensorType(s.type.dtype, ())()])


class ScalarFromTensor(_SameValue):
    """A tensor without axes as a scalar variable.

    >>> import lltheano.tensor as T
    >>> scalar_from_tensor(T.dscalar("x")).type
    Scalar(float64)
    """

    def make_node(self, t: Any) -> Apply:
        """A tensor without axes."""
        x = as_tensor_variable(t)
        if x.ndim:
            raise TypeError(f"a tensor without axes is wanted, got {x.describe()}")
        return Apply(self, [x], [get_scalar_type(x.dtype)()])


tensor_from_scalar = TensorFromScalar()
scalar_from_tensor = ScalarFromTensor()


class _Kind(ABCMeta):
    """The metaclass of names for some of the ops that another class makes: what a name is called
    with goes to that class, and `holds` says which ops are of the name.
    """

    def __instancecheck__(cls, instance: Any) -> bool:
        holds: Any = vars(cls).get("holds")
        return bool(holds(instance)) if holds else super().__instancecheck__(instance)


class CumsumOp(metaclass=_Kind):
    """`CumOp` of sums, by its older name.

    >>> CumsumOp(axis=0) == CumOp(0, "add"), isinstance(CumOp(0, "mul"), CumsumOp)
    (True, False)
    """

    holds = staticmethod(lambda op: isinstance(op, CumOp) and op.mode == "add")

    def __new__(cls, axis: int | None = None) -> Any:
        """Return the op."""
        return CumOp(axis, "add")


class CumprodOp(metaclass=_Kind):
    """`CumOp` of products, by its older name.

    >>> CumprodOp(axis=0) == CumOp(0, "mul")
    True
    """

    holds = staticmethod(lambda op: isinstance(op, CumOp) and op.mode == "mul")

    def __new__(cls, axis: int | None = None) -> Any:
        """Return the op."""
        return CumOp(axis, "mul")


class BaseAdvancedSubtensor(metaclass=_Kind):
    """What the ops that read by arrays of indices or masks have in common."""

    holds = staticmethod(lambda op: isinstance(op, AdvancedSubtensor | AdvancedSubtensor1))


class BaseAdvancedIncSubtensor(metaclass=_Kind):
    """What the ops that write by arrays of indices or masks have in common."""

    holds = staticmethod(lambda op: isinstance(op, AdvancedIncSubtensor | AdvancedIncSubtensor1))


def _has_mask(op: Any) -> bool:
    return any(isinstance(entry, Mask) for entry in op.template.entries)


class AdvancedBooleanSubtensor(metaclass=_Kind):
    """What reads by masks: `AdvancedBooleanSubtensor()(x, *index)` is `x[index]`.

    >>> import lltheano.tensor as T
    >>> part = T.dvector("x")[T.dvector("x") > 0]
    >>> isinstance(part.owner.op, AdvancedBooleanSubtensor)
    True
    """

    holds = staticmethod(lambda op: isinstance(op, AdvancedSubtensor) and _has_mask(op))

    def __call__(self, x: Any, *index: Any) -> TensorVariable:
        """Return the part."""
        return subtensor(x, index)


class AdvancedBooleanIncSubtensor(metaclass=_Kind):
    """What writes by masks: `AdvancedBooleanIncSubtensor()(x, y, *index)` is `x` with the part
    `x[index]` increased by `y`, or replaced.

    >>> AdvancedBooleanIncSubtensor()([1, 2], 5, [True, False]).eval().tolist()
    [6, 2]
    """

    holds = staticmethod(lambda op: isinstance(op, AdvancedIncSubtensor) and _has_mask(op))

    def __init__(self, inplace: bool = False, set_instead_of_inc: bool = False) -> None:
        self.inplace = inplace
        self.set_instead_of_inc = set_instead_of_inc

    def __call__(self, x: Any, y: Any, *index: Any) -> TensorVariable:
        """Return the tensor with the part written to."""
        write = advanced_set_subtensor if self.set_instead_of_inc else advanced_inc_subtensor
        return write(x, y, *index)


advanced_boolean_subtensor = AdvancedBooleanSubtensor()
advanced_boolean_inc_subtensor = AdvancedBooleanIncSubtensor()
advanced_boolean_set_subtensor = AdvancedBooleanIncSubtensor(set_instead_of_inc=True)
