"""NanGuardMode: where numbers stop being ordinary, by name and line, with nothing changed."""

import inspect
import pickle
from typing import Any

import numpy as np
import pytest

from lltheano import tensor as T
from lltheano.config import config
from lltheano.function import function
from lltheano.function.debugging.nan_guard import NanGuardMode
from lltheano.function.modes.mode import get_mode
from lltheano.ifelse import ifelse
from lltheano.loops import scan, until
from lltheano.shared import shared

x, v = T.dscalar("x"), T.dvector("v")


def test_ordinary_numbers_pass() -> None:
    s = shared(np.ones(3), "s")
    step = function([v], [T.exp(v).sum(), v[::-1]], updates=[(s, s * v)], mode="NanGuardMode")
    total, turned = step([0.0, 0.0, 0.0])
    assert total == 3
    assert turned.tolist() == [0, 0, 0]
    assert s.get_value().tolist() == [0, 0, 0]
    assert function([v], v * 2, mode="NanGuardMode")([]).tolist() == []


def test_what_is_not_ordinary_is_named_with_its_line_and_nothing_changes() -> None:
    s = shared(np.ones(2), "s")
    ratio = v / s
    line = inspect.currentframe().f_lineno - 1  # type: ignore[union-attr]
    ratio.name = "ratio"
    step = function([v], ratio.sum(), updates=[(s, s - 1)], mode=NanGuardMode(), name="step")
    assert step([1.0, 2.0]) == 3
    with pytest.raises(AssertionError, match=r"step\(\): an infinity in ratio") as caught:
        step([1.0, 2.0])
    assert f"{__file__}:{line} (ratio): ratio = v / s" in str(caught.value)
    assert s.get_value().tolist() == [0, 0]
    with pytest.raises(AssertionError, match=r"NaN in ratio"):
        step([0.0, 1.0])


@pytest.mark.parametrize(
    ("value", "message", "option"),
    [
        (np.nan, "NaN in x", "nan_is_error"),
        (np.inf, "an infinity in x", "inf_is_error"),
        (-2e10, r"a magnitude above 1e\+10 in x", "big_is_error"),
    ],
)
def test_each_kind_can_be_allowed(value: float, message: str, option: str) -> None:
    with pytest.raises(AssertionError, match=message):
        function([x], x + 1, mode=NanGuardMode())(value)
    allowed: Any = {option: False}
    if np.isinf(value):
        allowed["big_is_error"] = False
    expected = value + 1
    np.testing.assert_equal(function([x], x + 1, mode=NanGuardMode(**allowed))(value), expected)
    with config.change_flags([(f"NanGuardMode.{key}", False) for key in allowed]):
        np.testing.assert_equal(function([x], x + 1, mode="NanGuardMode")(value), expected)


def test_what_is_rewritten_into_something_stable_passes() -> None:
    softplus = T.log(1 + T.exp(v))
    assert function([v], softplus, mode=NanGuardMode())([1000.0]) == 1000
    with pytest.raises(AssertionError, match="an infinity in a result of exp"):
        function([v], softplus, mode=NanGuardMode(optimizer=None))([1000.0])


def test_integers_and_small_floats_are_no_concern() -> None:
    n, h = T.lscalar("n"), T.TensorType("float16", ())("h")
    assert (
        function([n, h], n * 2 + T.cast(h, "int64"), mode="NanGuardMode")(10**12, 1)
        == 2 * 10**12 + 1
    )


def test_the_mode_is_a_mode() -> None:
    mode = NanGuardMode(inf_is_error=False).excluding("fusion")
    assert isinstance(mode, NanGuardMode)
    assert mode.left_out == {"fuse"}
    assert not mode.inf_is_error
    assert mode != NanGuardMode().excluding("fusion")
    assert pickle.loads(pickle.dumps(mode)) == mode
    assert get_mode("NanGuardMode") == NanGuardMode()


@pytest.mark.parametrize(
    ("value", "message"),
    [(complex(1, np.nan), "NaN"), (complex(np.inf, 0), "an infinity"), (complex(0, 1e11), "above")],
)
def test_complex_numbers_are_checked_by_their_parts(value: complex, message: str) -> None:
    z = T.TensorType("complex128", (False,))("z")
    safe = function([z], z * 2, mode=NanGuardMode())
    assert safe([3 + 4j]).tolist() == [6 + 8j]
    with pytest.raises(AssertionError, match=f"{message}.* in z"):
        safe([1j, value])


def logarithm(x: Any) -> Any:
    return T.log(x)


_LINE = logarithm.__code__.co_firstlineno + 1


def in_scan(x: Any) -> Any:
    return scan(lambda one, total: total + logarithm(one), x, T.zeros(()))[0][-1]


def in_scan_until(x: Any) -> Any:
    out, _ = scan(lambda one, total: (total + logarithm(one), until(T.gt(one, 10))), x, T.zeros(()))
    return out[-1]


def in_nested_scan(x: Any) -> Any:
    return scan(lambda k: k * in_scan(x), T.arange(1, 3))[0].sum()


def in_branch(x: Any) -> Any:
    return ifelse(T.gt(x.sum(), 0), logarithm(x).sum(), x.sum())


@pytest.mark.parametrize("build", [in_scan, in_scan_until, in_nested_scan, in_branch])
@pytest.mark.parametrize(("bad", "message"), [(-1.0, "NaN"), (0.0, "an infinity")])
def test_steps_and_branches_are_checked_where_the_fault_arises(
    build: Any, bad: float, message: str
) -> None:
    x, calls = T.dvector("x"), shared(0, name="calls")
    result = build(x)
    plain = function([x], result)
    safe = function([x], result, updates=[(calls, calls + 1)], mode=NanGuardMode())
    good = np.array([1.0, 2.0, 3.0])
    np.testing.assert_allclose(safe(good), plain(good))
    with pytest.raises(AssertionError, match=f"{message} in a result of log\n") as raised:
        safe([5.0, bad, 3.0])
    assert f"test_nan_guard.py:{_LINE}: return T.log(x)" in str(raised.value)
    assert int(calls.get_value()) == 1


def test_a_branch_that_is_not_chosen_is_not_checked() -> None:
    x = T.dvector("x")
    safe = function([x], in_branch(x), mode=NanGuardMode())
    assert float(safe([-1.0, 0.0])) == -1.0


def test_what_a_loop_carries_may_not_grow_too_big() -> None:
    n = T.lscalar("n")
    out, _ = scan(lambda a: a * 10, outputs_info=np.float64(1), n_steps=n)
    safe = function([n], out[-1], mode=NanGuardMode(big_is_error=True))
    assert float(safe(10)) == 1e10
    with pytest.raises(AssertionError, match="above 1e\\+10 in a result of mul"):
        safe(11)
