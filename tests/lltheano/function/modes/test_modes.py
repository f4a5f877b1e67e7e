"""Modes: their names, and the passes that they choose."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lltheano import tensor as T
from lltheano.config import config
from lltheano.function import function
from lltheano.function.modes.mode import (
    FAST_RUN,
    LINKERS,
    Mode,
    get_default_mode,
    get_mode,
    predefined_modes,
    register_mode,
)
from lltheano.function.modes.passes import PASS_TAGS, PassQuery, predefined_optimizers
from lltheano.shared import shared
from lltheano_ir.decisions import Decision
from lltheano_ir.loops.nodes import Commit, LoopFunction
from lltheano_ir.passes.pipeline import OPTIONAL_PASSES
from lltheano_ir.pipeline import LOOP_PASSES, OPTIONAL_LOOP_PASSES
from lltheano_ir.target import Target
from lltheano_ir.verify import PassError

v, w = T.dvectors("v", "w")


@pytest.mark.parametrize("mode", [None, "FAST_RUN", "FAST_COMPILE", "Mode", Mode(optimizer=None)])
def test_modes_that_are_honoured(mode: Any) -> None:
    assert function([v], v, mode=mode)([1.0]) == 1


@pytest.mark.parametrize(("mode", "error"), [("FAST", ValueError), (3, TypeError)])
def test_other_modes_are_refused_with_the_choices(mode: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="'Mode', 'FAST_RUN', 'FAST_COMPILE'"):
        function([v], v, mode=mode)


def test_every_pass_that_can_be_left_out_has_tags_and_no_other() -> None:
    assert set(PASS_TAGS) == {*OPTIONAL_PASSES, *OPTIONAL_LOOP_PASSES}


def test_tags_choose_passes_as_theanos_choose_optimisations() -> None:
    assert FAST_RUN.left_out == frozenset()
    assert FAST_RUN.excluding("fusion", "local_no_such_rewrite").left_out == {"fuse"}
    assert FAST_RUN.excluding("fusion").including("fusion").left_out == {"fuse"}
    merging = Mode(optimizer="merge")
    assert merging.left_out == set(PASS_TAGS) - {"cse"}
    assert merging.including("stabilize").left_out == set(PASS_TAGS) - {"cse", "stabilise"}
    assert FAST_RUN.requiring("merge").left_out == merging.left_out
    assert Mode(optimizer=None).left_out == Mode(optimizer="None").left_out == set(PASS_TAGS)


def test_a_mode_never_changes_and_equals_its_like() -> None:
    mode = Mode("py", "o4")
    assert mode.excluding("fusion") != mode == Mode("py", "fast_run") == mode.clone()
    assert mode.left_out == frozenset()
    assert mode.clone(optimizer="merge") == Mode("py", "merge")
    assert len({mode, Mode("py", "fast_run"), Mode("c", "o4")}) == 2


def test_names_that_mean_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match=r"linker must be one of cvm, .*; got 'gcc'"):
        Mode(linker="gcc")
    with pytest.raises(ValueError, match=r"optimizer must be one of 'o1', .*; got 'best'"):
        Mode(optimizer="best")
    with pytest.raises(TypeError, match="a tag must be a string; got 3"):
        FAST_RUN.excluding(3)  # type: ignore[arg-type]


@pytest.mark.parametrize("linker", LINKERS)
def test_every_linker_gives_the_same_function(linker: str) -> None:
    assert function([v], v * 2, mode=Mode(linker))([1.0]) == 2


@pytest.mark.parametrize(
    "optimizer", [*predefined_optimizers, None, PassQuery(frozenset({"inplace"}))]
)
def test_every_optimizer_gives_the_same_answers(optimizer: Any) -> None:
    s = shared(np.ones(2))
    y = T.exp(v) - (s - s).sum() + T.exp(v)
    step = function([v], [y, y.sum()], updates=[(s, s + v)], mode=Mode(optimizer=optimizer))
    vector, total = step([0.0, 0.0])
    assert vector.tolist() == [2, 2]
    assert total == 4
    step([1.0, 2.0])
    assert s.get_value().tolist() == [2, 3]


def test_what_is_excluded_does_not_run() -> None:
    def stages(mode: Mode) -> str:
        s = shared(np.ones(2), "s")
        made = function([v], T.exp(v) * T.exp(v) + 1, updates=[(s, s + v)], mode=mode)
        return made.stages["tensor"] + made.stages["loops"] + str(made.compiled.in_place)

    plain = stages(FAST_RUN)
    assert "fused" in plain
    assert "(True,)" in plain
    assert "fused" not in stages(FAST_RUN.excluding("fusion"))
    assert "(False,)" in stages(FAST_RUN.excluding("inplace"))


def test_stabilising_can_be_excluded() -> None:
    y = T.log(1 + T.exp(v))
    assert function([v], y)([1000.0]) == 1000
    assert function([v], y, mode=FAST_RUN.excluding("stabilize"))([1000.0]) == np.inf


def test_the_configuration_describes_the_default_mode() -> None:
    assert get_default_mode() == get_mode("Mode") == Mode()
    with config.change_flags(optimizer="merge", optimizer_including="fusion:inplace"):
        assert get_default_mode().left_out == set(PASS_TAGS) - {"cse", "fuse", "inplace"}
    with config.change_flags(optimizer_excluding="fusion", linker="py"):
        assert get_default_mode() == Mode("py").excluding("fusion")
        assert function([v], T.exp(v) + 1).compiled.without == {"fuse"}
    with config.change_flags(mode="FAST_RUN"):
        assert get_default_mode() is FAST_RUN


def test_a_program_can_name_its_modes() -> None:
    mine = FAST_RUN.excluding("fusion")
    register_mode("mine", mine)
    try:
        assert get_mode("mine") is mine
        assert function([v], v, mode="mine").compiled.without == {"fuse"}
        register_mode("mine", mine)
        with pytest.raises(ValueError, match="already is a mode called 'mine'"):
            register_mode("mine", FAST_RUN)
    finally:
        del predefined_modes["mine"]


def test_passes_are_verified_one_by_one_where_that_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, *_, last = LOOP_PASSES

    def spoil(function: LoopFunction, _: Target, __: list[Decision]) -> LoopFunction:
        return replace(function, body=(*function.body, Commit(), Commit()))

    def mend(function: LoopFunction, _: Target, __: list[Decision]) -> LoopFunction:
        return replace(function, body=function.body[:-2])

    monkeypatch.setitem(LOOP_PASSES, first, spoil)
    monkeypatch.setitem(LOOP_PASSES, last, mend)
    monkeypatch.setitem(LOOP_PASSES, "inplace", lambda function, _, __: function)
    assert function([v], v.sum())([1.0, 2.0]) == 3
    fault = f"^after the pass '{first}', which is at fault: .*commit stands at the top level, once"
    with pytest.raises(PassError, match=fault):
        function([v], v.sum(), mode="DebugMode")
    with config.change_flags(verify_passes=True), pytest.raises(PassError, match=fault):
        function([v], v.sum())
