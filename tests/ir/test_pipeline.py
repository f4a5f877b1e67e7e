"""The order of passes is what is written of it, and a pass that breaks a program is named."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from lltheano_ir import compile as compiler, pipeline
from lltheano_ir.compile import compile_program
from lltheano_ir.decisions import Decision
from lltheano_ir.dtypes import f32, i64
from lltheano_ir.emit.module import emit_module
from lltheano_ir.loops.nodes import For, Let, LoopFunction, LoopModule, Scalar
from lltheano_ir.loops.verify import LoopVerificationError
from lltheano_ir.loops.walk import statements_in
from lltheano_ir.lowering.lower import lower
from lltheano_ir.native.callees import CalleeTable
from lltheano_ir.native.libraries import standard_callees
from lltheano_ir.native.object_cache import ObjectCache
from lltheano_ir.nodes import argument
from lltheano_ir.passes import pipeline as passes
from lltheano_ir.passes.pipeline import PASSES, optimise
from lltheano_ir.pipeline import LOOP_PASSES, to_loops
from lltheano_ir.program import Program, Update
from lltheano_ir.target import Target
from lltheano_ir.text import parse_program
from lltheano_ir.types import INDEX
from lltheano_ir.verify import PassError, VerificationError
from tests.ir.emit.harness import Pool
from tests.ir.targets import AVX2, TARGETS

TEXT = """program @f(%x: f64[?], %w: f64[?] shared) {
  %0: f64[1] = constant [1.0]
  %1: f64[?] = exp %x
  %2: f64[?] = add %0, %1
  %3: f64[?] = log %2
  %4: f64[?] = add %w, %3
  update %w = %4
}"""


def steps(program: Program) -> list[str]:
    names: list[str] = []

    def note(name: str, _: Program | LoopModule) -> None:
        names.append(name)

    to_loops(optimise(program, trace=note), AVX2, trace=note)
    return names


def test_the_order_that_the_module_states_is_the_one_that_is_run() -> None:
    rows = re.findall(
        r"^    (?:tensor|loop) IR +(.*(?:\n {12,}.*)*)", pipeline.__doc__ or "", re.MULTILINE
    )
    stated = [re.sub(r"\(.*\)", "", row).replace("\n", " ") for row in rows]
    names = [name.strip() for row in stated for name in row.split(",")]
    assert names == steps(parse_program(TEXT))


def test_the_order_that_the_documentation_states_is_the_one_that_is_run() -> None:
    page = (Path(__file__).parents[2] / "docs" / "architecture.md").read_text(encoding="utf-8")
    rows = re.findall(r"\|  passes +(.*?) +lltheano_ir\S*((?:\n +\| {14}.*)*)", page)
    stated = [re.findall(r"\w+", f"{row} {more.partition('lltheano_ir')[0]}") for row, more in rows]
    run = [name for name in steps(parse_program(TEXT)) if name in PASSES]
    # A pass that is run once more is named once.
    assert stated == [list(dict.fromkeys(run)), list(LOOP_PASSES)]


BROKEN = Let(Scalar("broken", i64), "neg", (Scalar("nowhere", i64),))


def spoil(function: LoopFunction, _: Target, __: list[Decision]) -> LoopFunction:
    return replace(function, body=(*function.body, BROKEN))


def mend(function: LoopFunction, _: Target, __: list[Decision]) -> LoopFunction:
    return replace(function, body=tuple(one for one in function.body if one != BROKEN))


def test_the_pass_that_breaks_loops_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    program = optimise(parse_program(TEXT))
    to_loops(program, AVX2, verify_each=True)
    first, *_, last = LOOP_PASSES
    monkeypatch.setitem(LOOP_PASSES, first, spoil)
    with pytest.raises(LoopVerificationError, match="%nowhere is used before it is defined"):
        to_loops(program, AVX2)
    with pytest.raises(PassError, match=rf"^after the pass '{first}', which is at fault: @f: %now"):
        to_loops(program, AVX2, verify_each=True)
    monkeypatch.setitem(LOOP_PASSES, last, mend)
    to_loops(program, AVX2)
    with pytest.raises(PassError) as caught:
        to_loops(program, AVX2, verify_each=True)
    assert caught.value.name == first


def test_lowering_is_verified_like_a_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    program = optimise(parse_program(TEXT))

    def spoiled(*args: object, origins: object) -> LoopModule:
        return lower(*args).mapped(lambda one: spoil(one, AVX2, []))  # type: ignore[arg-type]

    monkeypatch.setattr(pipeline, "lower", spoiled)
    with pytest.raises(PassError, match=r"^after the pass 'lower'"):
        to_loops(program, AVX2, verify_each=True)


def test_the_pass_that_breaks_a_program_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    program = parse_program(TEXT)

    def spoiled(given: Program) -> Program:
        return replace(given, updates=(Update(7, argument(0, INDEX)),))

    optimise(program, verify_each=True)
    monkeypatch.setattr(passes, "merge_common", spoiled)
    monkeypatch.setattr(passes, "remove_dead", lambda given: replace(given, updates=()))
    optimise(program)
    with pytest.raises(PassError, match=r"^after the pass 'cse', which is at fault: f: ") as caught:
        optimise(program, verify_each=True)
    assert isinstance(caught.value.__cause__, VerificationError)


def callees() -> CalleeTable:
    table = standard_callees()
    for callee in Pool().callees():
        table.register(callee)
    return table


def test_a_program_that_the_cache_knows_is_verified_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program, cache = parse_program(TEXT), ObjectCache(tmp_path / "cache")
    verified: list[bool] = []
    real: Callable[..., compiler.Steps] = compiler.follow

    def follow(*args: object, verify_each: bool, **settings: object) -> compiler.Steps:
        verified.append(verify_each)
        return real(*args, verify_each=verify_each, **settings)

    monkeypatch.setattr(compiler, "follow", follow)
    for verify_each in (False, True):
        compile_program(program, callees(), cache=cache, verify_each=verify_each)
    assert verified == [False, True]


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.cpu)
def test_passes_and_emission_see_the_target_that_they_are_handed(target: Target) -> None:
    text = 'program @f(%x: f32[?]) { %0: f32[?] = exp %x output "y" = %0 }'
    program = optimise(parse_program(text))
    module = to_loops(program, target, verify_each=True)
    widths = {
        one.schedule.vector
        for statement in module.entry.body
        for one in statements_in(statement)
        if isinstance(one, For)
    }
    assert widths == {target.lanes(f32)}
    assert f"<{target.lanes(f32)} x float>" in emit_module(module, target)
