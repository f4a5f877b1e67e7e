"""Measure the math kernels and keep the results: ``python -m tests.accuracy --help``.

Results are merged into ``docs/accuracy.json``, one record for each function and dtype, and
``docs/accuracy.md`` is written from it. A record says how many points it saw and against what.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import llvmlite.binding as llvm

from lltheano_ir.emit.complex_math import COMPLEX_MATH
from lltheano_ir.emit.math import MATH
from tests.accuracy.complexes import measure_complex
from tests.accuracy.library import LIBRARY, measure_library
from tests.accuracy.measure import (
    Worst,
    measure_f32,
    measure_f32_pairs,
    measure_f64,
    measure_f64_exactly,
)
from tests.accuracy.reference import EXTENDED, REFERENCES

COMPLEX = {f"complex {name}": name for name in COMPLEX_MATH}

HEADER = """\
# Accuracy of the math functions

Written by `python -m tests.accuracy`; each row is one measurement. An error is in units in the last
place of the exact result; the bound is what `lltheano_ir.emit.math.MATH` publishes and the
tests hold. "Wrong" counts results that are NaN for a number, a number for NaN, or have the wrong
sign. Every f32 function of one argument was tried on all 2^32 numbers where the count says so.

The functions of complex numbers are `lltheano_ir.emit.complex_math.COMPLEX_MATH`. Their error is
the distance of the result from the exact number, in units in the last place of that number's
modulus; those of pow are divided by `1 + |w log z| / 32`, by which its bound grows.

Functions whose bound is "SciPy" are SciPy's code, which promises none; their errors were measured
for the arguments that are named. Near a zero of such a function (of `j0`, `psi` or `gammaln`, say)
the error is small beside the function's greatest values, but not beside the result.

| function | dtype | greatest error | bound | at | points | wrong | against | date | LLVM |
|---|---|---|---|---|---|---|---|---|---|
"""


def measurements(name: str, dtype: str, options: argparse.Namespace) -> Iterator[tuple[str, Worst]]:
    """The measurements to make, each with what it compares against."""
    if name in COMPLEX:
        if dtype.startswith("c"):
            yield "mpmath", measure_complex(COMPLEX[name], dtype, options.plane_count, options.seed)
    elif dtype.startswith("c"):
        return
    elif name in LIBRARY:
        if dtype == "f64":
            against = f"mpmath, {LIBRARY[name].where}"
            yield against, measure_library(name, options.library_count, options.seed)
    elif dtype == "f32" and MATH[name].arity == 1:
        yield "NumPy f64", measure_f32(name, 1 if options.exhaustive else options.stride)
    elif dtype == "f32":
        yield "NumPy f64", measure_f32_pairs(name, options.count, options.seed)
    else:
        if EXTENDED and REFERENCES[name].in_extended:
            yield "x87 extended", measure_f64(name, options.count, options.seed)
        yield "mpmath", measure_f64_exactly(name, options.exact_count, options.seed)


def record(name: str, dtype: str, against: str, worst: Worst) -> dict[str, Any]:
    """One row of the table."""
    return {
        "function": name,
        "dtype": dtype,
        "against": against,
        "date": dt.datetime.now(tz=dt.UTC).date().isoformat(),
        "llvm": ".".join(map(str, llvm.llvm_version_info)),
        **asdict(worst),
    }


def bound(row: dict[str, Any]) -> float | None:
    """The published bound that the row is to keep; None where there is none."""
    if row["function"] in LIBRARY:
        return None
    if row["function"] in COMPLEX:
        whole = COMPLEX_MATH[COMPLEX[row["function"]]]
        return whole.ulp_c64 if row["dtype"] == "c64" else whole.ulp_c128
    function = MATH[row["function"]]
    return function.ulp_f32 if row["dtype"] == "f32" else function.ulp_f64


def save(row: dict[str, Any], folder: Path) -> None:
    """Put the row in the place of an older one of its kind, and write the page again."""
    store = folder / "accuracy.json"
    rows = json.loads(store.read_text()) if store.exists() else []
    key = ("function", "dtype", "against")
    rows = [r for r in rows if any(r[k] != row[k] for k in key)] + [row]
    names = [*MATH, *COMPLEX, *LIBRARY]
    rows.sort(key=lambda r: (names.index(r["function"]), r["dtype"], r["against"]))
    store.write_text(json.dumps(rows, indent=1) + "\n")
    lines = [
        f"| {r['function']} | {r['dtype']} | {r['ulp']:.3f} | {bound(r) or 'SciPy'} | `{r['at']}` "
        f"| {_counted(r)} | {r['wrong']} | {r['against']} | {r['date']} | {r['llvm']} |\n"
        for r in rows
    ]
    (folder / "accuracy.md").write_text(HEADER + "".join(lines))


def _counted(row: dict[str, Any]) -> str:
    return "all 2^32" if row["count"] == 2**32 else f"{row['count']:,}"


def parser() -> argparse.ArgumentParser:
    """The command line."""
    p = argparse.ArgumentParser("python -m tests.accuracy", description=__doc__)
    p.add_argument(
        "--functions",
        default=",".join([*MATH, *COMPLEX, *LIBRARY]),
        help="names, with commas between; 'complex exp' is that of complex numbers",
    )
    p.add_argument("--dtype", default="f32,f64,c64,c128", help="some of f32, f64, c64, c128")
    p.add_argument("--exhaustive", action="store_true", help="every f32 number")
    p.add_argument("--stride", type=int, default=1009, help="else every so many")
    p.add_argument("--count", type=int, default=1_000_000, help="points of a sample")
    p.add_argument("--exact-count", type=int, default=4_000, help="points against mpmath")
    p.add_argument("--plane-count", type=int, default=12_000, help="points of complex functions")
    p.add_argument("--library-count", type=int, default=1_000, help="points of SciPy's functions")
    p.add_argument("--seed", type=int, default=20261123)
    p.add_argument("--docs", type=Path, default=Path("docs"), help="folder of the table")
    return p


def main() -> int:
    """Measure, print and save; 1 if a bound is not kept."""
    options = parser().parse_args()
    kept = True
    for name in options.functions.split(","):
        for dtype in options.dtype.split(","):
            for against, worst in measurements(name, dtype, options):
                row = record(name, dtype, against, worst)
                save(row, options.docs)
                limit = bound(row)
                good = limit is None or (worst.ulp <= limit and not worst.wrong)
                kept = kept and good
                print(
                    f"{name:13} {dtype} {worst.ulp:8.3f} of {limit or 'SciPy'} at {worst.at}, "
                    f"{worst.wrong} wrong of {worst.count:,} ({against})"
                    + (f", first {worst.first_wrong}" if worst.wrong else "")
                    + ("" if good else "  NOT KEPT"),
                    flush=True,
                )
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
