"""The faults that persons wrote down still apply."""

import ast
from pathlib import Path

from tests.mutation.areas import area_of
from tests.mutation.by_hand import FAULTS
from tests.mutation.equivalent import EQUIVALENT
from tests.mutation.mutants import MutantError, sources

ROOT = Path(__file__).parents[2]


def test_every_fault_applies() -> None:
    """Where it does not, write its `before` and `after` anew for the text as it is now."""
    texts, stale = sources(ROOT), []
    for fault in FAULTS:
        try:
            mutant = fault.located(texts)
        except MutantError as error:
            stale.append(str(error))
            continue
        area = area_of(mutant.path)
        assert area is not None
        assert area.name == fault.area, fault
        if mutant.path.endswith(".py"):
            ast.parse(mutant.mutated(texts[mutant.path]))
    assert stale == []


def test_there_are_enough_and_no_two_are_one() -> None:
    assert len(FAULTS) >= 100
    assert len({(fault.before, fault.after) for fault in FAULTS}) == len(FAULTS)
    assert len({fault.fault for fault in FAULTS}) == len(FAULTS)


def test_every_reason_for_the_same_meaning_is_a_sentence() -> None:
    assert [reason for reason in EQUIVALENT.values() if len(reason.split()) < 4] == []
