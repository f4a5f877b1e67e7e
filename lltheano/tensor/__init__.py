"""The tensor language, imported as `T`: variables, operators, functions and gradients.

>>> import lltheano.tensor as T
>>> x = T.dmatrix("x")
>>> (T.exp(x) + 1).sum(axis=0).type
TensorType(float64, vector)
"""

import sys
from typing import TYPE_CHECKING

from lltheano import lazy
from lltheano.errors import (
    AsTensorError as AsTensorError,
    NotScalarConstantError as NotScalarConstantError,
)
from lltheano.gradient import (
    Lop as Lop,
    Rop as Rop,
    consider_constant as consider_constant,
    grad as grad,
    grad_not_implemented as grad_not_implemented,
    grad_undefined as grad_undefined,
)
from lltheano.graph import (
    Apply as Apply,
    Constant as Constant,
    DisconnectedType as DisconnectedType,
    Generic as Generic,
    Op as Op,
    Type as Type,
    Variable as Variable,
    boundary,
)
from lltheano.tensor import nnet as nnet, opt as opt
from lltheano.tensor.assertion import *  # noqa: F403
from lltheano.tensor.creation.filled import *  # noqa: F403
from lltheano.tensor.creation.ranges import *  # noqa: F403
from lltheano.tensor.elementwise.arithmetic import *  # noqa: F403
from lltheano.tensor.elementwise.comparison import *  # noqa: F403
from lltheano.tensor.elementwise.transcendental import *  # noqa: F403
from lltheano.tensor.indexing.functions import *  # noqa: F403
from lltheano.tensor.indexing.known_values import *  # noqa: F403
from lltheano.tensor.indexing.ops import *  # noqa: F403
from lltheano.tensor.names import *  # noqa: F403
from lltheano.tensor.reducers.ops import CAReduce as CAReduce, Sum as Sum
from lltheano.tensor.reductions.contraction import *  # noqa: F403
from lltheano.tensor.reductions.extrema import *  # noqa: F403
from lltheano.tensor.reductions.functions import *  # noqa: F403
from lltheano.tensor.shapes.dimshuffle import *  # noqa: F403
from lltheano.tensor.shapes.join import *  # noqa: F403
from lltheano.tensor.shapes.shaping import *  # noqa: F403
from lltheano.tensor.shapes.sizes import *  # noqa: F403
from lltheano.tensor.variables.constructors import *  # noqa: F403
from lltheano.tensor.variables.convert import *  # noqa: F403
from lltheano.tensor.variables.variable import (
    TensorConstant as TensorConstant,
    TensorType as TensorType,
    TensorVariable as TensorVariable,
)

if TYPE_CHECKING:
    from lltheano.gradient import (
        hessian as hessian,
        jacobian as jacobian,
        numeric_grad as numeric_grad,
        verify_grad as verify_grad,
    )
    from lltheano.ops.files import LoadFromDisk as LoadFromDisk, load as load
    from lltheano.ops.messages import (
        MPIRecv as MPIRecv,
        MPIRecvWait as MPIRecvWait,
        MPISend as MPISend,
        MPISendWait as MPISendWait,
        irecv as irecv,
        isend as isend,
        mpi_send_wait_key as mpi_send_wait_key,
        mpi_tag_key as mpi_tag_key,
        recv as recv,
        send as send,
    )
    from lltheano.printing import pp as pp, pprint as pprint
    from lltheano.tensor import (
        fft as fft,
        inplace as inplace,
        linalg as linalg,
        nlinalg as nlinalg,
        slinalg as slinalg,
        xlogx as xlogx,
    )
    from lltheano.tensor.arrangement.axes import *  # noqa: F403
    from lltheano.tensor.arrangement.diagonals import *  # noqa: F403
    from lltheano.tensor.arrangement.repetition import *  # noqa: F403
    from lltheano.tensor.creation.grids import *  # noqa: F403
    from lltheano.tensor.elementwise.complexes import *  # noqa: F403
    from lltheano.tensor.elementwise.elemwise import Elemwise as Elemwise
    from lltheano.tensor.elementwise.pairs import *  # noqa: F403
    from lltheano.tensor.elementwise.special import *  # noqa: F403
    from lltheano.tensor.indexing.flat_indices import *  # noqa: F403
    from lltheano.tensor.indexing.picking import *  # noqa: F403
    from lltheano.tensor.indexing.selection import *  # noqa: F403
    from lltheano.tensor.inner_graphs.mapping import map_index as map_index
    from lltheano.tensor.linalg.functions import kron as kron
    from lltheano.tensor.linalg.pieces import (
        AllocDiag as AllocDiag,
        ExtractDiag as ExtractDiag,
        diag as diag,
        diagonal as diagonal,
        trace as trace,
    )
    from lltheano.tensor.numpy_functions.along import *  # noqa: F403
    from lltheano.tensor.numpy_functions.contractions import *  # noqa: F403
    from lltheano.tensor.numpy_functions.interpolation import *  # noqa: F403
    from lltheano.tensor.numpy_functions.matrices import *  # noqa: F403
    from lltheano.tensor.numpy_functions.missing import *  # noqa: F403
    from lltheano.tensor.numpy_functions.names import *  # noqa: F403
    from lltheano.tensor.numpy_functions.quantiles import *  # noqa: F403
    from lltheano.tensor.numpy_functions.ranks import *  # noqa: F403
    from lltheano.tensor.numpy_functions.sections import *  # noqa: F403
    from lltheano.tensor.numpy_functions.signs import *  # noqa: F403
    from lltheano.tensor.numpy_functions.stacks import *  # noqa: F403
    from lltheano.tensor.numpy_functions.truth import *  # noqa: F403
    from lltheano.tensor.numpy_functions.turns import *  # noqa: F403
    from lltheano.tensor.numpy_functions.vectors import *  # noqa: F403
    from lltheano.tensor.ordering.counting import *  # noqa: F403
    from lltheano.tensor.ordering.order_statistics import *  # noqa: F403
    from lltheano.tensor.ordering.searching import *  # noqa: F403
    from lltheano.tensor.ordering.sorting import *  # noqa: F403
    from lltheano.tensor.reductions.cumulative import *  # noqa: F403
    from lltheano.tensor.reductions.statistics import *  # noqa: F403
    from lltheano.tensor.shapes.splitting import *  # noqa: F403

