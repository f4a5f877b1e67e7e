"""`lltheano doctor`: what it shows, and that what is broken is said and counts."""

import json
from dataclasses import replace

import pytest

import lltheano.tensor as T
from lltheano.cli.diagnosis import examine
from lltheano.cli.diagnosis.blas import blas_library, blas_threads
from lltheano.cli.diagnosis.examine import SECTIONS, Finding
from lltheano_ir.target import Cache, cross_target
from tests.lltheano.cli.scripts import Command


def test_everything_works(lltheano: Command) -> None:
    result = lltheano("doctor")
    assert (result.code, result.err) == (0, "")
    lines = result.out.splitlines()
    assert [line for line in lines if not line.startswith(" ")] == [
        *SECTIONS,
        "everything works",
    ]


def test_json_has_every_section(lltheano: Command) -> None:
    result = lltheano("doctor", "--json")
    found = json.loads(result.out)
    assert found["healthy"] is True
    assert set(SECTIONS) <= set(found)
    assert found["trial"]["results"] is True
    assert found["settings"]["floatX"] == "float64"
    assert found["run time"]["pool limit"] > 0


def test_the_machine_is_shown_as_passes_see_it(
    lltheano: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    caches = (Cache(1, 16 << 10, 32), Cache(2, 3 << 20, 64))
    target = replace(cross_target("aarch64-unknown-linux-gnu", "a53"), caches=caches, cores=99)
    monkeypatch.setattr(examine, "host_target", lambda: target)
    found = json.loads(lltheano("doctor", "--json").out)["machine"]
    assert (found["triple"], found["vector width"], found["vector registers"]) == (
        "aarch64-unknown-linux-gnu",
        16,
        32,
    )
    assert (found["L1 cache"], found["L2 cache"]) == (16 << 10, 3 << 20)
    assert (found["usable cores"], found["memory spaces"]) == (99, ["host"])
    shown = lltheano("doctor").out
    assert "16 bytes: 2 f64, 4 f32, 8 i16, 16 i8" in shown
    assert "16 KiB in lines of 32 bytes" in shown


def test_a_section_that_fails_is_broken_and_the_others_are_shown(
    lltheano: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: str) -> None:
        raise OSError("the disk is on fire")

    monkeypatch.setitem(SECTIONS, "BLAS", fail)
    result = lltheano("doctor")
    assert result.code == 1
    assert "OSError: the disk is on fire  <- broken" in result.out
    assert "call" in result.out
    assert result.out.endswith("broken: BLAS: failed\n")
    found = json.loads(lltheano("doctor", "--json").out)
    assert found["healthy"] is False
    assert found["problems"][-1]["section"] == "BLAS"


def test_wrong_results_are_broken(lltheano: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examine, "T", _Wrong(T))
    result = lltheano("doctor")
    assert result.code == 1
    assert "wrong: compiled code and NumPy differ" in result.out


class _Wrong:
    """The tensor language with a product that is off by one."""

    def __init__(self, language: object) -> None:
        self._language = language

    def __getattr__(self, name: str) -> object:
        return getattr(self._language, name)

    def dot(self, x: object, y: object) -> object:
        return self._language.dot(x, y) + 1  # type: ignore[attr-defined]


def test_a_missing_package_is_broken_and_an_optional_one_is_not(
    lltheano: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = examine._version
    gone = {"scipy", "matplotlib"}
    monkeypatch.setattr(examine, "_version", lambda name: None if name in gone else installed(name))
    result = lltheano("doctor")
    assert result.code == 1
    assert result.out.endswith("broken: versions: scipy\n")
    assert "pip install 'lltheano[plot]'" in result.out


def test_no_cache_is_noted(lltheano: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLTHEANO_CACHE_DIR", "off")
    result = lltheano("doctor")
    assert result.code == 0
    assert "switched off  <- note" in result.out


def test_a_cache_that_cannot_be_used_is_broken(
    lltheano: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLTHEANO_CACHE_DIR", "/proc/nowhere")
    result = lltheano("doctor")
    assert result.code == 1
    assert "broken: cache: folder" in result.out


def test_values_are_shown_as_they_are_unless_there_is_better() -> None:
    assert Finding("a", "b", 3).text == "3"
    assert Finding("a", "b", 3, shown="three").text == "three"


def test_a_blas_that_nobody_knows() -> None:
    assert blas_threads(None) is None
    assert blas_library(1) is None
