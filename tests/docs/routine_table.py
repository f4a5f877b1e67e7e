"""The table of routines in `docs/ir.md`, made from their records.

`python -m tests.docs.routine_table` writes it anew after a routine was added or changed.
"""

from collections.abc import Iterable

from lltheano_ir.dtypes import f64
from lltheano_ir.loops.routines.record import Choice, Factor, Flag, Parameter, Routine, Settings
from lltheano_ir.loops.routines.table import ROUTINES
from tests.docs.op_table import PAGE

__all__ = ["routine_table", "with_routines"]

START, END = "<!-- the table of routines -->\n", "<!-- end of the routines -->\n"


def routine_table() -> str:
    """One row a routine, in the order of the table."""
    head = "| routine | writes | from | attributes | makes | status |\n|---|---|---|---|---|---|\n"
    return head + "".join(map(row, ROUTINES.values()))


def row(routine: Routine) -> str:
    """The row of one routine: of operands that depend on the attributes, all that there may be."""
    parameters = routine.parameters(_fullest(routine), f64)
    writes = _names(one for one in parameters if one.access.writes)
    reads = _names(one for one in parameters if one.access.reads)
    attributes = " ".join(f"`{_spelling(one)}`" for one in routine.attributes)
    status = f"`{routine.status}`" if routine.status else ""
    summary = routine.summary.replace("|", "\\|")
    return f"| `{routine.name}` | {writes} | {reads} | {attributes} | {summary} | {status} |\n"


def _fullest(routine: Routine) -> Settings:
    """Settings with which a routine has as many operands as it may have."""
    return {
        one.name: one.words[-1] if isinstance(one, Choice) else isinstance(one, Factor)
        for one in routine.attributes
    }


def _names(parameters: Iterable[Parameter]) -> str:
    return ", ".join(one.name for one in parameters)


def _spelling(attribute: Choice | Flag | Factor) -> str:
    match attribute:
        case Choice(name, words):
            return f"{name}={'/'.join(words)}"
        case Flag(name):
            return f"{name}=true"
        case Factor(name):
            return f"{name}=%v"


def with_routines(page: str) -> str:
    """The page with the table that belongs into it."""
    before, rest = page.split(START)
    _, after = rest.split(END)
    return f"{before}{START}\n{routine_table()}\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(with_routines(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
