"""NumPy's functions that are no ufuncs, of variables.

A row says which function of the tensor language serves one of NumPy's, and what the parameters of
the latter are, in their order: before the bar operands, which are passed on in that order, behind
it options, which are passed on by name (`a>b` is called b there), except those with a minus, which
say where or how NumPy is to compute, and are refused unless they have their usual value.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import lltheano.tensor as T
from lltheano.graph.boundary import name_function
from lltheano.lazy import LazyModule
from lltheano.tensor.numpy_protocol.refusals import refusal, unwanted

if TYPE_CHECKING:
    from lltheano.tensor.numpy_protocol import adapters
else:
    adapters = LazyModule("lltheano.tensor.numpy_protocol.adapters")

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

FUNCTIONS: dict[str, tuple[Callable[[], Callable[..., Any]], str]] = {
    "all": (lambda: T.all, _TRUTH),
    "allclose": (lambda: T.allclose, "a b | rtol atol equal_nan"),
    "amax": (lambda: T.max, _REDUCTION),
    "amin": (lambda: T.min, _REDUCTION),
    "angle": (lambda: adapters.angle, "z | deg"),
    "any": (lambda: T.any, _TRUTH),
    "append": (lambda: T.append, "arr values | axis"),
    "argmax": (lambda: T.argmax, _PLACE),
    "argmin": (lambda: T.argmin, _PLACE),
    "argsort": (lambda: T.argsort, _ALONG),
    "argwhere": (lambda: adapters.argwhere, "a |"),
    "around": (lambda: adapters.round, "a | decimals -out"),
    "array_split": (lambda: adapters.array_split, "ary indices_or_sections | axis"),
    "astype": (lambda: T.cast, "x dtype | -copy -device"),
    "atleast_1d": (lambda: T.atleast_1d, "*"),
    "atleast_2d": (lambda: T.atleast_2d, "*"),
    "atleast_3d": (lambda: T.atleast_3d, "*"),
    "average": (lambda: adapters.average, "a | axis weights -returned keepdims"),
    "bincount": (lambda: T.bincount, "x | weights minlength"),
    "broadcast_arrays": (lambda: T.broadcast_arrays, "* -subok"),
    "broadcast_to": (lambda: T.broadcast_to, "array shape | -subok"),
    "choose": (lambda: T.choose, "a choices | -out mode"),
    "clip": (lambda: adapters.clip, "a a_min a_max | -out min max -dtype -casting"),
    "column_stack": (lambda: T.column_stack, "tup |"),
    "compress": (lambda: T.compress, "condition a | axis -out"),
    "concatenate": (lambda: adapters.concatenate, "arrays | axis -out dtype -casting"),
    "convolve": (lambda: T.convolve, "a v | mode"),
    "copy": (lambda: T.tensor_copy, "a | -order -subok"),
    "count_nonzero": (lambda: T.count_nonzero, "a | axis keepdims"),
    "cov": (lambda: T.cov, "m y | rowvar bias ddof fweights aweights -dtype"),
    "cross": (lambda: T.cross, "a b | axisa axisb axisc axis"),
    "cumprod": (lambda: T.cumprod, _RUNNING),
    "cumsum": (lambda: T.cumsum, _RUNNING),
    "cumulative_prod": (lambda: T.cumprod, "x | axis -dtype -out -include_initial"),
    "cumulative_sum": (lambda: T.cumsum, "x | axis -dtype -out -include_initial"),
    "diag": (lambda: T.diag, "v | k"),
    "diagflat": (lambda: adapters.diagflat, "v | k"),
    "diagonal": (lambda: T.diagonal, "a | offset axis1 axis2"),
    "diff": (lambda: adapters.diff, "a | n axis prepend append"),
    "dot": (lambda: T.dot, "a b | -out"),
    "dsplit": (lambda: adapters.dsplit, "ary indices_or_sections |"),
    "dstack": (lambda: T.dstack, "tup |"),
    "ediff1d": (lambda: adapters.ediff1d, "ary | to_end to_begin"),
    "einsum": (lambda: adapters.einsum, "* -out dtype optimize -order -casting"),
    "empty_like": (lambda: adapters.zeros_like, "prototype | dtype -order -subok shape -device"),
    "expand_dims": (lambda: T.expand_dims, "a axis |"),
    "extract": (lambda: adapters.extract, "condition arr |"),
    "fix": (lambda: T.trunc, "x | -out"),
    "flatnonzero": (lambda: T.flatnonzero, "a |"),
    "flip": (lambda: T.flip, "m | axis"),
    "fliplr": (lambda: T.fliplr, "m |"),
    "flipud": (lambda: T.flipud, "m |"),
    "full_like": (lambda: adapters.full_like, "a fill_value | dtype -order -subok shape -device"),
    "hsplit": (lambda: adapters.hsplit, "ary indices_or_sections |"),
    "hstack": (lambda: T.hstack, "tup | dtype -casting"),
    "i0": (lambda: T.i0, "x |"),
    "imag": (lambda: T.imag, "val |"),
    "inner": (lambda: T.inner, "a b |"),
    "interp": (lambda: T.interp, "x xp fp | left right period"),
    "isclose": (lambda: T.isclose, "a b | rtol atol equal_nan"),
    "iscomplex": (lambda: adapters.iscomplex, "x |"),
    "iscomplexobj": (lambda: adapters.iscomplexobj, "x |"),
    "isin": (lambda: T.isin, "element test_elements | -assume_unique invert -kind"),
    "isneginf": (lambda: T.isneginf, "x | -out"),
    "isposinf": (lambda: T.isposinf, "x | -out"),
    "isreal": (lambda: adapters.isreal, "x |"),
    "isrealobj": (lambda: adapters.isrealobj, "x |"),
    "kron": (lambda: T.kron, "a b |"),
    "linspace": (lambda: T.linspace, "start stop | num endpoint -retstep dtype -axis -device"),
    "logspace": (lambda: adapters.logspace, "start stop | num endpoint base dtype -axis"),
    "matrix_transpose": (lambda: T.matrix_transpose, "x |"),
    "max": (lambda: T.max, _REDUCTION),
    "mean": (lambda: T.mean, _MEAN),
    "median": (lambda: T.median, "a | axis -out -overwrite_input keepdims"),
    "meshgrid": (lambda: T.meshgrid, "* -copy sparse indexing"),
    "min": (lambda: T.min, _REDUCTION),
    "moveaxis": (lambda: T.moveaxis, "a source destination |"),
    "nan_to_num": (lambda: T.nan_to_num, "x | -copy nan posinf neginf"),
    "nanargmax": (lambda: T.nanargmax, _PLACE),
    "nanargmin": (lambda: T.nanargmin, _PLACE),
    "nancumprod": (lambda: T.nancumprod, _RUNNING),
    "nancumsum": (lambda: T.nancumsum, _RUNNING),
    "nanmax": (lambda: T.nanmax, _REDUCTION),
    "nanmean": (lambda: T.nanmean, _MEAN),
    "nanmedian": (lambda: T.nanmedian, "a | axis -out -overwrite_input keepdims"),
    "nanmin": (lambda: T.nanmin, _REDUCTION),
    "nanpercentile": (lambda: T.nanpercentile, _QUANTILE),
    "nanprod": (lambda: T.nanprod, _SUM),
    "nanquantile": (lambda: T.nanquantile, _QUANTILE),
    "nanstd": (lambda: T.nanstd, _VAR),
    "nansum": (lambda: T.nansum, _SUM),
    "nanvar": (lambda: T.nanvar, _VAR),
    "ndim": (lambda: adapters.ndim, "a |"),
    "nonzero": (lambda: T.nonzero, "a |"),
    "ones_like": (lambda: adapters.ones_like, "a | dtype -order -subok shape -device"),
    "outer": (lambda: T.outer, "a b | -out"),
    "pad": (lambda: T.pad, "array pad_width | mode constant_values"),
    "percentile": (lambda: T.percentile, _QUANTILE),
    "prod": (lambda: T.prod, _SUM),
    "ptp": (lambda: adapters.ptp, _PLACE),
    "quantile": (lambda: T.quantile, _QUANTILE),
    "ravel": (lambda: T.flatten, "a | -order"),
    "ravel_multi_index": (lambda: T.ravel_multi_index, "multi_index dims | mode order"),
    "real": (lambda: T.real, "val |"),
    "repeat": (lambda: T.repeat, "a repeats | axis"),
    "reshape": (lambda: T.reshape, "a shape | -order -copy"),
    "roll": (lambda: T.roll, "a shift | axis"),
    "rollaxis": (lambda: T.rollaxis, "a axis start |"),
    "rot90": (lambda: T.rot90, "m | k axes"),
    "round": (lambda: adapters.round, "a | decimals -out"),
    "searchsorted": (lambda: T.searchsorted, "a v | side sorter"),
    "select": (lambda: adapters.select, "condlist choicelist default |"),
    "shape": (lambda: T.shape, "a |"),
    "sinc": (lambda: adapters.sinc, "x |"),
    "size": (lambda: adapters.size, "a | axis"),
    "sort": (lambda: T.sort, _ALONG),
    "split": (lambda: adapters.split, "ary indices_or_sections | axis"),
    "squeeze": (lambda: adapters.squeeze, "a | axis"),
    "stack": (lambda: adapters.stack, "arrays | axis -out dtype -casting"),
    "std": (lambda: T.std, _VAR),
    "sum": (lambda: T.sum, _SUM),
    "swapaxes": (lambda: T.swapaxes, "a axis1 axis2 |"),
    "take": (lambda: T.take, "a indices | axis -out mode"),
    "take_along_axis": (lambda: T.take_along_axis, "arr indices | axis"),
    "tensordot": (lambda: T.tensordot, "a b | axes"),
    "tile": (lambda: T.tile, "A reps |"),
    "trace": (lambda: adapters.trace, "a | offset axis1 axis2 -dtype -out"),
    "transpose": (lambda: T.transpose, "a | axes"),
    "trapezoid": (lambda: T.trapezoid, "y | x dx axis"),
    "tril": (lambda: T.tril, "m | k"),
    "triu": (lambda: T.triu, "m | k"),
    "unique": (
        lambda: T.unique,
        "ar | return_index return_inverse return_counts axis equal_nan -sorted",
    ),
    "unique_values": (lambda: adapters.unique_values, "x |"),
    "unravel_index": (lambda: T.unravel_index, "indices shape | order"),
    "vander": (lambda: T.vander, "x | N increasing"),
    "var": (lambda: T.var, _VAR),
    "vdot": (lambda: T.vdot, "a b |"),
    "vsplit": (lambda: adapters.vsplit, "ary indices_or_sections |"),
    "vstack": (lambda: T.vstack, "tup | dtype -casting"),
    "where": (lambda: adapters.where, "condition x y |"),
    "zeros_like": (lambda: adapters.zeros_like, "a | dtype -order -subok shape -device"),
    "fft.fft": (lambda: T.fft.fft, "a | n axis norm -out"),
    "fft.fft2": (lambda: adapters.fft2, "a | s axes norm -out"),
    "fft.fftn": (lambda: T.fft.fftn, "a | s axes norm -out"),
    "fft.fftshift": (lambda: adapters.fftshift, "x | axes"),
    "fft.ifft": (lambda: T.fft.ifft, "a | n axis norm -out"),
    "fft.ifft2": (lambda: adapters.ifft2, "a | s axes norm -out"),
    "fft.ifftn": (lambda: T.fft.ifftn, "a | s axes norm -out"),
    "fft.ifftshift": (lambda: adapters.ifftshift, "x | axes"),
    "fft.rfft": (lambda: adapters.rfft, "a | n axis norm -out"),
    "linalg.cholesky": (lambda: adapters.cholesky, "a | upper"),
    "linalg.cond": (lambda: T.linalg.cond, "x | p"),
    "linalg.cross": (lambda: T.cross, "x1 x2 | axis"),
    "linalg.det": (lambda: T.nlinalg.det, "a |"),
    "linalg.diagonal": (lambda: adapters.matrix_diagonal, "x | offset"),
    "linalg.eig": (lambda: T.nlinalg.eig, "a |"),
    "linalg.eigh": (lambda: T.nlinalg.eigh, "a | UPLO"),
    "linalg.eigvals": (lambda: adapters.eigvals, "a |"),
    "linalg.eigvalsh": (lambda: adapters.eigvalsh, "a | UPLO"),
    "linalg.inv": (lambda: T.nlinalg.matrix_inverse, "a |"),
    "linalg.matmul": (lambda: T.matmul, "x1 x2 |"),
    "linalg.matrix_norm": (lambda: adapters.matrix_norm, "x | keepdims ord"),
    "linalg.matrix_power": (lambda: T.nlinalg.matrix_power, "a n |"),
    "linalg.matrix_rank": (lambda: T.linalg.matrix_rank, "A | tol -hermitian -rtol"),
    "linalg.matrix_transpose": (lambda: T.matrix_transpose, "x |"),
    "linalg.multi_dot": (lambda: adapters.multi_dot, "arrays | -out"),
    "linalg.norm": (lambda: adapters.norm, "x | ord axis keepdims"),
    "linalg.outer": (lambda: T.outer, "x1 x2 |"),
    "linalg.pinv": (lambda: T.nlinalg.pinv, "a | -rcond -hermitian -rtol"),
    "linalg.qr": (lambda: T.nlinalg.qr, "a | mode"),
    "linalg.slogdet": (lambda: T.linalg.slogdet, "a |"),
    "linalg.solve": (lambda: T.slinalg.solve, "a b |"),
    "linalg.svd": (lambda: T.nlinalg.svd, "a | full_matrices compute_uv -hermitian"),
    "linalg.svdvals": (lambda: adapters.svdvals, "x |"),
    "linalg.tensordot": (lambda: T.tensordot, "x1 x2 | axes"),
    "linalg.tensorinv": (lambda: T.nlinalg.tensorinv, "a | ind"),
    "linalg.tensorsolve": (lambda: T.nlinalg.tensorsolve, "a b | axes"),
    "linalg.trace": (lambda: adapters.matrix_trace, "x | offset -dtype"),
    "linalg.vecdot": (lambda: T.vecdot, "x1 x2 | axis"),
    "linalg.vector_norm": (lambda: adapters.vector_norm, "x | axis keepdims ord"),
}
"""How to find the function of the tensor language for each of NumPy's, and NumPy's parameters.

A function is found when it is called, so that its module need not be imported before.
"""

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
    if row is None:
        raise refusal(name)
    find, parameters = row
    target = find()
    operands, options = _arguments(name, parameters, args, kwargs)
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
        everything = [label.lstrip("-") for label in (*names, *rest.split())]
        if len(args) > len(everything):
            raise refusal(name, f"it takes {len(everything)} arguments, got {len(args)}")
        bound = dict(zip(everything, args, strict=False)) | dict(kwargs)
        operands = [bound.pop(label) for label in names if label in bound]
    bound = {key: one for key, one in bound.items() if type(one).__name__ != "_NoValueType"}
    refused = {word[1:] for word in rest.split() if word.startswith("-")}
    known = {word.lstrip("-") for word in rest.split()}
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
