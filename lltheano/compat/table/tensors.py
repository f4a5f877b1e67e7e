"""The rows of the table for what `theano.tensor` and its sub-modules have, and no others."""

from lltheano.compat.table.rows import Row, gone, serve

__all__ = ["TENSORS"]

_PRINTED = (
    "pp and debugprint write indexing and reordered axes by themselves; leave the printer out"
)
_WRITE_IT = (
    "an op is written without C: build it from the compiler's ops in `lower`, or compute it in"
    " Python in `perform` (docs/add_an_op.md)"
)

_BASIC = (
    "lltheano.compat.tensor.ops",
    "lltheano.compat.tensor.types",
    "lltheano.compat.tensor.names",
    "lltheano.compat.tensor.permutations",
    "lltheano.compat.tensor.canonical_slices",
)
_BOOLEANS = (
    "AdvancedBooleanIncSubtensor AdvancedBooleanSubtensor BaseAdvancedIncSubtensor"
    " BaseAdvancedSubtensor advanced_boolean_inc_subtensor advanced_boolean_set_subtensor"
    " advanced_boolean_subtensor"
)
_INDEXING = (
    "AdvancedIndexingError AdvancedBooleanIndexingError adv_index_broadcastable_pattern"
    " check_advanced_indexing_dimensions check_and_reject_bool get_idx_list make_constant"
)
_EQUAL = (
    "values_eq_approx_always_true values_eq_approx_remove_inf values_eq_approx_remove_inf_nan"
    " values_eq_approx_remove_nan"
)
_TOLERANCES = " ".join(f"float{bits}_{kind}" for bits in (16, 32, 64) for kind in ("atol", "rtol"))
_CASTS = "autocast_float autocast_float_as"
_GRADIENTS = (
    "DebugMode FAST_RUN get_mode"
    " consider_constant_ disconnected_grad_ disconnected_type mode_not_slow undefined_grad_"
    " zero_grad_"
)

TENSORS: tuple[Row, ...] = (
    *(serve("theano.tensor", one) for one in _BASIC),
    *(serve("theano.tensor.basic", one) for one in _BASIC),
    *(
        row
        for module in ("theano.tensor", "theano.tensor.basic")
        for row in (
            serve(module, "lltheano.compat.tensor.instances", "Default default setdefault"),
            serve(module, "lltheano.compat.scalars", _CASTS),
            serve(module, "lltheano.compat.tensor.tolerances", _TOLERANCES),
            serve(module, "lltheano.errors", "EmptyConstantError ShapeError"),
            serve(module, "lltheano.printing", "min_informative_str"),
            serve(module, "lltheano.scalar", "int32 int32_t=int32"),
            serve(module, "lltheano.tensor.variables.transfer", "register_transfer transfer"),
        )
    ),
    serve("theano.tensor.subtensor", "lltheano.compat.tensor.ops", _BOOLEANS),
    serve("theano.tensor.subtensor", "lltheano.compat.tensor.names", _INDEXING),
    serve("theano.tensor.subtensor", "lltheano.compat.tensor.types"),
    serve("theano.tensor.subtensor", "lltheano.compat.tensor.canonical_slices"),
    serve("theano.tensor.type", "lltheano.compat.tensor.names", _EQUAL),
    serve("theano.tensor.type", "lltheano.tensor.variables.type_methods", "values_eq_approx"),
    serve("theano.tensor.type_other", "lltheano.compat.tensor.types"),
    serve("theano.tensor.opt", "lltheano.tensor", "Shape_i"),
    serve("theano.tensor.fourier", "lltheano.compat.tensor.ops", "Fourier fft"),
    serve(
        "theano.tensor.extra_ops",
        "lltheano.compat.tensor.instances",
        "bartlett_ fill_diagonal_ fill_diagonal_offset_",
    ),
    serve("theano.tensor.extra_ops", "lltheano.compat.tensor.ops", "CumprodOp CumsumOp"),
    serve("theano.tensor.extra_ops", "lltheano.scalar", "int_t=int32"),
    serve("theano.tensor.elemwise", "lltheano.compat.tensor.ops", "ProdWithoutZeros"),
    serve("theano.tensor.elemwise", "lltheano.compat.tensor.instances", "frozendict"),
    serve("theano.tensor.elemwise", "lltheano.compat.scalars", "MulWithoutZeros mul_without_zeros"),
    serve("theano.tensor.slinalg", "lltheano.compat.tensor.instances", "solve_symmetric"),
    serve(
        "theano.gradient",
        "lltheano.compat.tensor.instances",
        f"DebugMode FAST_RUN get_mode {_GRADIENTS}",
    ),
    serve("theano.gradient", "lltheano.function.debugging.debug_checks", "get_debug_values"),
    serve("theano.gradient", "lltheano.graph", "Variable"),
    serve("theano.gradient", "lltheano.ops", "ViewOp"),
    serve("theano.gof.null_type", "lltheano.gradient", "NullType"),
    serve("theano.gof.null_type", "lltheano.graph", "Type"),
    serve("theano.gof.null_type", "lltheano.compat.tensor.instances", "null_type"),
    serve("theano.compat", "io", "BytesIO"),
    serve("theano.compat", "lltheano.compat.misc.helpers", "PY3 cmp operator_div"),
    gone("theano.tensor", "SubtensorPrinter", _PRINTED),
    gone("theano.tensor.subtensor", "SubtensorPrinter", _PRINTED),
    gone("theano.tensor.elemwise", "DimShufflePrinter", _PRINTED),
    gone("theano.tensor.elemwise", "COp", _WRITE_IT),
)
