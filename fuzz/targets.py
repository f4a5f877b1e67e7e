"""What can be fuzzed: a table of targets, each a way to make cases and an oracle for them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from hypothesis import strategies as st

from fuzz.case import Case
from fuzz.factors import factors_hold
from fuzz.graphs import GraphCase, graph_agrees
from fuzz.oracles import (
    interpreter_is_safe,
    loop_passes_keep_meaning,
    native_agrees,
    tensor_passes_keep_meaning,
    text_round_trips,
)
from fuzz.scans import ScanCase, scan_agrees
from fuzz.strategies.factors import factor_cases
from fuzz.strategies.graphs import graph_cases
from fuzz.strategies.kernels import kernel_cases
from fuzz.strategies.programs import cases
from fuzz.strategies.scans import scan_cases

__all__ = ["TARGETS", "Savable", "Target"]


class Savable(Protocol):
    """A case that can be kept in files."""

    def save(self, path: Path, head: str) -> None:
        """Write the case to `path`, and its arrays beside it, under the comment `head`."""


@dataclass(frozen=True)
class Target:
    """Something to fuzz.

    Attributes
    ----------
    what
        One line for `--help`.
    cases
        Makes cases.
    check
        Raises where a case shows a fault.
    load
        Reads a case back that was saved.
    suffix
        Of the files that cases are saved in.
    may_crash
        Whether a fault can kill the process: each case is then written down before it is tried.
    """

    what: str
    cases: Callable[[], st.SearchStrategy[Any]]
    check: Callable[[Any], None]
    load: Callable[[Path], Any] = Case.load
    suffix: str = ".ir"
    may_crash: bool = False


TARGETS: Mapping[str, Target] = {
    "interpreter": Target(
        "the reference interpreter fails only as it may", cases, interpreter_is_safe
    ),
    "text": Target(
        "programs and loop IR are read back as they were written", cases, text_round_trips
    ),
    "passes": Target("each tensor pass keeps the results", cases, tensor_passes_keep_meaning),
    "loops": Target(
        "lowering and each loop pass keep the results", cases, loop_passes_keep_meaning
    ),
    "native": Target(
        "machine code agrees with the interpreter, and fails cleanly",
        cases,
        native_agrees,
        may_crash=True,
    ),
    "kernels": Target(
        "machine code of single ops agrees with the interpreter on long arrays",
        kernel_cases,
        native_agrees,
        may_crash=True,
    ),
    "factors": Target(
        "machine code factors matrices into what their products must be",
        factor_cases,
        factors_hold,
        may_crash=True,
    ),
    "graphs": Target(
        "functions of symbolic graphs agree with NumPy and the interpreter",
        graph_cases,
        graph_agrees,
        load=GraphCase.load,
        suffix=".json",
        may_crash=True,
    ),
    "scans": Target(
        "scans agree with NumPy, the interpreter, and the derivatives of their steps written out",
        scan_cases,
        scan_agrees,
        load=ScanCase.load,
        suffix=".json",
        may_crash=True,
    ),
}
"""Every target by the name that the command line knows."""
