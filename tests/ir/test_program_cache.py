"""A program that was compiled before is loaded from the cache without passing through any stage."""

import ast
import os
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from lltheano_ir import compile as compile_module, program_cache
from lltheano_ir.compile import Compiled, compile_program, follow
from lltheano_ir.loops.nodes import LoopModule
from lltheano_ir.native.callees import CalleeTable
from lltheano_ir.native.libraries import standard_callees
from lltheano_ir.native.machine import llvm_lock
from lltheano_ir.native.mcjit import module_key
from lltheano_ir.native.object_cache import ObjectCache
from lltheano_ir.native.optimise import assembly, optimise, verify_module
from lltheano_ir.native.target import host_target
from lltheano_ir.nodes import argument
from lltheano_ir.program import Output, Program
from lltheano_ir.program_cache import program_key, sources_fingerprint
from lltheano_ir.provenance import Location
from lltheano_ir.target import Cache, Target
from lltheano_ir.text import parse_program
from lltheano_ir.types import INDEX
from lltheano_ir.verify import VerificationError
from tests.ir.emit.harness import Pool

TEXT = """program @step(%x: f64[?], %w: f64[?] shared, %v: f64[?] shared) {
  %0: f64[?] = add %w, %x
  output "w" = %w
  update %w = %0
  update %v = %w
}"""


@pytest.fixture(autouse=True)
def _steady_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    # Else whoever edits the compiler while the tests run would switch off what they test.
    monkeypatch.setattr(program_cache, "compiler_fingerprint", lambda: "a compiler")


@pytest.fixture
def cache(tmp_path: Path) -> ObjectCache:
    return ObjectCache(tmp_path / "cache")


def callees() -> CalleeTable:
    table = standard_callees()
    for callee in Pool().callees():
        table.register(callee)
    return table


def compiled(program: Program, cache: ObjectCache) -> Compiled:
    return compile_program(program, callees(), cache=cache)


def located(program: Program, file: str) -> Program:
    return replace(program, locations=dict.fromkeys(program.values(), Location(file, 7)))


def refuse(*_: object, **__: object) -> None:
    raise AssertionError("a stage was run")


