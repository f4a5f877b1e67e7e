"""NumPy's functions that are no ufuncs, of variables.

A row says which function of the tensor language serves one of NumPy's, and what the parameters of
the latter are, in their order: before the bar operands, which are passed on in that order, behind
it options, which are passed on by name (`a>b` is called b there), except those with a minus, which
say where or how NumPy is to compute, and are refused unless they have their usual value.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from lltheano.dispatch import find
from lltheano.graph.boundary import name_function
from lltheano.tensor.variables.numpy_protocol.refusals import refusal, unwanted

__all__ = ["FUNCTIONS", "apply"]

_REDUCTION = "a | axis -out keepdims -initial -where"
_SUM = "a | axis dtype -out keepdims -initial -where"
_MEAN = "a | axis dtype -out keepdims -where"
_VAR = "a | axis -dtype -out ddof keepdims -where -mean -correction"
_TRUTH = "a | axis -out keepdims -where"
_PLACE = "a | axis -out keepdims"
_RUNNING = "a | axis -dtype -out"
_QUANTILE = "a q | axis -out -overwrite_input method keepdims -weights"
_ALONG = "a | axis -kind -order -stable"

FUNCTIONS: dict[str, tuple[str, str]] = {
    "all": ("all", _TRUTH),
    "allclose": ("allclose", "a b | rtol atol equal_nan"),
    "amax": ("max", _REDUCTION),
    "amin": ("min", _REDUCTION),
    "angle": ("numpy_adapters.angle", "z | deg"),
    "any": ("any", _TRUTH),
    "append": ("append", "arr values | axis"),
    "argmax": ("argmax", _PLACE),
    "argmin": ("argmin", _PLACE),
    "argsort": ("argsort", _ALONG),
    "argwhere": ("numpy_adapters.argwhere", "a |"),
    "around": ("numpy_adapters.round", "a | decimals -out"),
    "array_split": ("numpy_adapters.array_split", "ary indices_or_sections | axis"),
    "astype": ("cast", "x dtype | -copy -device"),
    "atleast_1d": ("atleast_1d", "*"),
    "atleast_2d": ("atleast_2d", "*"),
    "atleast_3d": ("atleast_3d", "*"),
    "average": ("numpy_adapters.average", "a | axis weights -returned keepdims"),
    "bincount": ("bincount", "x | weights minlength"),
    "broadcast_arrays": ("broadcast_arrays", "* -subok"),
    "broadcast_to": ("broadcast_to", "array shape | -subok"),
    "choose": ("choose", "a choices | -out mode"),
    "clip": ("numpy_adapters.clip", "a a_min a_max | -out min max -dtype -casting"),
    "column_stack": ("column_stack", "tup |"),
    "compress": ("compress", "condition a | axis -out"),
    "concatenate": ("numpy_adapters.concatenate", "arrays | axis -out dtype -casting"),
    "copy": ("tensor_copy", "a | -order -subok"),
    "count_nonzero": ("count_nonzero", "a | axis keepdims"),
    "cov": ("cov", "m y | rowvar bias ddof fweights aweights -dtype"),
    "cross": ("cross", "a b | axisa axisb axisc axis"),
    "cumprod": ("cumprod", _RUNNING),
    "cumsum": ("cumsum", _RUNNING),
    "cumulative_prod": ("cumprod", "x | axis -dtype -out -include_initial"),
    "cumulative_sum": ("cumsum", "x | axis -dtype -out -include_initial"),
    "diag": ("diag", "v | k"),
    "diagflat": ("numpy_adapters.diagflat", "v | k"),
    "diagonal": ("diagonal", "a | offset axis1 axis2"),
    "diff": ("numpy_adapters.diff", "a | n axis prepend append"),
    "dot": ("dot", "a b | -out"),
    "dsplit": ("numpy_adapters.dsplit", "ary indices_or_sections |"),
    "dstack": ("dstack", "tup |"),
    "ediff1d": ("numpy_adapters.ediff1d", "ary | to_end to_begin"),
    "einsum": ("numpy_adapters.einsum", "* -out dtype optimize -order -casting"),
    "empty_like": ("numpy_adapters.zeros_like", "prototype | dtype -order -subok shape -device"),
    "expand_dims": ("expand_dims", "a axis |"),
    "extract": ("numpy_adapters.extract", "condition arr |"),
    "fix": ("trunc", "x | -out"),
    "flatnonzero": ("flatnonzero", "a |"),
    "flip": ("flip", "m | axis"),
    "fliplr": ("fliplr", "m |"),
    "flipud": ("flipud", "m |"),
    "full_like": ("numpy_adapters.full_like", "a fill_value | dtype -order -subok shape -device"),
    "hsplit": ("numpy_adapters.hsplit", "ary indices_or_sections |"),
    "hstack": ("hstack", "tup | dtype -casting"),
    "i0": ("i0", "x |"),
    "imag": ("imag", "val |"),
    "inner": ("inner", "a b |"),
    "interp": ("interp", "x xp fp | left right period"),
    "isclose": ("isclose", "a b | rtol atol equal_nan"),
    "iscomplex": ("numpy_adapters.iscomplex", "x |"),
    "iscomplexobj": ("numpy_adapters.iscomplexobj", "x |"),
    "isin": ("isin", "element test_elements | -assume_unique invert -kind"),
    "isneginf": ("isneginf", "x | -out"),
    "isposinf": ("isposinf", "x | -out"),
    "isreal": ("numpy_adapters.isreal", "x |"),
    "isrealobj": ("numpy_adapters.isrealobj", "x |"),
    "kron": ("kron", "a b |"),
    "linspace": ("linspace", "start stop | num endpoint -retstep dtype -axis -device"),
    "logspace": ("numpy_adapters.logspace", "start stop | num endpoint base dtype -axis"),
    "matrix_transpose": ("matrix_transpose", "x |"),
    "max": ("max", _REDUCTION),
    "mean": ("mean", _MEAN),
    "median": ("median", "a | axis -out -overwrite_input keepdims"),
    "meshgrid": ("meshgrid", "* -copy sparse indexing"),
    "min": ("min", _REDUCTION),
    "moveaxis": ("moveaxis", "a source destination |"),
    "nan_to_num": ("nan_to_num", "x | -copy nan posinf neginf"),
    "nanargmax": ("nanargmax", _PLACE),
    "nanargmin": ("nanargmin", _PLACE),
    "nancumprod": ("nancumprod", _RUNNING),
    "nancumsum": ("nancumsum", _RUNNING),
    "nanmax": ("nanmax", _REDUCTION),
    "nanmean": ("nanmean", _MEAN),
    "nanmedian": ("nanmedian", "a | axis -out -overwrite_input keepdims"),
    "nanmin": ("nanmin", _REDUCTION),
    "nanpercentile": ("nanpercentile", _QUANTILE),
    "nanprod": ("nanprod", _SUM),
    "nanquantile": ("nanquantile", _QUANTILE),
    "nanstd": ("nanstd", _VAR),
    "nansum": ("nansum", _SUM),
    "nanvar": ("nanvar", _VAR),
    "ndim": ("numpy_adapters.ndim", "a |"),
    "nonzero": ("nonzero", "a |"),
    "ones_like": ("numpy_adapters.ones_like", "a | dtype -order -subok shape -device"),
    "outer": ("outer", "a b | -out"),
    "pad": ("pad", "array pad_width | mode constant_values"),
    "percentile": ("percentile", _QUANTILE),
    "prod": ("prod", _SUM),
    "ptp": ("numpy_adapters.ptp", _PLACE),
    "quantile": ("quantile", _QUANTILE),
    "ravel": ("flatten", "a | -order"),
    "ravel_multi_index": ("ravel_multi_index", "multi_index dims | mode order"),
    "real": ("real", "val |"),
    "repeat": ("repeat", "a repeats | axis"),
    "reshape": ("reshape", "a shape | -order -copy"),
    "roll": ("roll", "a shift | axis"),
    "rollaxis": ("rollaxis", "a axis start |"),
    "rot90": ("rot90", "m | k axes"),
    "round": ("numpy_adapters.round", "a | decimals -out"),
    "searchsorted": ("searchsorted", "a v | side sorter"),
    "select": ("numpy_adapters.select", "condlist choicelist default |"),
    "shape": ("shape", "a |"),
    "sinc": ("numpy_adapters.sinc", "x |"),
    "size": ("numpy_adapters.size", "a | axis"),
    "sort": ("sort", _ALONG),
    "split": ("numpy_adapters.split", "ary indices_or_sections | axis"),
    "squeeze": ("numpy_adapters.squeeze", "a | axis"),
    "stack": ("numpy_adapters.stack", "arrays | axis -out dtype -casting"),
    "std": ("std", _VAR),
    "sum": ("sum", _SUM),
    "swapaxes": ("swapaxes", "a axis1 axis2 |"),
    "take": ("take", "a indices | axis -out mode"),
    "take_along_axis": ("take_along_axis", "arr indices | axis"),
    "tensordot": ("tensordot", "a b | axes"),
    "tile": ("tile", "A reps |"),
    "trace": ("numpy_adapters.trace", "a | offset axis1 axis2 -dtype -out"),
    "transpose": ("transpose", "a | axes"),
    "trapezoid": ("trapezoid", "y | x dx axis"),
    "tril": ("tril", "m | k"),
    "triu": ("triu", "m | k"),
    "unique": (
        "unique",
        "ar | return_index return_inverse return_counts axis equal_nan -sorted",
    ),
    "unique_values": ("numpy_adapters.unique_values", "x |"),
    "unravel_index": ("unravel_index", "indices shape | order"),
    "vander": ("vander", "x | N increasing"),
    "var": ("var", _VAR),
    "vdot": ("vdot", "a b |"),
    "vsplit": ("numpy_adapters.vsplit", "ary indices_or_sections |"),
    "vstack": ("vstack", "tup | dtype -casting"),
    "where": ("numpy_adapters.where", "condition x y |"),
    "zeros_like": ("numpy_adapters.zeros_like", "a | dtype -order -subok shape -device"),
    "fft.fft": ("fft.fft", "a | n axis norm -out"),
    "fft.fft2": ("numpy_adapters.fft2", "a | s axes norm -out"),
    "fft.fftn": ("fft.fftn", "a | s axes norm -out"),
    "fft.fftshift": ("numpy_adapters.fftshift", "x | axes"),
    "fft.ifft": ("fft.ifft", "a | n axis norm -out"),
    "fft.ifft2": ("numpy_adapters.ifft2", "a | s axes norm -out"),
    "fft.ifftn": ("fft.ifftn", "a | s axes norm -out"),
    "fft.ifftshift": ("numpy_adapters.ifftshift", "x | axes"),
    "fft.rfft": ("numpy_adapters.rfft", "a | n axis norm -out"),
    "linalg.cholesky": ("numpy_adapters.cholesky", "a | upper"),
    "linalg.cross": ("cross", "x1 x2 | axis"),
    "linalg.det": ("nlinalg.det", "a |"),
    "linalg.diagonal": ("numpy_adapters.matrix_diagonal", "x | offset"),
    "linalg.eig": ("nlinalg.eig", "a |"),
    "linalg.eigh": ("nlinalg.eigh", "a | UPLO"),
    "linalg.eigvals": ("numpy_adapters.eigvals", "a |"),
    "linalg.eigvalsh": ("numpy_adapters.eigvalsh", "a | UPLO"),
    "linalg.inv": ("nlinalg.matrix_inverse", "a |"),
    "linalg.matmul": ("matmul", "x1 x2 |"),
    "linalg.matrix_norm": ("numpy_adapters.matrix_norm", "x | keepdims ord"),
    "linalg.matrix_power": ("nlinalg.matrix_power", "a n |"),
    "linalg.matrix_transpose": ("matrix_transpose", "x |"),
    "linalg.multi_dot": ("numpy_adapters.multi_dot", "arrays | -out"),
    "linalg.norm": ("numpy_adapters.norm", "x | ord axis keepdims"),
    "linalg.outer": ("outer", "x1 x2 |"),
    "linalg.pinv": ("nlinalg.pinv", "a | -rcond -hermitian -rtol"),
    "linalg.qr": ("nlinalg.qr", "a | mode"),
    "linalg.slogdet": ("linalg.slogdet", "a |"),
    "linalg.solve": ("slinalg.solve", "a b |"),
    "linalg.svd": ("nlinalg.svd", "a | full_matrices compute_uv -hermitian"),
    "linalg.svdvals": ("numpy_adapters.svdvals", "x |"),
    "linalg.tensordot": ("tensordot", "x1 x2 | axes"),
    "linalg.tensorinv": ("nlinalg.tensorinv", "a | ind"),
    "linalg.tensorsolve": ("nlinalg.tensorsolve", "a b | axes"),
    "linalg.trace": ("numpy_adapters.matrix_trace", "x | offset -dtype"),
    "linalg.vecdot": ("vecdot", "x1 x2 | axis"),
    "linalg.vector_norm": ("numpy_adapters.vector_norm", "x | axis keepdims ord"),
}
"""The function of the tensor language for each of NumPy's, and NumPy's parameters."""

_HARMLESS: dict[str, Sequence[Any]] = {
    "casting": ("same_kind",),
    "copy": (True,),
    "device": ("cpu",),
    "kind": ("quicksort", "mergesort", "heapsort", "stable"),
    "order": ("C", "K", "A"),
    "overwrite_input": (True,),
    "sorted": (True,),
    "stable": (True,),
    "subok": (True,),
    "where": (True,),
    "assume_unique": (True,),
}
"""Values of parameters that change nothing; None and False never do."""


def apply(function: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """Build the graph of a call of one of NumPy's functions; TypeError where none can be built."""
    name = f"{function.__module__}.{function.__name__}".removeprefix("numpy.")
    row = FUNCTIONS.get(name)
    try:
        target = None if row is None else find(row[0])
    except LookupError:
        target = None
    if row is None or target is None:
        raise refusal(name)
    operands, options = _arguments(name, row[1], args, kwargs)
    try:
        return target(*operands, **options)
    except (TypeError, ValueError, IndexError) as error:
        name_function(error, f"np.{name}")
        raise


