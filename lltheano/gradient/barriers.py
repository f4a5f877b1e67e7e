"""Ops that pass a value on unchanged and do something to its gradient; and what stands for none."""

from collections.abc import Sequence
from typing import Any, ClassVar

from lltheano.graph import Apply, Op, Variable
from lltheano.graph.gradient_types import disconnected, undefined, zero
from lltheano_ir.builder import Builder
from lltheano_ir.nodes import Value
from lltheano_ir.records import record

__all__ = [
    "ConsiderConstant",
    "DisconnectedGrad",
    "GradClip",
    "GradScale",
    "UndefinedGrad",
    "ZeroGrad",
    "consider_constant",
    "disconnected_grad",
    "grad_clip",
    "grad_not_implemented",
    "grad_scale",
    "grad_undefined",
    "passed_on",
    "undefined_grad",
    "zero_grad",
]


class _Identity(Op):
    """Pass the value on; `function` is the name of the function that does so."""

    function: ClassVar[str]

    def make_node(self, x: Any) -> Apply:
        """Any variable."""
        if not isinstance(x, Variable):
            raise TypeError(f"{self} takes a symbolic variable, got {x!r:.80}")
        return Apply(self, [x], [x.type.make_variable()])

    def lower(self, builder: Builder, node: Apply, inputs: Sequence[Value]) -> list[Value]:
        """Nothing is computed."""
        return [inputs[0]]

    def __str__(self) -> str:
        return self.function


@record(frozen=True)
class _Pass(_Identity):
    function: ClassVar[str] = "passed_on"

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """The gradient itself."""
        return [output_gradients[0]]


@record(frozen=True)
class DisconnectedGrad(_Identity):
    """The op of `disconnected_grad`.

    >>> import lltheano.tensor as T
    >>> isinstance(disconnected_grad(T.dscalar()).owner.op, DisconnectedGrad)
    True
    """

    function: ClassVar[str] = "disconnected_grad"

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """None: the cost counts as independent."""
        return [disconnected()]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """The variable does not connect."""
        return [[False]]


@record(frozen=True)
class ZeroGrad(_Identity):
    """The op of `zero_grad`.

    >>> import lltheano.tensor as T
    >>> isinstance(zero_grad(T.dscalar()).owner.op, ZeroGrad)
    True
    """

    function: ClassVar[str] = "zero_grad"

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """Zero."""
        return [zero()]


@record(frozen=True)
class ConsiderConstant(ZeroGrad):
    """The op of `consider_constant`.

    >>> import lltheano.tensor as T
    >>> isinstance(consider_constant(T.dscalar()).owner.op, ConsiderConstant)
    True
    """

    function: ClassVar[str] = "consider_constant"


@record(frozen=True)
class UndefinedGrad(_Identity):
    """The op of `undefined_grad`.

    >>> import lltheano.tensor as T
    >>> isinstance(undefined_grad(T.dscalar()).owner.op, UndefinedGrad)
    True
    """

    function: ClassVar[str] = "undefined_grad"

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """None, and an error."""
        return [undefined(f"{inputs[0].describe()} was passed to undefined_grad")]


@record(frozen=True)
class GradClip(_Identity):
    """The op of `grad_clip`. ValueError when the bounds cross.

    >>> import lltheano.tensor as T
    >>> grad_clip(T.dscalar(), -1, 1).owner.op.clip_upper_bound
    1
    """

    function: ClassVar[str] = "grad_clip"
    clip_lower_bound: float
    clip_upper_bound: float

    def __post_init__(self) -> None:
        bounds = self.clip_lower_bound, self.clip_upper_bound
        if bounds[0] > bounds[1]:
            raise ValueError("grad_clip needs lower <= upper, got {} and {}".format(*bounds))

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """The gradient, limited."""
        gradient: Any = output_gradients[0]
        return [gradient.clip(self.clip_lower_bound, self.clip_upper_bound)]