def test_a_known_program_passes_through_no_stage(
    cache: ObjectCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = compiled(parse_program(TEXT), cache)
    monkeypatch.setattr(compile_module, "follow", refuse)
    again = compiled(parse_program(TEXT), cache)
    assert not first.code.from_cache
    assert again.code.from_cache
    assert again.address
    assert again.in_place == first.in_place == (True, False)


def test_what_is_seen_of_it_is_what_a_fresh_one_shows(cache: ObjectCache) -> None:
    program = located(parse_program(TEXT), "train.py")
    first, again = compiled(program, cache), compiled(program, cache)
    assert again.code.from_cache
    assert again.program == first.program
    assert again.sites == first.sites
    assert again.decisions == first.decisions
    assert again.layout == first.layout
    assert {name: again.stage(name) for name in again.stages} == {
        name: first.stage(name) for name in first.stages
    }


def test_places_in_the_source_are_each_programs_own(cache: ObjectCache) -> None:
    one, other = (located(parse_program(TEXT), file) for file in ("one.py", "other.py"))
    first, again = compiled(one, cache), compiled(other, cache)
    assert again.code.from_cache
    assert {site.location for site in first.sites} == {Location("one.py", 7)}
    assert {site.location for site in again.sites} == {Location("other.py", 7)}
    assert [site.message for site in first.sites] == [site.message for site in again.sites]


@pytest.mark.parametrize(
    "change",
    [("@step", "@walk"), ('"w"', '"old"'), ("add %w, %x", "sub %w, %x"), ("%x", "%input")],
    ids=["name", "output", "op", "parameter"],
)
def test_another_program_has_another_key(change: tuple[str, str]) -> None:
    program, other = parse_program(TEXT), parse_program(TEXT.replace(*change))
    assert program_key(program, host_target()) != program_key(other, host_target())


OTHER_MACHINES: dict[str, Any] = {
    "triple": "riscv64-unknown-linux-gnu",
    "cpu": "another",
    "features": ("+another",),
    "vector_bytes": 8,
    "vector_registers": 7,
    "caches": (Cache(1, 12345, 64),),
    "cores": 77,
    "memory_spaces": (),
}
"""Each field of a target, and a value that the host's does not have."""


def test_whatever_a_pass_may_know_of_the_machine_is_in_the_key() -> None:
    program, host = parse_program(TEXT), host_target()
    assert set(OTHER_MACHINES) == {field.name for field in fields(Target)}
    others = [replace(host, **{name: value}) for name, value in OTHER_MACHINES.items()]
    keys = {program_key(program, one) for one in (host, *others)}
    assert len(keys) == 1 + len(others)


WORK = """program @work(%x: f64[?,?], %y: f64[?]) {
  %0: f64[?,?] = exp %x
  %1: f64[?] = reduce %0, kind=add, axes=[0]
  %2: f64[?] = sort %y
  %3: f64[?,?] = dot %x, %0
  output "sums" = %1
  output "sorted" = %2
  output "product" = %3
}"""
"""Loops, blocks of rows that fit a cache, a library's routine, and code of our own in vectors."""

CODE_GENERATOR = ("triple", "cpu", "features")
"""What LLVM is told of a machine."""


@pytest.mark.parametrize("name", OTHER_MACHINES)
def test_machine_code_depends_on_its_key_alone(name: str) -> None:
    """That is of the LLVM IR and of what LLVM is told; passes see the rest of a target."""
    host = host_target()
    other = replace(host, **{name: OTHER_MACHINES[name]})
    text = follow(parse_program(WORK), host).llvm
    if name in CODE_GENERATOR:
        assert module_key(text, other) != module_key(text, host)
        return
    assert module_key(text, other) == module_key(text, host)
    with llvm_lock:
        one, another = (assembly_of(text, target) for target in (host, other))
    assert one == another


def assembly_of(text: str, target: Target) -> str:
    module = verify_module(text)
    optimise(module, target)
    return assembly(module, target)


AMBIENT = frozenset(
    {
        *("datetime", "getpass", "locale", "multiprocessing", "os", "platform", "random"),
        *("secrets", "socket", "sys", "tempfile", "threading", "time", "uuid"),
    }
)
"""Modules that tell of the process, the machine and the day."""

ASIDE = {
    "native": "makes machine code of what the others have made, under the module's key",
    "locks": "of LLVM, for the time of a fork",
    "program_cache": "where what was made is kept",
    "__init__": "the time of the import, to which sources are compared",
    "stopwatch": "how long the steps took, for whoever asks; nothing is made of it",
}
"""The parts of the compiler that have something to ask there, and why no code depends on it."""


def test_the_stages_of_the_compiler_ask_nothing_of_their_surroundings() -> None:
    """So all that decides about code is handed to them: the program, the target, the passes."""
    root = Path(compile_module.__file__).parent
    asking: dict[str, set[str]] = {}
    for path in sorted(root.rglob("*.py")):
        part = path.relative_to(root).parts[0].removesuffix(".py")
        found = imported(ast.parse(path.read_text(encoding="utf-8"))) & AMBIENT
        if found:
            asking.setdefault(part, set()).update(found)
    assert set(asking) == set(ASIDE), asking


def imported(tree: ast.Module) -> set[str]:
    names = {
        name
        for node in ast.walk(tree)
        for name in (
            [one.name for one in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    return {name.partition(".")[0] for name in names}


def test_another_compiler_has_another_key(monkeypatch: pytest.MonkeyPatch) -> None:
    program, host = parse_program(TEXT), host_target()
    key = program_key(program, host)
    assert key == program_key(parse_program(TEXT), host)
    monkeypatch.setattr(program_cache, "compiler_fingerprint", lambda: "another")
    assert key != program_key(program, host)


@pytest.mark.parametrize("damage", [b"", b"nonsense"])
def test_damaged_entries_are_made_anew(cache: ObjectCache, damage: bytes) -> None:
    program = parse_program(TEXT)
    compiled(program, cache)
    assert cache.folder is not None
    for path in cache.folder.glob("*.llo"):
        path.write_bytes(damage)
    assert not compiled(program, cache).code.from_cache
    assert compiled(program, cache).code.from_cache


def test_an_entry_that_points_nowhere_is_made_anew(cache: ObjectCache) -> None:
    program = parse_program(TEXT)
    compiled(program, cache)
    key = program_key(program, host_target())
    assert cache.folder is not None
    for path in cache.folder.glob("*.llo"):
        if path.stem != key:
            path.unlink()
    assert not compiled(program, cache).code.from_cache
    assert compiled(program, cache).code.from_cache


def test_a_compiler_that_does_not_know_itself_keeps_nothing_of_programs(
    cache: ObjectCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program_cache, "compiler_fingerprint", lambda: None)
    program = parse_program(TEXT)
    compiled(program, cache)
    assert cache.status().entries == 1  # the object, by its LLVM IR
    assert compiled(program, cache).code.from_cache


def test_a_trace_sees_every_pass_of_a_known_program(cache: ObjectCache) -> None:
    seen: list[str] = []

    def note(name: str, _: Program | LoopModule) -> None:
        seen.append(name)

    for _ in range(2):
        compile_program(parse_program(TEXT), callees(), cache=cache, trace=note)
    half = len(seen) // 2
    assert seen[:half] == seen[half:] != []


def test_a_program_that_only_reads_like_a_known_one_is_refused(cache: ObjectCache) -> None:
    sound = parse_program('program @f(%x: f64[]) { output "y" = %x }')
    compiled(sound, cache)
    broken = replace(sound, outputs=(Output("y", argument(0, INDEX)),))
    assert program_key(broken, host_target()) == program_key(sound, host_target())
    with pytest.raises(VerificationError):
        compiled(broken, cache)


def test_the_fingerprint_follows_the_sources(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    source = inner / "module.py"
    source.write_text("x = 1\n")
    later = source.stat().st_mtime + 10
    first = sources_fingerprint(tmp_path, later)
    assert first is not None
    assert sources_fingerprint(tmp_path, later) == first
    (inner / "notes.txt").write_text("not a source")
    assert sources_fingerprint(tmp_path, later) == first
    source.write_text("x = 12\n")
    assert sources_fingerprint(tmp_path, later) not in (first, None)


def test_sources_changed_since_their_import_have_no_fingerprint(tmp_path: Path) -> None:
    source = tmp_path / "module.py"
    source.write_text("x = 1\n")
    os.utime(source, (1000, 1000))
    assert sources_fingerprint(tmp_path, 1001) is not None
    assert sources_fingerprint(tmp_path, 999) is None
    assert sources_fingerprint(tmp_path / "missing", 1001) is None
