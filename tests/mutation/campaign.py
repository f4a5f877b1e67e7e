"""A campaign: every mutant is planted, one at a time, and tests are asked whether they see it."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tests.mutation.areas import AREAS
from tests.mutation.by_hand import FAULTS
from tests.mutation.drawing import draw
from tests.mutation.mutants import Mutant, sources
from tests.mutation.results import Result
from tests.mutation.workplace import Limits, Run, Workplace

__all__ = ["GOLDENS", "all_mutants", "campaign", "judge"]

GOLDENS = "test_goldens.py"
"""The files whose tests compare whole texts."""

_OPTIONS = ("-m", "not slow and not benchmark", f"--ignore-glob=*{GOLDENS}")
_TESTS = {area.name: area.tests for area in AREAS}


def all_mutants(root: Path, seed: int) -> list[Mutant]:
    """Those written by hand, then those drawn."""
    texts = sources(root)
    counts = {area.name: area.drawn for area in AREAS}
    return [*(fault.located(texts) for fault in FAULTS), *draw(texts, seed, counts)]


def campaign(
    mutants: Sequence[Mutant], workplace: Workplace, known: Mapping[str, Result], limits: Limits
) -> Iterator[Result]:
    """The result of each mutant, as soon as it is known; `known` says which tests to ask first.

    A test that fails without a mutant finds nothing: RuntimeError then.
    """
    results, sound = dict(known), set[str]()
    for mutant in mutants:
        result = judge(mutant, workplace, _tests_first(mutant, results), limits)
        if result.is_found and result.test and result.test not in sound:
            _require_sound(result.test, workplace, limits)
            sound.add(result.test)
        results[mutant.key] = result
        yield result


def _require_sound(test: str, workplace: Workplace, limits: Limits) -> None:
    run = workplace.run([test], limits)
    # Some tests are made of what is declared, and are there for the mutant only.
    if run.how != "passed" and run.test:
        raise RuntimeError(f"{test} has {run.how} without a mutant")


def judge(
    mutant: Mutant, workplace: Workplace, tests_first: Sequence[str], limits: Limits
) -> Result:
    """Plant a mutant and run the tests of its area: goldens last, slow ones not at all."""
    nearest, *others = _TESTS[mutant.area]
    with workplace.planted(mutant):
        run = Run("passed", "", 0.0)
        for tests in (tests_first, [nearest], others):
            if run.how == "passed" and tests:
                run = workplace.run(tests, limits, *_OPTIONS)
                if tests is tests_first and not run.test:
                    # A test by that name may be gone: the others tell what the matter is.
                    run = Run("passed", "", run.seconds)
        if run.how in ("passed", "stopped"):
            goldens = Run("passed", "", 0.0)
            if mutant.path.startswith("ir/"):
                goldens = workplace.run((f"tests/**/{GOLDENS}",), limits)
            how = "survived" if goldens.how == "passed" else "golden"
            run = Run(how, goldens.test, run.seconds)
    return Result(
        mutant.key,
        mutant.path,
        mutant.line,
        mutant.area,
        mutant.fault,
        mutant.shown(),
        mutant.drawn,
        run.how,
        run.test,
        round(run.seconds, 1),
    )


def _tests_first(mutant: Mutant, results: Mapping[str, Result]) -> list[str]:
    """The test that found this mutant before, or those that found others of the same file."""
    before = results.get(mutant.key)
    if before is not None and before.is_found:
        return [before.test]
    if mutant.near:
        return list(mutant.near)
    name = Path(mutant.path).name
    found = [
        result.test
        for result in results.values()
        if result.is_found and "::" in result.test and Path(result.path).name == name
    ]
    by_file = {test.partition("::")[0]: None for test in reversed(found)}
    return list(by_file)[:3]
