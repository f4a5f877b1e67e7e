"""`python -m tests.mutation`: break the compiler on purpose, and see which test finds it.

    python -m tests.mutation                                  all mutants
    python -m tests.mutation --area schedule --area locks     those of two areas
    python -m tests.mutation --show                           what is known so far

Each mutant is one small change of one source file, planted in a copy of the tree. What became of it
is a line in the file of results; a campaign that was stopped goes on there, and tries again what
nothing found. The exit status is 1 when a mutant survives.
"""

import tempfile
from datetime import date
from pathlib import Path

import click
from rich.console import Console
from rich.progress import track

from tests.mutation.areas import AREAS
from tests.mutation.campaign import all_mutants, campaign
from tests.mutation.equivalent import EQUIVALENT
from tests.mutation.mutants import Mutant
from tests.mutation.report import areas_table, faults_table, markdown, score
from tests.mutation.results import Result, keep, load, tidy
from tests.mutation.workplace import Limits, Workplace

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "docs" / "planted_faults.jsonl"
PAGE = ROOT / "docs" / "planted_faults.md"


@click.command(help=(__doc__ or "").partition("\n\n")[0])
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option(
    "--area",
    "areas",
    multiple=True,
    type=click.Choice([area.name for area in AREAS]),
    help="Only mutants of this part, several times for several.",
)
@click.option("--by-hand", is_flag=True, help="Only those that a person wrote.")
@click.option("--show", is_flag=True, help="Print what is known, and try nothing.")
@click.option(
    "--page",
    is_flag=True,
    help=f"Write what is known to {PAGE.relative_to(ROOT)}, and forget mutants that are gone.",
)
@click.option(
    "--results",
    type=click.Path(dir_okay=False, path_type=Path),
    default=RESULTS,
    help="Where results are kept.",
)
@click.option("--seconds", type=float, default=Limits().total_seconds, show_default=True,
              help="The longest that tests may take for one mutant.")  # fmt: skip
def main(
    seed: int,
    areas: tuple[str, ...],
    by_hand: bool,
    show: bool,
    page: bool,
    results: Path,
    seconds: float,
) -> None:
    if page and (areas or by_hand):
        raise click.UsageError("--page shows all mutants: leave --area and --by-hand out")
    mutants = [
        mutant
        for mutant in all_mutants(ROOT, seed)
        if (not areas or mutant.area in areas) and not (by_hand and mutant.drawn)
    ]
    if not show and not page:
        _try(mutants, results, Limits(total_seconds=seconds))
    known = load(results)
    tried = [known[mutant.key] for mutant in mutants if mutant.key in known]
    if page:
        tidy(results, tried)
        PAGE.write_text(markdown(tried, _head(tried, len(mutants))), encoding="utf-8")
    _print(tried, everything=show)
    raise SystemExit(any(not one.is_found and one.key not in EQUIVALENT for one in tried))


def _try(mutants: list[Mutant], path: Path, limits: Limits) -> None:
    known = load(path)
    left = [one for one in mutants if one.key not in known or not known[one.key].is_found]
    left = [one for one in left if one.key not in EQUIVALENT]
    with tempfile.TemporaryDirectory(prefix="lltheano-mutation-") as folder:
        workplace = Workplace(ROOT, Path(folder))
        outcomes = campaign(left, workplace, known, limits)
        for outcome in track(outcomes, "planting", total=len(left)):
            keep(path, outcome)


def _print(tried: list[Result], *, everything: bool) -> None:
    console = Console()
    shown = tried if everything else [one for one in tried if not one.is_found]
    console.print(faults_table(shown))
    for one in tried:
        if not one.is_found and one.key not in EQUIVALENT:
            console.print(f"{one.key}: {one.path}:{one.line}: {one.change}", soft_wrap=True)
    console.print(areas_table(tried))


def _head(tried: list[Result], count: int) -> str:
    found, planted = score(tried)
    return f"""# Planted faults

Made by `python -m tests.mutation --page` on {date.today()}. Each row is one small change of one
source file, planted by itself, and the first test that failed then. Of {count} mutants {len(tried)}
have been tried; of {planted} that do not mean the same as the original {found}
({found / max(1, planted):.1%}) are found by tests other than comparisons of whole texts.

What nothing found at first has become a test. Of others that were drawn {len(EQUIVALENT)} mean
the same; more were drawn in their place (`tests/mutation/equivalent.py` says why). What was found
is not tried again until its line changes: `docs/planted_faults.jsonl` remembers it.

So the share says that these are found, not how many others would be: `--seed` draws others. Of the
first 25 drawn with seed 1, on 2026-12-01, 18 were found, 2 by exact texts only, and 5 by nothing;
some of the 7 may mean the same.
"""


if __name__ == "__main__":
    main()
