"""The compiler's convolution and its two gradients, of which each has the other two as its own."""

from collections.abc import Sequence
from typing import Any, ClassVar

from lltheano.graph.core import Apply, Op, Variable
from lltheano.graph.gradient_types import disconnected
from lltheano.interfaces.layers import language
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.promotion import is_complex, is_discrete
from lltheano.tensor.variables.variable import TensorType, TensorVariable
from lltheano_ir.builder import Builder
from lltheano_ir.nodes import Value
from lltheano_ir.ops.convolution import FORMS, spatial_axes
from lltheano_ir.records import record

__all__ = ["Convolve", "ConvolveFilters", "ConvolveImages", "Meeting"]


@record(frozen=True)
class Meeting:
    """How filters go over images: frames, dilations and steps by spatial axis, numbers or integer
    variables.
    """

    before: Sequence[Any]
    dilations: Sequence[Any]
    steps: Sequence[Any]

    @property
    def numbers(self) -> list[Any]:
        """All of them, as operands."""
        return [*self.before, *self.dilations, *self.steps]


@record(frozen=True)
class _Primitive(Op):
    """An op on two tensors, the spatial sizes of the result, and how filters meet images.

    Attributes
    ----------
    groups
        Into how many groups channels are divided.
    flips
        Whether filters are turned around.
    """

    groups: int = 1
    flips: bool = True

    lowered: ClassVar[str]

    def apply(self, x: Any, y: Any, sizes: Sequence[Any], meeting: Meeting) -> TensorVariable:
        """Apply the op."""
        result: TensorVariable = self(x, y, *sizes, *meeting.numbers)
        return result

    def make_node(self, x: Any, y: Any, *numbers: Any) -> Apply:
        """TypeError for tensors and numbers of which there is no convolution."""
        x, y = as_tensor_variable(x), as_tensor_variable(y)
        axes = spatial_axes(2 + len(numbers))
        if x.ndim != axes + 2 or y.ndim != axes + 2 or len(numbers) != 4 * axes:
            raise TypeError(
                f"{self} takes two tensors of two axes and some spatial ones, and four integers for"
                f" each of these, got {x.describe()}, {y.describe()} and {len(numbers)} numbers"
            )
        if x.dtype != y.dtype:
            raise TypeError(f"{self}: {x.describe()} and {y.describe()} differ in their dtypes")
        given = [as_tensor_variable(one) for one in numbers]
        for one in given:
            if one.ndim or not is_discrete(one.dtype):
                raise TypeError(f"{self} needs integers, got {one.describe()}")
        kind = TensorType(x.dtype, (*self._outer(x, y), *(False,) * axes))
        return Apply(self, [x, y, *(one.astype("int64") for one in given)], [kind()])

    def _outer(self, x: TensorVariable, y: TensorVariable) -> tuple[bool, bool]:
        """Whether the result's first axes are known to have size 1."""
        raise NotImplementedError

    def gradients(
        self, x: TensorVariable, y: TensorVariable, g: TensorVariable, meeting: Meeting
    ) -> tuple[TensorVariable, TensorVariable]:
        """The gradients by both tensors, which are conjugated already."""
        raise NotImplementedError

    def L_op(  # noqa: N802
        self, inputs: Sequence[Variable], outputs: Sequence[Variable], output_gradients: Any
    ) -> list[Variable]:
        """Two of the three, each; complex operands conjugated."""
        x, y, *numbers = map(as_tensor_variable, inputs)
        axes = x.ndim - 2
        parts = [numbers[part * axes : (part + 1) * axes] for part in range(1, 4)]
        (g,) = output_gradients
        g = as_tensor_variable(g)
        by_both = self.gradients(_conjugate(x), _conjugate(y), g, Meeting(*parts))
        return [*by_both, *(disconnected() for _ in numbers)]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Only the tensors connect."""
        return [[True], [True], *([False] for _ in node.inputs[2:])]

    def lower(self, builder: Builder, node: Apply, inputs: Sequence[Value]) -> list[Value]:
        """The compiler's own."""
        x, y, *numbers = inputs
        axes = spatial_axes(len(inputs))
        sizes, *rest = (numbers[part * axes : (part + 1) * axes] for part in range(4))
        form = FORMS[self.flips]
        return [
            builder.convolution(
                self.lowered, (x, y), sizes, *rest, groups=self.groups, filters=form
            )
        ]

    def __str__(self) -> str:
        return f"{type(self).__name__}{{groups={self.groups}, flips={self.flips}}}"


def _conjugate(x: TensorVariable) -> TensorVariable:
    return language.conj(x) if is_complex(x.dtype) else x


def _spatial(x: TensorVariable) -> list[Any]:
    return [x.shape[axis] for axis in range(2, x.ndim)]


@record(frozen=True)
class Convolve(_Primitive):
    """The convolution of images (count, channels, sizes) with filters (count, channels, sizes)."""

    lowered = "convolve"

    def _outer(self, x: TensorVariable, y: TensorVariable) -> tuple[bool, bool]:
        return x.broadcastable[0], y.broadcastable[0]

    def gradients(
        self, x: TensorVariable, y: TensorVariable, g: TensorVariable, meeting: Meeting
    ) -> tuple[TensorVariable, TensorVariable]:
        """By images, and by filters."""
        options = self.groups, self.flips
        return (
            ConvolveImages(*options).apply(y, g, _spatial(x), meeting),
            ConvolveFilters(*options).apply(x, g, _spatial(y), meeting),
        )


@record(frozen=True)
class ConvolveImages(_Primitive):
    """The gradient of a convolution by its images, from filters and the result's gradient."""

    lowered = "convolve_images"

    def _outer(self, x: TensorVariable, y: TensorVariable) -> tuple[bool, bool]:
        return y.broadcastable[0], x.broadcastable[1] and self.groups == 1

    def gradients(
        self, x: TensorVariable, y: TensorVariable, g: TensorVariable, meeting: Meeting
    ) -> tuple[TensorVariable, TensorVariable]:
        """By filters, and by the gradient."""
        options = self.groups, self.flips
        return (
            ConvolveFilters(*options).apply(g, y, _spatial(x), meeting),
            Convolve(*options).apply(g, x, _spatial(y), meeting),
        )


@record(frozen=True)
class ConvolveFilters(_Primitive):
    """The gradient of a convolution by its filters, from images and the result's gradient."""

    lowered = "convolve_filters"

    def _outer(self, x: TensorVariable, y: TensorVariable) -> tuple[bool, bool]:
        return y.broadcastable[1], x.broadcastable[1] and self.groups == 1

    def gradients(
        self, x: TensorVariable, y: TensorVariable, g: TensorVariable, meeting: Meeting
    ) -> tuple[TensorVariable, TensorVariable]:
        """By images, and by the gradient."""
        options = self.groups, self.flips
        return (
            ConvolveImages(*options).apply(g, y, _spatial(x), meeting),
            Convolve(*options).apply(x, g, _spatial(y), meeting),
        )
