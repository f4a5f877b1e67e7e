"""`lltheano profile`: a script's functions, as tables, as JSON and as a page."""

import json
from pathlib import Path

import pytest

from lltheano.function.profiling import limits as module
from lltheano.function.profiling.limits import Limits
from tests.lltheano.cli.scripts import Command

CALLS = """\
import lltheano.tensor as T
from lltheano import function

print("hello")
x = T.dvector("x")
wave = function([x], T.sin(x) + 1, name="wave")
other = function([x], T.exp(x), name="other")
silent = function([x], x)
for _ in range(3):
    wave([1.0, 2.0])
other([1.0])
"""


@pytest.fixture(autouse=True)
def _unmeasured(monkeypatch: pytest.MonkeyPatch) -> None:
    limits = Limits((("memory", 1 << 62, 1e10),), {"f64": 1e10}, {"f64": 1e11})
    monkeypatch.setattr(module, "_measured", lambda target: limits)
    module.limits.cache_clear()


@pytest.fixture
def script(lltheano: Command) -> str:
    Path("calls.py").write_text(CALLS, encoding="utf-8")
    return "calls.py"


def test_all_functions_that_were_called(lltheano: Command, script: str) -> None:
    result = lltheano("profile", script)
    assert result.code == 0
    assert result.err == "hello\n"
    assert result.out.startswith("Functions\n")
    for name in ("wave()", "other()"):
        assert f"Profile of {name}" in result.out
    assert "calls.py:8" not in result.out
    assert 'wave = function([x], T.sin(x) + 1, name="wave")' in result.out
    assert "Compiling" not in result.out


def test_one_function_with_more(lltheano: Command, script: str) -> None:
    result = lltheano("profile", f"{script}:wave", "--top", "1", "--also", "passes")
    assert result.out.startswith("Profile of wave()\n")
    assert "3 calls" in result.out
    assert "other" not in result.out
    assert "and 1 more" in result.out
    assert "Compiling" in result.out


def test_figures_for_programs_and_a_page(lltheano: Command, script: str) -> None:
    result = lltheano("profile", script, "--json", "--html", "calls.html")
    record = json.loads(result.out)
    calls = {one["name"]: one["calls"] for one in record["functions"]}
    assert calls.pop("wave()") == 3
    assert calls.pop("other()") == 1
    assert list(calls.values()) == [0]
    assert record["limits"]["levels"] == [["memory", 1 << 62, 1e10]]
    assert result.err == "hello\nlltheano: wrote calls.html\n"
    assert "wave()" in Path("calls.html").read_text(encoding="utf-8")
    refused = lltheano("profile", script, "--html", "nowhere/calls.html")
    assert refused.code == 1
    assert "cannot write nowhere/calls.html" in refused.err


def test_programs_for_theano_and_scripts_that_fail(lltheano: Command) -> None:
    text = CALLS.replace("lltheano.tensor", "theano.tensor").replace("from lltheano", "from theano")
    Path("old.py").write_text(f"{text}\nraise SystemExit(3)\n", encoding="utf-8")
    result = lltheano("profile", "--theano", "old.py:other")
    assert result.code == 1
    assert "Profile of other()" in result.out
    assert "exited with 3" in result.err


def test_nothing_called_is_an_error(lltheano: Command, script: str) -> None:
    Path("idle.py").write_text(CALLS.partition("for _")[0], encoding="utf-8")
    result = lltheano("profile", "idle.py")
    assert (result.code, result.out) == (1, "")
    assert "idle.py called none of its compiled functions" in result.err
