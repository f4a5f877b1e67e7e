"""Tables that code writes into pages of the documentation, each between two marks."""

__all__ = ["with_table"]


def with_table(page: str, start: str, table: str, end: str) -> str:
    """The page with a table between the lines `start` and `end`, each of which it has once."""
    before, rest = page.split(start)
    _, after = rest.split(end)
    return f"{before}{start}\n{table}\n{end}{after}"