_NUMPY: dict[str, tuple[str, ...]] = {
    "along": ("take_along_axis",),
    "contractions": ("einsum",),
    "interpolation": ("interp", "trapezoid"),
    "matrices": ("inner", "matmul", "matvec", "vdot", "vecdot", "vecmat"),
    "missing": (
        *("nanargmax", "nanargmin", "nancumprod", "nancumsum", "nanmax", "nanmean"),
        *("nanmedian", "nanmin", "nanpercentile", "nanprod", "nanquantile", "nanstd"),
        *("nansum", "nanvar"),
    ),
    "names": (
        *("abs", "acos", "acosh", "amax", "amin", "around", "asin", "asinh", "astype"),
        *("atan", "atan2", "atanh", "bitwise_invert", "bitwise_left_shift"),
        *("bitwise_right_shift", "concat", "conjugate", "degrees", "divide", "equal"),
        *("fabs", "floor_divide", "greater", "greater_equal", "less", "less_equal"),
        *("multiply", "negative", "permute_dims", "radians", "reciprocal", "remainder"),
        *("rint", "sign", "subtract"),
    ),
    "quantiles": ("percentile", "quantile"),
    "ranks": (
        *("atleast_1d", "atleast_2d", "atleast_3d", "broadcast_arrays"),
        *("matrix_transpose",),
    ),
    "sections": ("array_split", "dsplit", "hsplit", "vsplit"),
    "signs": ("copysign", "modf"),
    "stacks": ("append", "column_stack", "dstack", "hstack", "vstack"),
    "truth": (
        *("count_nonzero", "isfinite", "isin", "isneginf", "isposinf", "logical_and"),
        *("logical_not", "logical_or", "logical_xor", "nan_to_num"),
    ),
    "turns": ("fliplr", "flipud", "rot90"),
    "vectors": ("convolve", "cross", "vander"),
}
"""NumPy's names that Theano lacked, by the module of `lltheano.tensor.numpy_functions`."""