def _arguments(
    name: str, parameters: str, args: Sequence[Any], kwargs: Mapping[str, Any]
) -> tuple[list[Any], dict[str, Any]]:
    """The operands and the options of a call, as the function that serves takes them."""
    first, _, rest = parameters.partition("|")
    if parameters.startswith("*"):
        operands, rest, bound = [*args], parameters[1:], dict(kwargs)
        names: list[str] = []
    else:
        names = first.split()
        everything = [one.lstrip("-") for one in (*names, *rest.split())]
        if len(args) > len(everything):
            raise refusal(name, f"it takes {len(everything)} arguments, got {len(args)}")
        bound = dict(zip(everything, args, strict=False)) | dict(kwargs)
        operands = [bound.pop(one) for one in names if one in bound]
    bound = {key: one for key, one in bound.items() if type(one).__name__ != "_NoValueType"}
    refused = {one[1:] for one in rest.split() if one.startswith("-")}
    known = {one.lstrip("-") for one in rest.split()}
    wrong = {
        key: one
        for key, one in bound.items()
        if key not in known or (key in refused and not _is_harmless(key, one))
    }
    if wrong:
        raise unwanted(name, wrong)
    return operands, {key: one for key, one in bound.items() if key not in refused}


def _is_harmless(key: str, value: Any) -> bool:
    if value is None or value is False:
        return True
    return isinstance(value, bool | str) and value in _HARMLESS.get(key, ())
