"""Receipts: an outcome is noted in the step that makes it, and a report is none."""

from typing import Any

import pytest

from lltheano.runtime.receipt import Receipt


def test_an_outcome_is_noted_and_a_report_is_not() -> None:
    receipt = Receipt()
    assert receipt.enter(divmod, (7, 2)) == (3, 1)
    assert receipt.settle() is None
    assert receipt.enter(max, (1, 5)) == 5
    assert receipt.settle() == (5,)


def test_what_raises_is_not_noted() -> None:
    receipt = Receipt()
    with pytest.raises(ValueError, match="invalid literal"):
        receipt.enter(int, ("x",))
    assert receipt.settle() is None


def test_a_commit_that_fails_is_not_noted() -> None:
    receipt = Receipt()
    assert not receipt.commit("outcome", abs, (2,))
    assert receipt.settle() is None
    assert receipt.commit("outcome", abs, (0,))
    assert receipt.settle() == ("outcome",)


def test_what_finishes_may_be_asked_again() -> None:
    receipt = Receipt()
    asked: list[Any] = []

    def finish(outcome: Any) -> str:
        asked.append(outcome)
        return f"<{outcome}>"

    receipt.finish = finish
    receipt.enter(int, ("3",))
    assert (receipt.settle(), receipt.settle()) == (("<3>",), ("<3>",))
    assert asked == [3, 3]
