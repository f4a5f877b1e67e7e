"""The IR's page lists the ops that there are."""

from tests.docs.op_table import PAGE, with_table


def test_the_table_of_ops_is_up_to_date() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert with_table(page) == page, "write it anew: python -m tests.docs.op_table"
