"""What the gradient tests walk: a use of every differentiable function, and why others have none.

A case is named after the public function that it is of, with more after a colon where there are
several, and takes a float64 matrix `x` of 3 rows and 4 columns. `test_coverage.py` fails when a
public function or an op class is in none of these tables.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

import lltheano
import lltheano.tensor as T
from lltheano import OpFromGraph, scan, sparse_grad
from lltheano.ctc import ctc
from lltheano.gradient import (
    grad,
    grad_clip,
    grad_scale,
    hessian_vector_product,
    jacobian,
)
from lltheano.ifelse import ifelse
from lltheano.loops import until
from lltheano.ops import OutputGuard, deep_copy_op, view_op
from lltheano.printing import Print
from lltheano.tensor.inner_graphs.mapping import map_index
from lltheano.tensor.nnet.blocksparse import SparseBlockOuter
from lltheano.tensor.shapes.make_vector import MakeVector
from lltheano.tensor.signal.conv import conv2d as signal_conv2d
from lltheano.tensor.signal.pool import max_pool_2d_same_size, pool_2d, pool_3d

Case = Callable[[Any], Any]


def four(x: Any) -> Any:
    """A matrix as a stack of one image of one channel."""
    return x.dimshuffle("x", "x", 0, 1)


def five(x: Any) -> Any:
    """A matrix as a stack of one image of one channel, and of one layer."""
    return x.dimshuffle("x", "x", "x", 0, 1)


POSITIVE = (0.2, 1.4)
DOMAINS: dict[str, tuple[float, float]] = {
    **dict.fromkeys(("arcsin", "arccos", "arctanh", "erfinv", "erfcinv"), (0.2, 0.9)),
    **dict.fromkeys(("arccosh", "zeta"), (1.2, 1.9)),
    **dict.fromkeys(
        (
            *("log", "log2", "log10", "log1p", "sqrt", "pow", "xlogx.xlogx", "xlogx.xlogy0"),
            *("gammaln", "gamma", "psi", "tri_gamma", "chi2sf", "gammainc", "gammaincc"),
            *("iv", "jv", "gammainc_slope"),
        ),
        POSITIVE,
    ),
}
"""Where the elementwise ops that are not smooth on all of -1.4 ... 1.4 are tried."""

NO_DERIVATIVE = {
    "jv": 0, "iv": 0, "gammainc_slope": 0, "zeta": 0,
}  # fmt: skip
"""The operand, an order or a shape, with respect to which an op says that it has no derivative."""

ONE_DERIVATIVE = {"gammainc": 0, "gammaincc": 0, "chi2sf": 1}
"""The operand, a shape, in which an op has a first derivative and no second."""

STEPS = {
    "floor", "ceil", "trunc", "sgn", "int_div", "round_half_to_even", "round_half_away_from_zero",
    "eq", "neq", "lt", "le", "gt", "ge", "isnan", "isinf", "imag", "angle",
}  # fmt: skip
"""Elementwise ops of floats that change in steps: gradient zero."""

BITS = {"and_", "or_", "xor", "invert", "left_shift", "right_shift"}
"""Elementwise ops that take no floats."""

_ZERO_TIMES_INFINITY = "at zeros and infinities the formula is 0 times infinity"
BREAKS: dict[tuple[str, int], str] = {
    ("arctan2", 0): "a point without a direction, and infinities",
    ("arctan2", 1): "a point without a direction, and infinities",
    ("chi2sf", 0): _ZERO_TIMES_INFINITY,
    ("chi2sf", 1): _ZERO_TIMES_INFINITY,
    ("gammainc", 0): _ZERO_TIMES_INFINITY,
    ("gammainc", 1): _ZERO_TIMES_INFINITY,
    ("gammaincc", 0): _ZERO_TIMES_INFINITY,
    ("gammaincc", 1): _ZERO_TIMES_INFINITY,
    ("gammainc_slope", 1): _ZERO_TIMES_INFINITY,
    ("gammaln", 0): "poles at whole numbers that are not positive",
    ("hypot", 0): "an infinite distance has no direction",
    ("hypot", 1): "an infinite distance has no direction",
    ("i1", 0): "SciPy's iv has no values at infinities, nor beside 0",
    ("pow", 0): "infinite exponents",
    ("pow", 1): "a negative base has powers of whole exponents only",
    ("xlogx.xlogy0", 0): "the logarithm of a negative number",
    ("xlogx.xlogy0", 1): "0 / 0",
    ("zeta", 1): _ZERO_TIMES_INFINITY,
}
"""Elementwise ops whose slope by an operand is NaN at some point where their value is a number."""


def _with_nan(x: Any) -> Any:
    """Some elements are NaN; they have gradient zero. Of rows and columns no elements are equal."""
    absent = T.constant([[1, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 0]])
    return T.switch(absent, np.nan, x + 0.03 * np.arange(12).reshape(3, 4))


REDUCTIONS: dict[str, Case] = {
    "sum": lambda x: x.sum(axis=1),
    "sum: of all": lambda x: x.sum(),
    "sum: wide": lambda x: x.astype("float32").sum(axis=0, dtype="float64", keepdims=True),
    "mean": lambda x: x.mean(axis=0, keepdims=True),
    "prod": lambda x: x.prod(axis=1),
    "max": lambda x: x.max(axis=0),
    "max_and_argmax": lambda x: T.max_and_argmax(x, axis=1)[0],
    "min": lambda x: x.min(),
    "var": lambda x: x.var(axis=1),
    "std": lambda x: x.std(axis=1, ddof=1),
    "norm: 1": lambda x: x.norm(1, axis=0),
    "norm: 2": lambda x: x.norm(2, axis=0),
    "norm: 3": lambda x: x.norm(3),
    "cov": T.cov,
    "logsumexp": lambda x: T.logsumexp(x, axis=1),
    "ptp": lambda x: T.ptp(x, axis=1),
    "cumsum": lambda x: T.cumsum(x, axis=0),
    "cumprod": lambda x: T.cumprod(x, axis=1),
    "cumprod: of all": T.cumprod,
    "median": lambda x: T.median(x, axis=1),
    "diff": lambda x: T.diff(x, n=2, axis=1),
    "nansum": lambda x: T.nansum(_with_nan(x), axis=1),
    "nanprod": lambda x: T.nanprod(_with_nan(x), axis=0),
    "nanmax": lambda x: T.nanmax(_with_nan(x), axis=0),
    "nanmin": lambda x: T.nanmin(_with_nan(x), axis=1),
    "nanmean": lambda x: T.nanmean(_with_nan(x), axis=1),
    "nanvar": lambda x: T.nanvar(_with_nan(x), axis=1, ddof=1),
    "nanstd": lambda x: T.nanstd(_with_nan(x), axis=1),
    "nanmedian": lambda x: T.nanmedian(_with_nan(x), axis=1),
    "nanquantile": lambda x: T.nanquantile(_with_nan(x), [0.3, 0.8], axis=1),
    "nanpercentile": lambda x: T.nanpercentile(_with_nan(x), 30, axis=0),
    "nancumsum": lambda x: T.nancumsum(_with_nan(x), axis=0),
    "nancumprod": lambda x: T.nancumprod(_with_nan(x), axis=1),
    "quantile": lambda x: T.quantile(x, [0.3, 0.8], axis=1),
    "quantile: of elements": lambda x: T.quantile(x, 0.3, axis=0, method="lower"),
    "percentile": lambda x: T.percentile(x, 30, axis=1, method="hazen"),
    "trapezoid": lambda x: T.trapezoid(x, dx=0.5),
    "trapezoid: at places": lambda x: T.trapezoid(x[0], x=x[1]),
}
SHAPES: dict[str, Case] = {
    "transpose": lambda x: x.T,
    "swapaxes": lambda x: x.swapaxes(0, 1),
    "dimshuffle": lambda x: x.dimshuffle(1, "x", 0),
    "expand_dims": lambda x: T.expand_dims(x, 1),
    "shape_padleft": lambda x: T.shape_padleft(x, 2),
    "shape_padright": T.shape_padright,
    "shape_padaxis": lambda x: T.shape_padaxis(x, 1),
    "squeeze": lambda x: T.squeeze(x[:, None]),
    "reshape": lambda x: x.reshape((4, -1)),
    "flatten": lambda x: x.flatten(),
    "specify_shape": lambda x: T.specify_shape(x, (3, 4)),
    "addbroadcast": lambda x: T.addbroadcast(x[:, :1], 1) * x,
    "unbroadcast": lambda x: T.unbroadcast(x[:, :1], 1),
    "patternbroadcast": lambda x: T.patternbroadcast(x[:, :1], (False, True)) + x,
    "concatenate": lambda x: T.concatenate([x, 2 * x, T.ones((3, 1))], axis=1),
    "join": lambda x: T.join(0, x, x * x),
    "stack": lambda x: T.stack([x, x * x]),
    "stack: scalars": lambda x: MakeVector("float64")(x[0, 0], x[1, 1] ** 2),
    "stacklists": lambda x: T.stacklists([[x[0, 0], x[1, 1]], [x[2, 2], x[0, 1] ** 2]]),
    "horizontal_stack": lambda x: T.horizontal_stack(x, x**2),
    "vertical_stack": lambda x: T.vertical_stack(x, x**2),
    "fill": lambda x: T.fill(T.zeros((2, 3, 4)), x),
    "alloc": lambda x: T.alloc(x[0], 5, 4),
    "full": lambda x: T.full((2, 2), x[0, 0]),
    "tril": lambda x: T.tril(x, 1),
    "triu": T.triu,
    "cast": lambda x: T.cast(T.cast(x, "float32"), "float64") * x,
    "tensor_copy": lambda x: x.copy(),
    "as_tensor": T.as_tensor_variable,
    "sort": lambda x: T.sort(x, axis=1),
    "sort: of all": lambda x: T.sort(x, axis=None),
    "topk": lambda x: T.topk(x, 2, axis=1),
    "split": lambda x: T.split(x, [1, 3], axis=1)[1],
    "moveaxis": lambda x: T.moveaxis(x, 0, 1),
    "rollaxis": lambda x: T.rollaxis(x, 1),
    "flip": lambda x: T.flip(x, 1),
    "cpu_contiguous": lambda x: T.cpu_contiguous(x.T),
    "broadcast_to": lambda x: T.broadcast_to(x, (2, 3, 4)),
    "pad": lambda x: T.pad(x, 1, mode="constant"),
    "repeat": lambda x: T.repeat(x, 2, axis=1),
    "repeat: each": lambda x: T.repeat(x, T.constant([2, 0, 1]), axis=0),
    "roll": lambda x: T.roll(x, 1, axis=1),
    "tile": lambda x: T.tile(x, (2, 1)),
    "meshgrid": lambda x: T.meshgrid(x[0], x[1])[1],
    "linspace": lambda x: T.linspace(x[0, 0], x[1, 1], 5),
    "full_like": lambda x: T.full_like(T.ones((2, 2)), x[0, 0]),
    "join_": lambda x: T.join_(0, x, x * x),
    "topk_and_argtopk": lambda x: T.topk_and_argtopk(x, -2, axis=0)[0],
    "hstack": lambda x: T.hstack([x, x**2]),
    "vstack": lambda x: T.vstack([x, x[0]]),
    "dstack": lambda x: T.dstack([x, x**2]),
    "column_stack": lambda x: T.column_stack([x[:, 0], x]),
    "append": lambda x: T.append(x, x[:1] ** 2, axis=0),
    "atleast_1d": T.atleast_1d,
    "atleast_2d": lambda x: T.atleast_2d(x[0]),
    "atleast_3d": T.atleast_3d,
    "broadcast_arrays": lambda x: T.broadcast_arrays(x, T.ones((2, 1, 1)))[0],
    "matrix_transpose": lambda x: x.mT,
    "array_split": lambda x: T.array_split(x, 2)[1],
    "hsplit": lambda x: T.hsplit(x, 2)[1],
    "vsplit": lambda x: T.vsplit(x, [1])[1],
    "dsplit": lambda x: T.dsplit(x[None], 2)[0],
    "flipud": T.flipud,
    "fliplr": T.fliplr,
    "rot90": T.rot90,
}
PARTS: dict[str, Case] = {
    "subtensor": lambda x: x[1],
    "subtensor: element": lambda x: x[-1, 2],
    "subtensor: slice": lambda x: x[::-2, 1:],
    "subtensor: new axis": lambda x: x[:, None, 1],
    "advanced_subtensor1": lambda x: x[[0, 2, 0]],
    "advanced_subtensor": lambda x: x[[0, 1, 1], [2, 3, 3]],
    "advanced_subtensor: columns": lambda x: x[:, [0, 0, 3]],
    "advanced_subtensor: mixed": lambda x: x[1:, [0, 3]],
    "advanced_subtensor: mask": lambda x: x[T.constant(np.eye(3, 4, dtype=bool))],
    "set_subtensor": lambda x: T.set_subtensor(x[1:, 0], x[0, 0] ** 2),
    "inc_subtensor": lambda x: T.inc_subtensor(x[:2], x[2]),
    "advanced_set_subtensor1": lambda x: T.set_subtensor(x[[0, 2]], x[1] * 2),
    "advanced_inc_subtensor1": lambda x: T.inc_subtensor(x[[0, 0]], x[1:]),
    "advanced_set_subtensor": lambda x: T.set_subtensor(x[[0, 1], [1, 1]], x[2, :2]),
    "advanced_inc_subtensor": lambda x: T.inc_subtensor(x[[0, 0], [1, 1]], x[2, :2] ** 2),
    "compress": lambda x: T.compress(T.constant([1, 0, 1]), x, axis=0),
    "take": lambda x: x.take([1, 1, 5]),
    "choose": lambda x: T.choose(T.constant([0, 1, 1, 0]), [x[0], x[1]]),
    "set_subtensor: one row": lambda x: T.set_subtensor(x[:2], x[2:] ** 2),
    "inc_subtensor: one column": lambda x: T.inc_subtensor(x[[0, 0]][:, 1:], x[1:, 3:] ** 2),
    "inc_subtensor: its gradient": lambda x: grad((T.inc_subtensor(x[:2], x[2:]) ** 3).sum(), x),
    "alloc: one row": lambda x: T.alloc(x[2:], 3, 4),
    "choose: one row": lambda x: T.choose(T.constant([[0], [1], [0]]), [x, x[2:]]),
    "advanced_subtensor: one index": lambda x: x[T.constant([2])[:1], T.constant([0, 3, 0])],
    "fill_diagonal": lambda x: T.fill_diagonal(x, x[0, 0] ** 2),
    "fill_diagonal_offset": lambda x: T.fill_diagonal_offset(x, x[0, 0] ** 2, 1),
    "nonzero_values": T.nonzero_values,
    "sqr: in place": T.inplace.sqr_inplace,
    "sparse_grad": lambda x: sparse_grad(x[T.constant([0, 2, 0])]),
    "take_along_axis": lambda x: T.take_along_axis(x, T.argsort(x, axis=0)[:2], 0),
    "known_element": lambda x: T.stack([x[0, 0], x[1, 1] ** 2])[1],
}
PRODUCTS: dict[str, Case] = {
    "dot: matrix matrix": lambda x: T.dot(x, x.T),
    "dot: matrix vector": lambda x: T.dot(x, x[0]),
    "dot: vector matrix": lambda x: T.dot(x[:, 0], x),
    "dot: vector vector": lambda x: T.dot(x[0], x[1]),
    "tensordot": lambda x: T.tensordot(x, x, [[0], [0]]),
    "batched_dot": lambda x: T.batched_dot(T.stack([x, x]), T.stack([x.T, 2 * x.T])),
    "batched_tensordot": lambda x: T.batched_tensordot(x[:, None], x[:, :, None], 1),
    "outer": lambda x: T.outer(x[0], x[1]),
    "matmul": lambda x: T.matmul(T.stack([x, x * x]), x.T),
    "matmul: repeated": lambda x: x.reshape((3, 1, 2, 2)) @ x.reshape((2, 3, 2))[:, :2],
    "matvec": lambda x: T.matvec(T.stack([x, x * x]), x[0]),
    "vecmat": lambda x: T.vecmat(x, T.stack([x.T, x.T * 2, x.T * 3])),
    "vecdot": lambda x: T.vecdot(x, x[0]),
    "inner": lambda x: T.inner(x, x),
    "vdot": lambda x: T.vdot(x, x[::-1]),
    "einsum": lambda x: T.einsum("ij,kj,kl->il", x, x, x),
    "einsum: batches": lambda x: T.einsum("bij,bkj->bik", T.stack([x, x * 2]), T.stack([x, x])),
    "einsum: diagonal": lambda x: T.einsum("ii,ij->j", x[:, :3], x),
    "cross": lambda x: T.cross(x[:, :3], x[0, 1:]),
    "vander": lambda x: T.vander(x[0]),
    "convolve": lambda x: T.convolve(x[0], x[1]),
    "convolve: same": lambda x: T.convolve(x[0], x[1, :2], "same"),
    "copysign": lambda x: T.copysign(x, -x[0]),
    "modf": lambda x: T.modf(x * 2)[0],
}


def _square(x: Any) -> Any:
    """Three by three, and regular."""
    return x[:, :3] + T.constant(np.diag([2.0, 3.0, 4.0]))


def _definite(x: Any) -> Any:
    """Symmetric, with positive eigenvalues that are apart."""
    return T.dot(x, x.conj().T) + T.constant(np.diag([1.0, 2.0, 4.0]))


def _parts(z: Any) -> Any:
    """Real and imaginary parts."""
    return T.stack([z.real, z.imag])


MATRICES: dict[str, Case] = {
    "diag": lambda x: T.diag(x[0]),
    "diag: of a matrix": lambda x: T.diag(_square(x)),
    "diagonal": lambda x: T.diagonal(x, 1),
    "trace": lambda x: T.nlinalg.trace(_square(x)),
    "fft": lambda x: _parts(T.fft.fft(x)),
    "ifft": lambda x: _parts(T.fft.ifft(x)),
    "fftn": lambda x: _parts(T.fft.fftn(x)),
    "ifftn": lambda x: _parts(T.fft.ifftn(x)),
    "rfft": T.fft.rfft,
    "irfft": lambda x: T.fft.irfft(T.fft.rfft(x, norm="ortho") * 2),
    "alloc_diag": lambda x: T.nlinalg.alloc_diag(x[0]),
    "extract_diag": lambda x: T.nlinalg.extract_diag(_square(x)),
    "matrix_inverse": lambda x: T.nlinalg.matrix_inverse(_square(x)),
    "matrix_pinv": T.nlinalg.pinv,
    "matrix_dot": lambda x: T.nlinalg.matrix_dot(x, x.T, x),
    "matrix_power": lambda x: T.nlinalg.matrix_power(_square(x), 3),
    "det": lambda x: T.nlinalg.det(_square(x)),
    "det: its gradient": lambda x: grad(T.nlinalg.det(_square(x)), x),
    "det: its second gradient": lambda x: grad((grad(T.nlinalg.det(_square(x)), x) ** 2).sum(), x),
    "slogdet": lambda x: T.linalg.slogdet(_square(x))[1],
    "qr": lambda x: T.nlinalg.qr(x.T)[1],
    "qr: R alone": lambda x: T.nlinalg.qr(x.T, "r"),
    "qr: wide": lambda x: T.concatenate(T.nlinalg.qr(x), axis=1),
    "qr: wide, R alone": lambda x: T.nlinalg.qr(x, "r"),
    "qr: wide, complete": lambda x: T.concatenate(T.nlinalg.qr(x, "complete"), axis=1),
    "qr: complete": lambda x: T.nlinalg.qr(x.T, "complete")[1],
    "qr: first columns": lambda x: T.nlinalg.qr(x.T, "complete")[0][:, :3],
    "qr: square": lambda x: T.concatenate(T.nlinalg.qr(_square(x)), axis=1),
    "cond": T.linalg.cond,
    "svd": lambda x: T.nlinalg.svd(x, full_matrices=False)[1],
    "eigh": lambda x: T.nlinalg.eigh(_definite(x))[0],
    "lstsq": lambda x: T.nlinalg.lstsq()(x.T, x[0], 1e-12)[0],
    "norm: of a matrix": lambda x: T.nlinalg.norm(x, "fro"),
    "tensorinv": lambda x: T.nlinalg.tensorinv(_square(x).reshape((3, 3, 1)), 1),
    "tensorsolve": lambda x: T.nlinalg.tensorsolve(_square(x), x[:, 3]),
    "cholesky": lambda x: T.slinalg.cholesky(_definite(x)),
    "cholesky: its gradient": lambda x: grad(T.slinalg.cholesky(_definite(x)).sum(), x),
    "eigvalsh": lambda x: T.slinalg.eigvalsh(_definite(x), _definite(2 * x[::-1])),
    "expm": lambda x: T.slinalg.expm(_square(x) / 4),
    "kron": lambda x: T.slinalg.kron(x[:2, :2], x[1:]),
    "solve": lambda x: T.slinalg.solve(_square(x), x),
    "solve_sylvester": lambda x: T.slinalg.solve_sylvester(_square(x), _definite(x), x[:, 1:]),
    "solve_continuous_lyapunov": lambda x: T.slinalg.solve_continuous_lyapunov(
        _definite(x), x[:, 1:]
    ),
    "solve_discrete_lyapunov": lambda x: T.slinalg.solve_discrete_lyapunov(
        _square(x) / 9, x[:, 1:]
    ),
    "solve_lower_triangular": lambda x: T.slinalg.solve_lower_triangular(_square(x), x),
    "solve_upper_triangular": lambda x: T.slinalg.solve_upper_triangular(_square(x), x),
    "lower_part": lambda x: T.linalg.lower_part(_square(x)),
    "upper_part": lambda x: T.linalg.upper_part(_square(x)),
    "psd": lambda x: T.linalg.psd(x) ** 2,
    "spectral_radius_bound": lambda x: T.linalg.spectral_radius_bound(_definite(x), 2),
}
NETWORKS: dict[str, Case] = {
    "softmax": T.nnet.softmax,
    "softmax_with_bias": lambda x: T.nnet.softmax_with_bias(x, x[0]),
    "logsoftmax": T.nnet.logsoftmax,
    "logsoftmax: written out": lambda x: T.log(T.nnet.softmax(x)),
    "categorical_crossentropy": lambda x: T.nnet.categorical_crossentropy(
        T.nnet.softmax(x), T.arange(3)
    ),
    "categorical_crossentropy: dense": lambda x: T.nnet.categorical_crossentropy(
        T.nnet.softmax(x), T.nnet.softmax(2 * x)
    ),
    "binary_crossentropy": lambda x: T.nnet.binary_crossentropy(T.nnet.sigmoid(x), 0.3),
    "sigmoid_binary_crossentropy": lambda x: T.nnet.sigmoid_binary_crossentropy(x, 0.3),
    "relu": T.nnet.relu,
    "relu: leaky": lambda x: T.nnet.relu(x, 0.1),
    "elu": T.nnet.elu,
    "selu": T.nnet.selu,
    "softsign": T.nnet.softsign,
    "hard_sigmoid": T.nnet.hard_sigmoid,
}


def _mapped(x: Any) -> Any:
    index = T.lscalar("i")
    (rows,) = map_index(index, [T.tanh(x[index]) * x[2]], 3)
    return rows


def _affine() -> OpFromGraph:
    a, b = T.dmatrix("a"), T.dvector("b")
    return OpFromGraph([a, b], [T.tanh(a) * b])


_AFFINE = _affine()

OTHERS: dict[str, Case] = {
    "fmax": lambda x: T.fmax(_with_nan(x), 0.1),
    "fmin": lambda x: T.fmin(_with_nan(x), 0.1),
    "fmod": lambda x: T.fmod(x, 0.37),
    "float_power": lambda x: T.float_power(abs(x * 1.0), 2.5),
    "heaviside": lambda x: T.heaviside(x, 0.5) * x,
    "nan_to_num": lambda x: T.nan_to_num(_with_nan(x)),
    "interp": lambda x: T.interp(x, [-2.0, 0.05, 2.0], (x[0, :3] * 1.0) ** 2),
    "complex_from_polar": lambda x: abs(T.complex_from_polar(x, x) + 1),
    "deg2rad": T.deg2rad,
    "rad2deg": T.rad2deg,
    "power": lambda x: T.power(abs(x), x),
    "smallest": lambda x: T.smallest(x, x[0], 0.1),
    "largest": lambda x: T.largest(x, x[0], 0.1),
    "real": T.real,
    "conj": T.conj,
    "gammal": lambda x: T.gammal(1.5, abs(x)),
    "gammau": lambda x: T.gammau(1.5, abs(x)),
    "polygamma": lambda x: T.polygamma(2, abs(x)),
    "assert_op": lambda x: T.opt.assert_op(x, x.sum() < 1e9) * x,
    "map_index": _mapped,
    "map_index: sums": lambda x: grad(_mapped(x).sum(), x),
    "jacobian": lambda x: jacobian(T.tanh(x[0]) * x[1], x),
    "batch_normalization": lambda x: T.nnet.batch_normalization(x, x[0], x[1], x[2], x[0] + 3.5),
    "batch_normalization_train": lambda x: T.nnet.batch_normalization_train(x, x[0], x[1])[0],
    "batch_normalization_test": lambda x: T.nnet.batch_normalization_test(
        x, x[0], x[1], x[2], x[0] * (x[0] + 1.0) + 5.0
    ),
    "h_softmax": lambda x: T.nnet.h_softmax(
        x, 3, 4, 2, 2, x.T[:, :2], x[0, :2], T.stack([x.T[:, :2], x.T[:, 1:]]), x[:2, :2]
    ),
    "sparse_block_dot": lambda x: T.nnet.sparse_block_dot(
        x.dimshuffle("x", "x", 0, 1), x[:1, :3], [0], x[:1], [0]
    ),
    "sparse_block_dot:outer": lambda x: SparseBlockOuter()(
        x.dimshuffle("x", "x", 0, 1), five(x)[0, :, :, 0, :3], five(x)[0, :, :, 0], [[0]], [[0]]
    ),
    "crossentropy_categorical_1hot": lambda x: T.nnet.crossentropy_categorical_1hot(
        T.nnet.softmax(x), [0, 1, 2]
    ),
    "crossentropy_softmax_1hot": lambda x: T.nnet.crossentropy_softmax_1hot(x, [0, 1, 2])[0],
    "crossentropy_softmax_1hot_with_bias": lambda x: T.nnet.crossentropy_softmax_1hot_with_bias(
        x, x[0], [0, 1, 2]
    )[0],
    "crossentropy_softmax_argmax_1hot_with_bias": (
        lambda x: T.nnet.crossentropy_softmax_argmax_1hot_with_bias(x, x[0], [0, 1, 2])[0]
    ),
    "crossentropy_softmax_max_and_argmax_1hot": (
        lambda x: T.nnet.crossentropy_softmax_max_and_argmax_1hot(x, [0, 1, 2])[0]
    ),
    "crossentropy_softmax_max_and_argmax_1hot_with_bias": (
        lambda x: T.nnet.crossentropy_softmax_max_and_argmax_1hot_with_bias(x, x[0], [0, 1, 2])[2]
    ),
    "prepend_scalar_to_each_row": lambda x: T.nnet.prepend_scalar_to_each_row(x[0, 0], x),
    "prepend_0_to_each_row": T.nnet.prepend_0_to_each_row,
    "prepend_1_to_each_row": T.nnet.prepend_1_to_each_row,
    "ctc": lambda x: ctc(x.dimshuffle(0, "x", 1), [[1, 2]], [3]),
    "conv2d": lambda x: T.nnet.conv2d(four(x), x[:2, :2].dimshuffle("x", "x", 0, 1)),
    "conv3d": lambda x: T.nnet.conv3d(five(x), five(x[:2, :2])),
    "conv2d_grad_wrt_inputs": lambda x: T.nnet.conv2d_grad_wrt_inputs(
        four(x), four(x[:2, :2]), (1, 1, 4, 5)
    ),
    "conv2d_grad_wrt_weights": lambda x: T.nnet.conv2d_grad_wrt_weights(
        four(x), four(x[:2, :2]), (1, 1, 2, 3)
    ),
    "conv3d_grad_wrt_inputs": lambda x: T.nnet.conv3d_grad_wrt_inputs(
        five(x), five(x[:2, :2]), (1, 1, 1, 4, 5)
    ),
    "conv3d_grad_wrt_weights": lambda x: T.nnet.conv3d_grad_wrt_weights(
        five(x), five(x[:2, :2]), (1, 1, 1, 2, 3)
    ),
    "conv2d_transpose": lambda x: T.nnet.conv2d_transpose(
        four(x), four(x[:2, :2]), (1, 1, 6, 8), input_dilation=(2, 2)
    ),
    "separable_conv2d": lambda x: T.nnet.separable_conv2d(
        four(x), four(x[:2, :2]), four(x[:1, :1]), 1
    ),
    "separable_conv3d": lambda x: T.nnet.separable_conv3d(
        five(x), five(x[:2, :2]), five(x[:1, :1]), 1
    ),
    "bilinear_upsampling": lambda x: T.nnet.bilinear_upsampling(four(x), 2),
    "frac_bilinear_upsampling": lambda x: T.nnet.frac_bilinear_upsampling(four(x), (3, 2)),
    "images2neibs": lambda x: T.nnet.images2neibs(four(x), (3, 2)),
    "neibs2images": lambda x: T.nnet.neibs2images(x.reshape((2, 6)), (3, 2), (1, 1, 3, 4)),
    "pool_2d": lambda x: pool_2d(x, (2, 2), True),
    "pool_2d:mean": lambda x: pool_2d(x, (2, 3), False, mode="average_exc_pad"),
    "pool_2d:its gradient": lambda x: T.grad(T.sqr(pool_2d(x, (2, 2), True)).sum(), x),
    "pool_2d:the gradient of a mean": lambda x: T.grad(
        T.sqr(pool_2d(x, (2, 2), True, (1, 1), mode="average_exc_pad")).sum(), x
    ),
    "pool_3d": lambda x: pool_3d(five(x), (1, 2, 2), True),
    "max_pool_2d_same_size": lambda x: max_pool_2d_same_size(x, (2, 2)),
    "conv2d:of an image": lambda x: signal_conv2d(x, x[:2, :2]),
    "ifelse": lambda x: ifelse(T.gt(x[0, 0], 9), x.T, T.exp(x)),
    "scan": lambda x: scan(lambda row, state: T.tanh(row * state), x, x[0])[0],
    "scan:until": lambda x: scan(lambda row: (row**2, until(row[0] > 9)), x)[0],
    "scan_checkpoints": lambda x: lltheano.scan_checkpoints(
        lambda row, state: T.tanh(row * state), x, x[0], save_every_N=2
    )[0],
    "map": lambda x: lltheano.map(T.sin, x)[0],
    "reduce": lambda x: lltheano.reduce(lambda row, state: T.tanh(row) + state, x, x[1])[0],
    "foldl": lambda x: lltheano.foldl(lambda row, state: T.tanh(row * state), x, x[1])[0],
    "foldr": lambda x: lltheano.foldr(lambda row, state: T.tanh(row * state), x, x[1])[0],
    "hessian_vector_product": lambda x: hessian_vector_product((x**3).sum(), x, 2 * T.ones_like(x)),
    "OpFromGraph": lambda x: _AFFINE(x, x[0]),
    "Print": lambda x: Print("x", attrs=())(x) ** 2,
    "deep_copy_op": lambda x: deep_copy_op(x) ** 2,
    "view_op": lambda x: view_op(x) ** 2,
    "OutputGuard": lambda x: OutputGuard()(x) ** 2,
    "grad_scale": lambda x: grad_scale(x, 1.0) ** 2,
    "grad_clip": lambda x: grad_clip(x, -100, 100) ** 2,
}


CASES: dict[str, Case] = {
    **REDUCTIONS,
    **SHAPES,
    **PARTS,
    **PRODUCTS,
    **MATRICES,
    **NETWORKS,
    **OTHERS,
}

OPS_WITHOUT: dict[str, str] = {
    "lltheano.random.philox.RandomWords": "draws integers: test_distributions has what is made of",
    "lltheano.gradient.barriers._Pass": "names a seed of a gradient, and is in no result",
    **dict.fromkeys(
        (
            "lltheano.tensor.linalg.cholesky.CholeskyGrad",
            "lltheano.tensor.linalg.eigen.EighGrad",
            "lltheano.tensor.linalg.eigen.EigvalshGrad",
            "lltheano.tensor.linalg.exponential.ExpmGrad",
        ),
        "Theano's name for a gradient that is a graph here: tests/lltheano/tensor/linalg",
    ),
    "lltheano.tensor.ordering.counting.LexSort": "the result is an integer",
    "lltheano.tensor.linalg.schur.Schur": "says that there is none",
    "lltheano.tensor.linalg.eigen.Eig": "says that there is none",
    **dict.fromkeys(
        (
            "lltheano.tensor.reductions.extrema.Argmax",
            "lltheano.tensor.indexing.flat_indices.RavelMultiIndex",
            "lltheano.tensor.indexing.flat_indices.UnravelIndex",
        ),
        "the result is an integer",
    ),
    **dict.fromkeys(
        (
            "lltheano.tensor.creation.filled.Eye",
            "lltheano.tensor.arrangement.diagonals.Tri",
            "lltheano.tensor.creation.grids.Bartlett",
        ),
        "the operands are integers",
    ),
    "lltheano.gradient.barriers.ConsiderConstant": "holds the gradient back: test_engine",
    "lltheano.gradient.barriers.UndefinedGrad": "refuses the gradient: test_engine",
}
"""Op classes that no case is made of."""

WITHOUT: dict[str, str] = {
    **dict.fromkeys(
        (
            *("all", "any", "allclose", "isclose", "nonzero", "flatnonzero", "isfinite", "isin"),
            *("isneginf", "isposinf", "logical_and", "logical_not", "logical_or", "logical_xor"),
        ),
        "the result is no float",
    ),
    **dict.fromkeys(
        (
            *("argmax", "argmin", "argsort", "argtopk", "ceil_intdiv", "count_nonzero", "iround"),
            *("nanargmax", "nanargmin", "matrix_rank"),
        ),
        "the result is an integer",
    ),
    **dict.fromkeys(
        (
            *("shape", "size", "shape_i", "known_elements"),
            *("get_vector_length", "get_scalar_constant_value"),
        ),
        "about sizes, or what is known of them",
    ),
    **dict.fromkeys(
        (
            *("arange", "eye", "identity_like", "ones", "ones_like", "tri", "zeros"),
            *("zeros_like", "constant"),
        ),
        "the result depends on no element",
    ),
    **dict.fromkeys(
        (
            *(
                "confusion_matrix",
                "ctc_available",
                "bincount",
                "unique",
                "searchsorted",
                "ravel_multi_index",
                "unravel_index",
            ),
            "to_one_hot",
        ),
        "counts, places and marks: the result is an integer, or made of integers",
    ),
    **dict.fromkeys(("hints", "is_hint"), "notes about a matrix"),
    "eig": "says that there is none",
    "schur": "says that there is none",
    "identity": "the result depends on no element",
    "bartlett": "a window of a given size",
    **dict.fromkeys(("round", "imag"), "zero everywhere: steps, or the imaginary part of a real"),
    **dict.fromkeys(
        (
            *("consider_constant", "disconnected_grad", "undefined_grad", "zero_grad"),
            *("grad_not_implemented", "grad_undefined"),
        ),
        "what holds gradients back: test_engine",
    ),
    **dict.fromkeys(
        (
            *("Lop", "Rop", "grad", "hessian", "subgraph_grad", "format_as"),
            *("verify_grad", "numeric_grad"),
        ),
        "differentiation itself",
    ),
}
"""Public functions that have no gradient to check, and why."""

MODULES_WITHOUT: dict[str, str] = {
    "lltheano.scalar": "ops on numbers, which have the gradients of those on tensors: test_scalar",
    "lltheano.printing": "shows graphs",
    "lltheano.function": "compiles",
    "lltheano.shared": "makes leaves",
    "lltheano.compat": "other names",
    "lltheano.config": "settings",
    "lltheano.ops.files": "reads a file",
    "lltheano.ops.messages": "sends and receives",
    "lltheano.serialization": "stores values",
    "lltheano.graph": "copies and walks graphs",
    "lltheano.sparse": "has sparse operands: tests/lltheano/sparse walks its ops and functions",
    "lltheano.tensor.variables.constructors": "makes leaves",
    "lltheano.ops.from_function": "has the gradient that its user writes",
}
"""Modules of which no function and no op class needs a case."""
