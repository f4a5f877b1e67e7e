"""What calls count, and that they count it however they end and from wherever they come."""

import io
import json
import pickle
import threading
import time
from pathlib import Path

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano import Function, In, config, function, shared
from lltheano.function.profiling.limits import Limits
from lltheano.function.profiling.requests import _print_at_exit, print_global_stats
from lltheano.function.profiling.snapshot import Snapshot
from lltheano.function.profiling.stats import ProfileStats
from lltheano_ir.profiling.regions import RegionKind

x, y = T.dvectors("x", "y")


def profile_of(made: Function) -> ProfileStats:
    assert made.profile is not None
    return made.profile


def snapshot_of(made: Function) -> Snapshot:
    return profile_of(made).snapshot()


def test_a_call_is_counted_with_its_parts() -> None:
    f = function([x, y], T.exp(x) * y, name="f", profile=True)
    plain = function([x, y], T.exp(x) * y)
    values = np.linspace(0, 1, 50), np.ones(50)
    for _ in range(3):
        assert f(*values).tobytes() == plain(*values).tobytes()
    found = snapshot_of(f)
    assert (found.name, found.calls, found.failures, found.threads) == ("f()", 3, 0, 1)
    assert 0 < found.native_seconds < found.seconds
    assert found.waiting_seconds == 0
    (loop,) = [row for row in found.rows if row.region.kind is RegionKind.LOOPS]
    assert (loop.calls, loop.bytes, loop.flops) == (3, 3 * 24 * 50, 3 * 21 * 50)
    assert loop.allocated == 3 * 8 * 50
    profile = profile_of(f)
    assert profile.op_callcount() == {"exp": 3, "mul": 3}
    assert list(profile.op_time()) == ["exp", "mul"]
    (line,) = profile.line_time()
    assert line.startswith(f"{__file__}:")
    assert profile.fct_call_time == pytest.approx(found.seconds)
    assert 0 < profile.vm_call_time < profile.fct_call_time
    steps = list(found.compile_seconds)
    assert steps[0] == "graph: lower"
    assert all(seconds >= 0 for seconds in found.compile_seconds.values())


def test_a_function_without_a_profile_has_none_and_is_other_code() -> None:
    f = function([x], x + 1)
    assert f.profile is None
    with pytest.raises(ValueError, match="not profiled"):
        _ = f.compiled.counters
    assert "clock" not in f.stages["loops"]
    assert "lltheano_clock" not in f.stages["llvm"]
    assert "clock" in function([x], x + 1, profile=True).stages["loops"]


def test_a_call_that_raises_counts_and_is_marked() -> None:
    state = shared(0.0)
    f = function([x, y], x + y, updates=[(state, state + 1)], profile=True)
    f([1.0], [2.0])
    with pytest.raises(ValueError, match="sizes"):
        f([1.0, 2.0], [1.0, 2.0, 3.0])
    with pytest.raises(TypeError):
        f("no array", [1.0])
    found = snapshot_of(f)
    assert (found.calls, found.failures) == (3, 2)
    assert [row.calls for row in found.rows if row.region.kind is RegionKind.PROGRAM] == [1]
    assert state.get_value() == 1


def test_the_frames_of_an_error_are_those_of_a_function_without_a_profile() -> None:
    found = []
    for profile in (False, True):
        f = function([x, y], x + y, profile=profile)
        with pytest.raises(ValueError, match="sizes") as caught:
            f([1.0, 2.0], [1.0, 2.0, 3.0])
        found.append([entry.name for entry in caught.traceback])
    assert found[0] == found[1]


def test_several_functions_may_count_together() -> None:
    both = ProfileStats("both", atexit_print=False)
    f, g = (function([x], one, profile=both) for one in (x + 1, T.sin(x)))
    assert f.profile is g.profile is both
    f([1.0]), g([1.0]), g([2.0])
    assert both.fct_callcount == 3
    assert both.op_callcount() == {"add": 1, "sin": 2}
    parents = [row.region.parent for row in both.snapshot().rows]
    assert all(parent is None or parent < number for number, parent in enumerate(parents))


