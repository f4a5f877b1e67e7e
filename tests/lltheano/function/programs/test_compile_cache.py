"""Functions that were compiled before: the same answers, and messages with their own lines."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lltheano import tensor as T
from lltheano.function import Function, function
from lltheano.shared import shared
from lltheano_ir import compile as compiler, program_cache
from lltheano_ir.compile import Steps
from lltheano_ir.program import Program
from lltheano_ir.target import Target

v, w = T.dvectors("v", "w")

_REGRESSION = """
import hashlib
import numpy as np
import lltheano.tensor as T
from lltheano import function, shared
x, y = T.dmatrix("x"), T.lvector("y")
W, b = shared(np.zeros((8, 3)), "W"), shared(np.zeros(3), "b")
p = T.nnet.softmax(T.dot(x, W) + b)
cost = -T.mean(T.log(p)[T.arange(y.shape[0]), y])
gW, gb = T.grad(cost, [W, b])
train = function([x, y], cost, updates=[(W, W - 0.5 * gW), (b, b - 0.5 * gb)])
print(hashlib.sha256(train.stages["llvm"].encode()).hexdigest())
"""


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLTHEANO_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(program_cache, "compiler_fingerprint", lambda: "a compiler")


def from_cache(made: Function) -> bool:
    return made.compiled.code.from_cache


def test_each_function_names_its_own_line() -> None:
    first = function([v, w], v + w, name="add")
    second = function([v, w], v + w, name="add")
    third = function([v, w], (v + w), name="add")
    assert [from_cache(one) for one in (first, second, third)] == [False, True, True]
    messages = []
    for add in (first, second, third):
        with pytest.raises(ValueError, match="sizes on axis 0, 2 and 3 differ") as caught:
            add([1, 2], [1, 2, 3])
        messages.append(re.findall(r"test_compile_cache\.py:(\d+): (.*)", str(caught.value)))
    lines = [int(line) for ((line, _),) in messages]
    assert lines == [lines[0], lines[0] + 1, lines[0] + 2]
    assert [text.partition(" ")[0] for ((_, text),) in messages] == ["first", "second", "third"]


def test_shared_variables_are_each_functions_own() -> None:
    counters = [shared(0), shared(10)]
    steps = [function([], one, updates=[(one, one + 1)], name="step") for one in counters]
    assert [from_cache(one) for one in steps] == [False, True]
    assert [int(one()) for one in (*steps, *steps)] == [0, 10, 1, 11]


def test_arguments_that_show_memory_written_in_place_are_still_copied() -> None:
    for known in (False, True):
        s = shared(np.arange(4.0), name="s", borrow=True)
        add = function([v], updates=[(s, s + v[::-1])], name="add")
        assert from_cache(add) is known
        add(s.get_value(borrow=True))
        assert s.get_value().tolist() == [3, 3, 3, 3]


def test_no_stage_runs_until_one_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[str] = []
    follow = compiler.follow

    def watched(program: Program, target: Target, **options: Any) -> Steps:
        runs.append(program.name)
        return follow(program, target, **options)

    monkeypatch.setattr(compiler, "follow", watched)
    first, again = (function([v, w], T.exp(v) * w, name="made") for _ in range(2))
    assert first([0.0], [2.0]).tolist() == again([0.0], [2.0]).tolist() == [2]
    assert runs == ["made"]
    for name in set(again.stages) - {"graph"}:
        assert again.stages[name] == first.stages[name]
    assert again.entry.frame == first.entry.frame
    assert runs == ["made", "made"]


@pytest.mark.slow
def test_the_same_program_gives_the_same_code_in_every_process() -> None:
    found = {
        subprocess.run(
            [sys.executable, "-c", _REGRESSION],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(found) == 1
