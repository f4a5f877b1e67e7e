"""The IR's page lists the routines that there are."""

from tests.docs.op_table import PAGE
from tests.docs.routine_table import with_routines


def test_the_table_of_routines_is_up_to_date() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert with_routines(page) == page, "write it anew: python -m tests.docs.routine_table"
