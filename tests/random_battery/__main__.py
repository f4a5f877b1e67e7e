"""Run the battery, print what fails, and keep the page docs/random_tests.md."""

import platform
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import scipy
from rich.console import Console
from rich.progress import track

from lltheano_ir.native.target import host_target
from tests.random_battery.battery import COLUMNS, COUNT, LEVEL, SEEDS, Check, check_law, failures
from tests.random_battery.dieharder import TESTS, ask_dieharder, is_installed
from tests.random_battery.laws import LAWS
from tests.random_battery.words import BLOCKS, check_words

PAGE = Path(__file__).parents[2] / "docs" / "random_tests.md"


def _checks() -> Iterator[Check]:
    for seed in track(SEEDS, "words"):
        yield from check_words(seed)
    for law in track(LAWS, "distributions"):
        for seed in SEEDS:
            yield from check_law(law, seed)
    for test in track(TESTS if is_installed() else (), "dieharder"):
        yield from ask_dieharder(test, SEEDS[0])


def _markdown(checks: list[Check], failing: list[Check], seconds: float) -> str:
    versions = f"Python {platform.python_version()}, NumPy {np.__version__}"
    machine = f"{platform.machine()}, {host_target().cpu}; {versions}, SciPy {scipy.__version__}"
    least = min(one.probability for one in checks)
    head = f"""# Tests of random numbers

Made by `python -m tests.random_battery` on {date.today()} ({machine})
in {seconds / 60:.0f} minutes. Seeds are {", ".join(map(str, SEEDS))}, fixed. Each number below
is the least probability, over the seeds, that a perfect generator is so far off. There are
{len(checks)} checks in all; of so many the least is below {1 / len(checks):.0e} more often than
not, and here it is {least:.1e}. By Holm's method, which lets a perfect generator fail any check
with probability {LEVEL:g}, {len(failing) or "none"} of them fail{"s" * (len(failing) == 1)}.
`tests/random_battery/test_battery.py` plants faults, which the same checks find.
"""
    return "\n".join([head, *_words(checks), *_laws(checks), *_dieharder(checks)])


def _words(checks: list[Check]) -> list[str]:
    lines = [
        "## Words",
        "",
        f"Samples of {4 * BLOCKS} words. Blocks, streams, calls, and keys, counters and substreams",
        "that differ in one bit: by the number of bits in which words differ.",
        "",
        "| check | least probability |",
        "|---|---:|",
    ]
    own = [one for one in checks if one.name == "words"]
    names = dict.fromkeys(one.what for one in own if one.what != "published")
    lines += [f"| {what} | {_least(own, 'words', what)} |" for what in names]
    same = all(one.probability == 1 for one in own if one.what == "published")
    return [*lines, "", f"The published words: {'the same' if same else 'OTHERS'}.", ""]


def _laws(checks: list[Check]) -> list[str]:
    lines = [
        "## Distributions",
        "",
        f"Samples of {COUNT} numbers. *law* is by Kolmogorov and Smirnov, or by chi-square where",
        "the distribution is discrete; *tails* counts what is beyond the outermost thousandths;",
        "the others are correlations: with what comes next, fourth, and half a sample later, with",
        "another stream, and with the next call.",
        "",
        f"| | {' | '.join(COLUMNS)} |",
        "|---|" + "---:|" * len(COLUMNS),
    ]
    for law in LAWS:
        row = " | ".join(_least(checks, law.name, what) for what in COLUMNS)
        lines.append(f"| {law.name} | {row} |")
    return [*lines, ""]


def _dieharder(checks: list[Check]) -> list[str]:
    own = [one for one in checks if one.name == "dieharder"]
    if not own:
        return ["## dieharder", "", "It was not installed.", ""]
    lines = [
        "## dieharder",
        "",
        f"The stream of words of seed {SEEDS[0]}, through a pipe; tests by name and size of tuple.",
        "",
        "| test | probability |",
        "|---|---:|",
    ]
    return [*lines, *(f"| {one.what} | {one.probability:.2g} |" for one in own), ""]


def _least(checks: list[Check], name: str, what: str) -> str:
    return f"{min(one.probability for one in checks if (one.name, one.what) == (name, what)):.2g}"


def main() -> None:
    """Run everything; about ten minutes of one core. The exit status says whether all is well."""
    start = time.monotonic()
    checks = list(_checks())
    failing = failures(checks)
    console = Console()
    for one in failing:
        console.print(f"{one.name}: {one.what}, seed {one.seed}: {one.probability:.2g}")
    console.print(f"{len(checks)} checks, {len(failing)} failing")
    PAGE.write_text(_markdown(checks, failing, time.monotonic() - start), encoding="utf-8")
    raise SystemExit(bool(failing))


if __name__ == "__main__":
    main()
