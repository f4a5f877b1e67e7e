"""What is said of NumPy's functions that cannot build a graph, and what to use in their place."""

from typing import Any

__all__ = ["HINTS", "refusal"]

_SETS = "T.unique and T.isin build the graphs of sets"
_WRITES = (
    "a variable cannot be written to; x[i].set(v), x[i].inc(v), T.set_subtensor(x[i], v) and"
    " T.inc_subtensor(x[i], v) return the changed tensor"
)
_TEXT = "str(x) and lltheano.printing.debugprint(x) show the graph, lltheano.printing.Print values"
_FILES = "only values can be stored: those of a shared variable by its get_value()"
_SORT = "use T.sort, T.argsort or T.topk"
_POLYNOMIAL = "write it as a sum of powers, T.vander(x) times the coefficients"
_PYTHON = "it calls Python for values that are not there yet; write it with T.switch, or map_index"
_LENGTH = "how many parts there are is not known yet; take x[i] for those that there are"
_HISTOGRAM = "use T.searchsorted(edges, x) and T.bincount"
_SAME = "compare with T.eq(x, y), and T.all of it; T.allclose(x, y) allows for rounding"
_TYPES = "the dtype of a result is that of the expression: (x + y).dtype"
_FOURIER = "T.fft.fft, ifft, fftn and ifftn build graphs"

HINTS: dict[str, str] = {
    **dict.fromkeys(("intersect1d", "setdiff1d", "setxor1d", "union1d"), _SETS),
    **dict.fromkeys(("unique_all", "unique_counts", "unique_inverse"), "use T.unique(x, ...)"),
    **dict.fromkeys(
        ("copyto", "fill_diagonal", "place", "put", "put_along_axis", "putmask"), _WRITES
    ),
    **dict.fromkeys(("array2string", "array_repr", "array_str"), _TEXT),
    **dict.fromkeys(("save", "savetxt", "savez", "savez_compressed"), _FILES),
    **dict.fromkeys(("argpartition", "partition", "lexsort", "sort_complex"), _SORT),
    **dict.fromkeys(
        (
            *("poly", "polyadd", "polyder", "polydiv", "polyfit", "polyint", "polymul", "polysub"),
            *("polyval", "roots"),
        ),
        _POLYNOMIAL,
    ),
    **dict.fromkeys(("apply_along_axis", "apply_over_axes", "piecewise", "fromfunction"), _PYTHON),
    "unstack": _LENGTH,
    **dict.fromkeys(
        ("digitize", "histogram", "histogram2d", "histogram_bin_edges", "histogramdd"), _HISTOGRAM
    ),
    **dict.fromkeys(("array_equal", "array_equiv"), _SAME),
    **dict.fromkeys(("can_cast", "common_type", "min_scalar_type", "result_type"), _TYPES),
    "correlate": "use T.convolve(x, y[::-1].conj())",
    **dict.fromkeys(
        (
            *("fft.hfft", "fft.ihfft", "fft.irfft", "fft.irfft2", "fft.irfftn", "fft.rfft2"),
            "fft.rfftn",
        ),
        _FOURIER,
    ),
    "bitwise_count": "add up (x >> i) & 1 for the bits i",
    "block": "use T.concatenate, T.hstack and T.vstack",
    "corrcoef": "use T.cov and T.diag",
    "delete": "use T.concatenate of x[:i] and x[i + 1:]",
    "frexp": "use T.floor(T.log2(abs(x)))",
    "geomspace": "use T.exp(T.linspace(T.log(a), T.log(b), n))",
    "gradient": "use T.diff, or T.grad for derivatives",
    "insert": "use T.concatenate of x[:i], the new elements and x[i:]",
    "ix_": "use x[i[:, None], j]",
    "ldexp": "use x * T.exp2(i)",
    "linalg.lstsq": "use T.nlinalg.lstsq()(a, b, rcond)",
    "real_if_close": "use x.real",
    "resize": "use T.tile and x[:n].reshape(...)",
    "signbit": "use x < 0",
    "squeeze": "name the axes, as in T.squeeze(x, axis=0): which of them have size 1 is not known",
    "trim_zeros": "use x[T.nonzero(x)[0].min() : T.nonzero(x)[0].max() + 1]",
}
"""What to use for functions that none of the tensor language serves."""


def refusal(name: str, reason: str | None = None) -> TypeError:
    """The error for a function of NumPy's, without `numpy.`, that was called on a variable.

    >>> refusal("signbit").args[0][:40]
    'np.signbit of a variable builds no graph'
    """
    if reason is not None:
        return TypeError(f"np.{name} of a variable: {reason}")
    hint = HINTS.get(name, "no function of the tensor language is like it")
    return TypeError(
        f"np.{name} of a variable builds no graph: {hint}. Or call it on a value, such as"
        " x.eval({...}) or what a compiled function returns"
    )


def unwanted(name: str, options: dict[str, Any]) -> TypeError:
    """The error for arguments that say where and how NumPy is to compute."""
    listed = ", ".join(f"{option}=" for option in options)
    hint = "; the result is a new variable" if "out" in options else ""
    if "where" in options:
        hint = "; choose with T.switch(condition, a, b)"
    if "dtype" in options:
        hint = "; convert operands or the result with .astype(dtype)"
    return refusal(name, f"it takes no {listed} here{hint}")