LAZY: dict[str, str] = {
    **{
        name: f"lltheano.tensor.numpy_functions.{module}"
        for module, names in _NUMPY.items()
        for name in names
    },
    "kron": "lltheano.tensor.linalg.functions",
    **dict.fromkeys(("LoadFromDisk", "load"), "lltheano.ops.files"),
    **dict.fromkeys(
        (
            *("MPIRecv", "MPIRecvWait", "MPISend", "MPISendWait", "irecv", "isend", "recv", "send"),
            *("mpi_send_wait_key", "mpi_tag_key"),
        ),
        "lltheano.ops.messages",
    ),
    **dict.fromkeys(
        ("CpuContiguous", "cpu_contiguous", "flip", "moveaxis", "rollaxis"),
        "lltheano.tensor.arrangement.axes",
    ),
    **dict.fromkeys(
        ("Tri", "to_one_hot", "tri", "tril", "triu"), "lltheano.tensor.arrangement.diagonals"
    ),
    **dict.fromkeys(
        ("RavelMultiIndex", "UnravelIndex", "ravel_multi_index", "unravel_index"),
        "lltheano.tensor.indexing.flat_indices",
    ),
    **dict.fromkeys(
        ("Bartlett", "bartlett", "linspace", "meshgrid", "mgrid", "ogrid"),
        "lltheano.tensor.creation.grids",
    ),
    **dict.fromkeys(
        ("RepeatOp", "broadcast_to", "pad", "repeat", "roll", "tile"),
        "lltheano.tensor.arrangement.repetition",
    ),
    **dict.fromkeys(("Split", "split"), "lltheano.tensor.shapes.splitting"),
    **dict.fromkeys(
        (
            *("advanced_inc_subtensor", "advanced_inc_subtensor1", "advanced_set_subtensor"),
            *("advanced_set_subtensor1", "advanced_subtensor", "advanced_subtensor1", "choose"),
            *("Choose", "FillDiagonal", "FillDiagonalOffset"),
            *("fill_diagonal", "fill_diagonal_offset", "take"),
        ),
        "lltheano.tensor.indexing.picking",
    ),
    **dict.fromkeys(
        (*("AllocDiag", "ExtractDiag", "diag", "diagonal", "trace"),),
        "lltheano.tensor.linalg.pieces",
    ),
    **{name: f"lltheano.tensor.{name}" for name in ("fft", "linalg", "nlinalg", "slinalg")},
    **dict.fromkeys(("hessian", "jacobian"), "lltheano.gradient.jacobians"),
    "map_index": "lltheano.tensor.inner_graphs.mapping",
    **dict.fromkeys(("numeric_grad", "verify_grad"), "lltheano.gradient.verify"),
    **dict.fromkeys(("pp", "pprint"), "lltheano.printing.pretty"),
    **dict.fromkeys(
        ("ArgSort", "ArgSortOp", "Sort", "SortOp", "argsort", "sort"),
        "lltheano.tensor.ordering.sorting",
    ),
    **dict.fromkeys(
        ("angle", "complex", "complex_from_polar", "conj", "imag", "real"),
        "lltheano.tensor.elementwise.complexes",
    ),
    **dict.fromkeys(
        ("CumOp", "DiffOp", "cumprod", "cumsum", "diff"), "lltheano.tensor.reductions.cumulative"
    ),
    **dict.fromkeys(
        ("Nonzero", "compress", "flatnonzero", "nonzero", "nonzero_values"),
        "lltheano.tensor.indexing.selection",
    ),
    **dict.fromkeys(
        ("LexSort", "Unique", "bincount", "unique"), "lltheano.tensor.ordering.counting"
    ),
    **dict.fromkeys(("SearchsortedOp", "searchsorted"), "lltheano.tensor.ordering.searching"),
    **dict.fromkeys(
        (
            *("chi2sf", "erfcinv", "erfcx", "erfinv", "gamma", "gammainc", "gammaincc", "gammal"),
            *("gammaln", "gammau", "i0", "i1", "iv", "j0", "j1", "jv", "polygamma", "psi"),
            *("gammainc_slope", "tri_gamma", "zeta"),
        ),
        "lltheano.tensor.elementwise.special",
    ),
    "Elemwise": "lltheano.tensor.elementwise.elemwise",
    **dict.fromkeys(
        (
            *("float_power", "fmax", "fmin", "fmod", "heaviside", "hypot", "logaddexp"),
            *("logaddexp2",),
        ),
        "lltheano.tensor.elementwise.pairs",
    ),
    "cov": "lltheano.tensor.reductions.statistics",
    **{name: f"lltheano.tensor.{name}" for name in ("inplace", "xlogx")},
    **dict.fromkeys(
        ("TopKOp", "argtopk", "median", "topk", "topk_and_argtopk"),
        "lltheano.tensor.ordering.order_statistics",
    ),
}
"""Names of this package that few programs use, each with the module that has it.

A module is imported when one of its names, or the module itself, is first asked for.
"""

if not TYPE_CHECKING:
    # Type checkers see plain imports, above; `__getattr__` would hide misspelled names from them.
    __getattr__, __dir__ = lazy.attributes(__name__, LAZY, ("nnet", "opt"), boundary.guard)

for _module in (sys.modules[__name__], nnet, opt):
    boundary.guard(_module)
