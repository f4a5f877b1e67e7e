"""The functions that all convolutions of a program share, for each dtype and number of axes.

Each holds both ways, and chooses by sizes: products of matrices, or loops over lines.
"""

from collections.abc import Callable, Mapping
from functools import cache, lru_cache

from lltheano_ir.dtypes import DType, bool_
from lltheano_ir.loops.builder import number
from lltheano_ir.loops.nodes import Buffer, LoopFunction, Store
from lltheano_ir.lowering.convolution.direct import Direct
from lltheano_ir.lowering.convolution.places import Places, finished, geometry_of, tensor
from lltheano_ir.lowering.convolution.products import Products
from lltheano_ir.lowering.function_builder import FunctionBuilder
from lltheano_ir.lowering.statements import choose
from lltheano_ir.ops.linalg.matrices import LIBRARY_DTYPES
from lltheano_ir.records import record

__all__ = ["LEAST_FILTERS", "Kernel", "kernel", "turning_function"]

LEAST_FILTERS = 4
"""From how many filters a group on a convolution is made of products of matrices."""


@record(frozen=True)
class Kernel:
    """A function, with those that it calls."""

    function: LoopFunction
    called: Mapping[str, LoopFunction]


@record(frozen=True)
class _Form:
    """Which of the three tensors a function fills, and how."""

    written: str
    direct: Callable[[Direct], None]
    products: Callable[[Products], None]


_FORMS: Mapping[str, _Form] = {
    "convolve": _Form("outputs", Direct.forward, Products.forward),
    "convolve_images": _Form("images", Direct.by_images, Products.by_images),
    "convolve_filters": _Form("filters", Direct.by_filters, Products.by_filters),
}


@lru_cache(64)
def kernel(op: str, axes: int, dtype: DType, entry: str) -> Kernel:
    """The function of an op, in a module whose entry has a name.

    It is handed images, filters and outputs, of which it fills one, and where they meet.
    """
    context = FunctionBuilder(entry=entry)
    tensors = {
        name: tensor(context, name, dtype, 2 + axes) for name in ("images", "filters", "outputs")
    }
    form, geometry = _FORMS[op], geometry_of(axes)
    _emit(context, form, tensors, geometry)
    read = [buffer for name, buffer in tensors.items() if name != form.written]
    written = tensors[form.written]
    function = finished(f"{op}{axes}.{dtype}", context, [written], [*read, geometry])
    return Kernel(function, context.functions)


def _emit(
    context: FunctionBuilder, form: _Form, tensors: Mapping[str, Buffer], geometry: Buffer
) -> None:
    images, filters, outputs = tensors["images"], tensors["filters"], tensors["outputs"]
    places = Places(context, geometry, images)

    def direct() -> None:
        form.direct(Direct(places, filters, outputs))

    def products() -> None:
        form.products(Products(places, geometry, filters, outputs))

    if images.dtype.name not in LIBRARY_DTYPES:
        direct()
        return
    each = context.index_op("floordiv", filters.sizes[0], places.groups)
    few = context.let("lt", bool_, each, number(LEAST_FILTERS))
    choose(context, few, direct, products)


@cache
def turning_function(axes: int, dtype: DType) -> LoopFunction:
    """The function that turns filters around: along each axis from the last place to the first."""
    context = FunctionBuilder()
    filters = tensor(context, "filters", dtype, 2 + axes)
    target = Buffer(context.named("turned"), dtype, filters.sizes)
    with context.loops(filters.sizes) as (one, channel, *places):
        turned = [
            context.index_op("sub", context.index_op("sub", size, number(1)), place)
            for size, place in zip(filters.sizes[2:], places, strict=True)
        ]
        element = context.load(filters, (one, channel, *turned))
        context.emit(Store(target, (one, channel, *places), element))
    return finished(f"turn{axes}.{dtype}", context, [target], [filters])