@record(frozen=True)
class GradScale(_Identity):
    """The op of `grad_scale`.

    >>> import lltheano.tensor as T
    >>> grad_scale(T.dscalar(), 0.5).owner.op.multiplier
    0.5
    """

    function: ClassVar[str] = "grad_scale"
    multiplier: float

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """The gradient, multiplied."""
        gradient: Any = output_gradients[0]
        return [gradient * self.multiplier]


def passed_on(x: Any) -> Any:
    """Return `x` as another variable, to which a gradient of its own can be given, beside those
    that reach `x` by other ways.
    """
    return _Pass()(x)


def disconnected_grad(x: Any) -> Any:
    """Return `x`; a cost is taken not to depend on it this way.

    >>> import lltheano.tensor as T
    >>> x = T.dscalar("x")
    >>> T.grad(disconnected_grad(x) * x, x).eval({x: 3.0})
    array(3.)
    """
    return DisconnectedGrad()(x)


def zero_grad(x: Any) -> Any:
    """Return `x`; its gradient this way is zero.

    >>> import lltheano.tensor as T
    >>> x = T.dscalar("x")
    >>> T.grad(zero_grad(x), x).eval({x: 3.0})
    array(0.)
    """
    return ZeroGrad()(x)


def consider_constant(x: Any) -> Any:
    """Return `x`; its gradient this way is zero. An older name of `zero_grad`.

    >>> import lltheano.tensor as T
    >>> x = T.dscalar("x")
    >>> T.grad(consider_constant(x) * x, x).eval({x: 3.0})
    array(3.)
    """
    return ConsiderConstant()(x)


def undefined_grad(x: Any) -> Any:
    """Return `x`; a gradient that passes here is an error.

    >>> import lltheano.tensor as T
    >>> x = T.dscalar("x")
    >>> T.grad(undefined_grad(x), x)
    Traceback (most recent call last):
    lltheano.errors.NullTypeGradError: there is no gradient with respect to x ...
    """
    return UndefinedGrad()(x)


def grad_clip(x: Any, lower_bound: float, upper_bound: float) -> Any:
    """Return `x`; each element of its gradient is limited to the bounds. ValueError when they
    cross.

    >>> import lltheano.tensor as T
    >>> x = T.dscalar("x")
    >>> T.grad(grad_clip(x, -1, 1) * 9, x).eval({x: 3.0})
    array(1.)
    """
    return GradClip(lower_bound, upper_bound)(x)


def grad_scale(x: Any, multiplier: float) -> Any:
    """Return `x`; its gradient is multiplied by `multiplier`.

    >>> import lltheano.tensor as T
    >>> x = T.dscalar("x")
    >>> T.grad(grad_scale(x, 0.5) * 9, x).eval({x: 3.0})
    array(4.5)
    """
    return GradScale(multiplier)(x)


def grad_not_implemented(op: Op, x_pos: int, x: Variable, comment: str = "") -> Variable:
    """Return what an op's gradient gives for an input whose gradient nobody has written yet.

    >>> import lltheano.tensor as T
    >>> grad_not_implemented(T.exp, 0, T.dscalar("x"), "too hard").type.why
    'exp does not implement it for input 0, x (...): too hard'
    """
    return undefined(_reason(f"{op} does not implement it for input {x_pos}", x, comment))


def grad_undefined(op: Op, x_pos: int, x: Variable, comment: str = "") -> Variable:
    """Return what an op's gradient gives for an input for which there is none.

    >>> import lltheano.tensor as T
    >>> grad_undefined(T.exp, 0, T.dscalar("x")).type.why
    'exp has none for input 0, x (...)'
    """
    return undefined(_reason(f"{op} has none for input {x_pos}", x, comment))


def _reason(what: str, x: Variable, comment: str) -> str:
    return f"{what}, {x.describe()}" + (f": {comment}" if comment else "")
