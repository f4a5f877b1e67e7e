"""Cases beside every peer that is installed: `python -m tests.benchmarks.peers`.

Each implementation is checked against NumPy before it is timed; then all take turns, so that each
sees the same machine. The limit is that of one loop that has the machine to itself, as
profiles know it.
"""

import statistics
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from functools import partial
from importlib.util import find_spec

import click
import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from lltheano.function.profiling.limits import Limits, limits
from tests.benchmarks.families import elementwise
from tests.benchmarks.families.case import Case
from tests.benchmarks.measure import batch, seconds

__all__ = ["PEERS", "checked", "least_seconds", "main", "medians"]

PEERS = ("numpy", "numba", "numexpr", "jax", "torch")

TOLERANCE = {"float32": 2e-4, "float64": 1e-9}

Calls = dict[str, Callable[[], object]]


def checked(case: Case, names: tuple[str, ...]) -> Calls:
    """A call of each of these libraries that is installed, after a look at what it returns."""
    arrays = case.arrays()
    expected = case.reference(*arrays)
    tolerance = TOLERANCE[case.dtype.name]
    calls: Calls = {}
    for name in names:
        if name == "numpy":
            calls[name] = partial(case.reference, *arrays)
        elif name in case.implementations and find_spec(name) is not None:
            computation = case.implementations[name]()
            found = computation(*arrays)
            message = f"{name} in {case.name}"
            np.testing.assert_allclose(found, expected, tolerance, tolerance, err_msg=message)
            calls[name] = partial(computation, *arrays)
    return calls


def medians(calls: Calls, repeats: int = 15) -> dict[str, float]:
    """Seconds of each, all in turn."""
    counts = {name: batch(call) for name, call in calls.items()}
    rounds = [
        {name: seconds(call, counts[name]) for name, call in calls.items()} for _ in range(repeats)
    ]
    return {name: statistics.median(one[name] for one in rounds) for name in calls}


def least_seconds(case: Case, known: Limits) -> float:
    """What memory and arithmetic allow one loop."""
    rate = next((rate for _, size, rate in known.levels if case.bytes <= size), 0.0)
    flops = known.loop_flops[f"f{8 * case.dtype.itemsize}"]
    return max(case.bytes / rate, case.flops / flops)


def _rows(chosen: list[Case], names: tuple[str, ...]) -> Iterator[list[str]]:
    for case in track(chosen, description="timing"):
        found = medians(checked(case, names))
        times = [f"{1e6 * found[name]:.2f}" if name in found else "-" for name in names]
        best = min((found[name] for name in found if name != "lltheano"), default=None)
        ratio = "-" if best is None else f"{best / found['lltheano']:.2f}"
        yield [case.name, f"{1e6 * least_seconds(case, limits()):.2f}", *times, ratio]


@click.command()
@click.option("--cases", "patterns", multiple=True, default=("*",), help="Names, with * and ?.")
@click.option("--peers", default=",".join(PEERS), help="Which libraries, with commas between.")
def main(patterns: tuple[str, ...], peers: str) -> None:
    """Time cases in microseconds beside each peer; a dash where it is not installed.

    The ratio is the best peer's time over ours.
    """
    chosen = [c for c in elementwise.cases() if any(fnmatchcase(c.name, one) for one in patterns)]
    if not chosen:
        known = ", ".join(one.name for one in elementwise.cases())
        raise click.BadParameter(f"no case is called {', '.join(patterns)}; there are {known}.")
    names = ("lltheano", *peers.split(","))
    if unknown := set(names[1:]) - set(PEERS):
        raise click.BadParameter(f"{', '.join(sorted(unknown))}: not among {', '.join(PEERS)}.")
    table = Table("case", "limit", *names, "ratio")
    for row in _rows(chosen, names):
        table.add_row(*row)
    # Lines that a narrow terminal breaks are better than figures cut short.
    Console(width=max(Console().width, 120)).print(table)


if __name__ == "__main__":
    main()
