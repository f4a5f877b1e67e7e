"""The rules that change results are better at the hard points, and the page shows it."""

import numpy as np
import pytest

from lltheano_ir.passes.stabilise import STABLE_RULES
from tests.docs.stability import NO_POINT, PAGE, ROWS, Row, with_tables


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.expression} {row.gradient}"[-60:])
def test_the_computed_form_is_right_where_the_written_one_is_not(row: Row) -> None:
    plain, computed, exact = row.results()
    fired = row.fired()
    assert not [name for name in row.rules if name not in fired]
    np.testing.assert_allclose(computed, exact, rtol=1e-14, atol=1e-320)
    with np.errstate(all="ignore"):
        errors = np.abs(plain - exact) / np.where(exact == 0, 1, np.abs(exact))
    if row.rules:
        assert not (errors < 1e-3).all(), "as it is written it is as good"
    else:
        assert (errors < 1e-3).all(), "it is no better as it is written than a rule would be"


def test_every_rule_has_a_point_or_a_reason() -> None:
    shown = {name for row in ROWS for name in row.rules} | set(NO_POINT)
    assert [rule.name for rule in STABLE_RULES if rule.name not in shown] == []
    assert shown <= {rule.name for rule in STABLE_RULES}


def test_the_page_is_up_to_date() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert with_tables(page) == page, "write it anew: python -m tests.docs.stability"