def test_some_outputs_kept_inputs_and_python_objects_count_too() -> None:
    f = function([x], [x + 1, T.sin(x)], profile=True)
    assert len(f([1.0], output_subset=[1])) == 1
    assert profile_of(f).fct_callcount == 1
    assert profile_of(f).op_callcount()["sin"] == 1
    count = T.dscalar("count")
    kept = function([In(count, value=1.0, update=count * 2)], count, profile=True)
    assert [float(kept()), float(kept())] == [1, 2]
    assert profile_of(kept).fct_callcount == 2


def test_threads_lose_no_counts() -> None:
    state = shared(np.zeros(8), name="state")
    f = function([], T.exp(state), updates=[(state, state + 1)], profile=True)

    barrier = threading.Barrier(4)

    def work() -> None:
        barrier.wait()
        for _ in range(50):
            f()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    found = snapshot_of(f)
    assert (found.calls, found.threads) == (200, 4)
    (program,) = [row for row in found.rows if row.region.kind is RegionKind.PROGRAM]
    assert program.calls == 200


def test_waiting_for_a_lock_is_told_from_work() -> None:
    state = shared(np.zeros(3), name="state")
    f = function([], updates=[(state, state + 1)], profile=True)
    f()
    assert snapshot_of(f).waiting_seconds == 0
    with state.borrowed():
        other = threading.Thread(target=f)
        other.start()
        time.sleep(0.1)
    other.join()
    found = snapshot_of(f)
    assert 0.03 < found.waiting_seconds <= found.seconds
    assert found.native_seconds < 0.03


def test_counting_can_begin_anew() -> None:
    with config.change_flags({"profiling.ignore_first_call": True}):
        f = function([x], T.exp(x), profile=True)
    f([1.0])
    f([1.0])
    assert snapshot_of(f).calls == 1
    profile_of(f).reset()
    found = snapshot_of(f)
    assert found.calls == sum(row.calls for row in found.rows) == 0
    assert found.compile_seconds


def test_what_is_asked_for_as_a_profile() -> None:
    assert profile_of(function([x], x + 2, profile="mine")).message == "mine"
    with config.change_flags(profile=True):
        assert function([x], x + 2).profile is not None
        assert function([x], x + 2, profile=False).profile is None
    with pytest.raises(TypeError, match="profile must be"):
        function([x], x + 2, profile=3)  # type: ignore[call-overload]


def test_copies_and_pickles() -> None:
    f = function([x], x + 3, name="f", profile=True)
    assert f.copy().profile is f.profile
    assert f.copy(profile=False).profile is None
    assert f.copy(profile=True).profile not in (None, f.profile)
    f([1.0])
    loaded = pickle.loads(pickle.dumps(f))
    assert (profile_of(loaded).message, profile_of(loaded).fct_callcount) == ("f()", 0)


def test_what_is_printed_and_when(
    limits: Limits, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    f = function([x], T.exp(x), name="shown", profile=True)
    g = function([x], T.exp(x) + 1, name="forgotten", profile=True)
    f([1.0]), g([1.0])
    profile_of(f).summary(stream := io.StringIO())
    assert "Profile of shown()" in stream.getvalue()
    _print_at_exit()
    printed = capsys.readouterr().err
    assert "Profile of forgotten()" in printed
    assert "Profile of shown()" not in printed
    with config.change_flags({"profiling.destination": str(tmp_path / "profiles")}):
        print_global_stats()
    assert "Profile of shown()" in (tmp_path / "profiles").read_text(encoding="utf-8")


def test_as_plain_data(limits: Limits) -> None:
    f = function([x], T.exp(x), name="f", profile=True)
    f([1.0, 2.0])
    record = json.loads(json.dumps(profile_of(f).as_record()))
    (found,) = record["functions"]
    assert found["name"] == "f()"
    assert found["seconds"]["native"] > 0
    assert [one["op"] for one in found["ops"]] == ["exp"]
    assert found["regions"][0]["parent"] is None
    assert found["lines"][0]["line"].startswith(__file__)
