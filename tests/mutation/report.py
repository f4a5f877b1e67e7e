"""The table of a campaign, for the terminal and as a page."""

from collections.abc import Mapping, Sequence

from rich.table import Table

from tests.mutation.areas import AREAS
from tests.mutation.equivalent import EQUIVALENT
from tests.mutation.results import Result

__all__ = ["areas_table", "faults_table", "markdown", "score"]

_HOW = {
    "failed": "",
    "import": "on import",
    "crashed": "crashes",
    "hung": "never ends",
    "golden": "by an exact text only",
    "survived": "not found",
}


def _counted(results: Sequence[Result]) -> list[Result]:
    """The results that count: a mutant that means the same as the original is none."""
    return [result for result in results if result.key not in EQUIVALENT]


def score(results: Sequence[Result]) -> tuple[int, int]:
    """How many mutants were found other than by exact texts, and how many there are."""
    counted = _counted(results)
    return sum(result.is_found for result in counted), len(counted)


def found_by(result: Result) -> str:
    """The test that found it, or why there is none."""
    if result.key in EQUIVALENT and not result.is_found:
        return f"same meaning: {EQUIVALENT[result.key]}"
    return f"{result.test} {_HOW[result.how]}".strip()


def areas_table(results: Sequence[Result]) -> Table:
    """A row an area: planted, found, found by exact texts only, not found."""
    table = Table("area", title="Planted faults")
    for head in ("planted", "found", "exact text only", "not found", "same meaning"):
        table.add_column(head, justify="right")
    for name, numbers in _numbers(results).items():
        table.add_row(name, *map(str, numbers))
    return table


def faults_table(results: Sequence[Result]) -> Table:
    """A row a fault: where, what, and which test finds it."""
    table = Table("where", "fault", "found by", title="Planted faults")
    for result in results:
        style = "" if result.is_found or result.key in EQUIVALENT else "red"
        what = result.fault if not result.drawn else f"{result.fault}: {result.change}"
        table.add_row(f"{result.path}:{result.line}", what, found_by(result), style=style)
    return table


def _numbers(results: Sequence[Result]) -> Mapping[str, tuple[int, ...]]:
    rows = {}
    for name in (*(area.name for area in AREAS), "together"):
        own = [result for result in results if name in (result.area, "together")]
        counted = _counted(own)
        rows[name] = (
            len(counted),
            sum(result.is_found for result in counted),
            sum(result.how == "golden" for result in counted),
            sum(result.how == "survived" for result in counted),
            len(own) - len(counted),
        )
    return rows


def markdown(results: Sequence[Result], head: str) -> str:
    """The page: a table of areas, and one of all faults."""
    lines = [
        head.rstrip(),
        "",
        "| area | planted | found | exact text only | not found | same meaning |",
        "|---|---:|---:|---:|---:|---:|",
        *(f"| {name} | {' | '.join(map(str, row))} |" for name, row in _numbers(results).items()),
        "",
        "| where | fault | found by |",
        "|---|---|---|",
    ]
    for result in results:
        what = result.fault if not result.drawn else f"{result.fault}: {_code(result.change)}"
        lines.append(f"| `{result.path}` | {_cell(what)} | {_cell(_short(found_by(result)))} |")
    return "\n".join(lines) + "\n"


def _code(text: str) -> str:
    return f"``{text[:120]}``" if "`" in text else f"`{text[:120]}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _short(test: str) -> str:
    return test.removeprefix("tests/")
