"""`lltheano run`: IR text executed on arrays."""

from collections.abc import Sequence
from typing import Any
from zipfile import ZipFile

import click
import numpy as np

from lltheano.cli.errors import CommandError, file_error
from lltheano.cli.programs.execute import result_names, run_interpreted, run_native
from lltheano.cli.programs.limits import read_size
from lltheano.cli.programs.slots import Array, Slot, read_inputs, read_sizes, slots_of
from lltheano.cli.programs.source import STANDARD_INPUT, read_ir
from lltheano.cli.terminal import print_code, print_json, warn
from lltheano_ir.dtypes import dtype_of
from lltheano_ir.program import Program

__all__ = ["command"]

EPILOG = """\b
Examples:
  lltheano run add.ir                                        on random arrays
  lltheano run add.ir --input x=[1.5,2] --input y=y.npy      on these
  lltheano run add.ir --size 1000 --random 7 --check         compiled against interpreted
  lltheano run add.ir --size x=3,4 --size 10 --json          x is 3 by 4, other axes 10
  lltheano opt add.ir -p lower | lltheano run - --trust      loop IR as native code
  lltheano run theirs.ir --steps 1000000 --memory 512M       a stranger's program, bounded
"""


@click.command(epilog=EPILOG)
@click.argument("file", default=STANDARD_INPUT)
@click.option(
    "-i",
    "--input",
    "inputs",
    multiple=True,
    metavar="NAME=VALUE",
    help="A parameter's value: a .npy file or a literal. The others are random.",
)
@click.option(
    "--random",
    "seed",
    type=click.IntRange(0),
    default=0,
    metavar="SEED",
    help="Seed; 0 by default.",
)
@click.option(
    "--size",
    "sizes",
    multiple=True,
    metavar="[NAME=]N[,N]",
    help="Sizes of the axes of random arrays; 4 by default.",
)
@click.option("--interpret", is_flag=True, help="Run by the reference interpreter.")
@click.option(
    "--steps",
    type=click.IntRange(0),
    metavar="N",
    help="Stop after N iterations of loops over elements; implies --interpret.",
)
@click.option(
    "--memory",
    callback=lambda ctx, parameter, text: None if text is None else read_size(ctx, parameter, text),
    metavar="SIZE",
    help="Stop rather than take more memory at one time: bytes, or 64K, 512M, 2G.",
)
@click.option("--check", is_flag=True, help="Run both ways, and fail where they differ.")
@click.option("--trust", is_flag=True, help="Run loop IR as native code; it may write anywhere.")
@click.option("-o", "--output", metavar="FILE.npz", help="Save the results as NumPy's archive.")
@click.option("--json", "as_json", is_flag=True, help="Print inputs and results as JSON.")
def command(  # noqa: PLR0913, PLR0917 - one for each option
    file: str,
    inputs: tuple[str, ...],
    seed: int,
    sizes: tuple[str, ...],
    interpret: bool,
    steps: int | None,
    memory: int | None,
    check: bool,
    trust: bool,
    output: str | None,
    as_json: bool,
) -> None:
    """Execute IR text and print its outputs and updates.

    FILE holds a tensor program or a loop function; - or nothing is standard input. A tensor program
    is safe whoever wrote it and is compiled to native code. A loop function can name any address,
    so it is interpreted, with every access checked, unless you --trust it. For --check the passes
    that change results for the better are left out.

    A program may be safe and never end: --steps bounds it, by interpreting it and counting.
    --memory bounds what it holds besides its inputs. One that wants more ends with exit code 3.
    """
    ir = read_ir(file)
    slots = slots_of(ir)
    given = read_inputs(inputs, slots)
    chosen = read_sizes(sizes, slots)
    generator = np.random.default_rng(seed)
    arrays = [given[s.name] if s.name in given else s.random(generator, chosen) for s in slots]
    native = isinstance(ir, Program) or trust
    if not native and check:
        raise click.UsageError("--check runs native code, which loop IR needs --trust for")
    if steps is not None and (trust or check):
        raise click.UsageError("--steps goes without native code: not with --trust or --check")
    if native and not interpret and steps is None:
        results = run_native(ir, arrays, memory=memory)
    else:
        results = run_interpreted(ir, arrays, steps=steps, memory=memory)
    names = result_names(ir)
    if output is not None:
        _save(output, names, results)
    if as_json:
        _print_records(slots, arrays, names, results)
    else:
        _print(slots, arrays, names, results, given)
    if check:
        exact = run_native(ir, arrays, keep_results=True, memory=memory)
        _compare(names, exact, run_interpreted(ir, arrays, memory=memory))


_ROUNDINGS = 1000
"""What sums of different order and functions of different libraries may add up to."""

Names = Sequence[tuple[str, bool]]


def _print(
    slots: Sequence[Slot],
    arrays: Sequence[Array],
    names: Names,
    results: Sequence[Array],
    given: dict[str, Array],
) -> None:
    lines = []
    for slot, array in zip(slots, arrays, strict=True):
        source = "" if slot.name in given else "  ; random"
        kind = "shared" if slot.shared else "input"
        lines.append(f"{kind} %{slot.name}{_shown(array)}{source}")
    for (name, is_update), array in zip(names, results, strict=True):
        head = f"update %{name}" if is_update else f'output "{name}"'
        lines.append(f"{head}{_shown(array)}")
    print_code("\n".join(lines), "tensor")


def _shown(array: Array) -> str:
    sizes = ",".join(map(str, array.shape))
    type_text = f": {dtype_of(array.dtype)}[{sizes}] ="
    if array.size == 0:
        return f"{type_text} []"
    text = np.array2string(array, separator=", ", threshold=100, max_line_width=100)
    return f"{type_text} {text}" if "\n" not in text else f"{type_text}\n{text}"


def _print_records(
    slots: Sequence[Slot], arrays: Sequence[Array], names: Names, results: Sequence[Array]
) -> None:
    pairs = list(zip(names, results, strict=True))
    print_json(
        {
            "inputs": {s.name: _record(a) for s, a in zip(slots, arrays, strict=True)},
            "outputs": {name: _record(a) for (name, is_update), a in pairs if not is_update},
            "updates": {name: _record(a) for (name, is_update), a in pairs if is_update},
        }
    )


def _record(array: Array) -> dict[str, Any]:
    """An array as JSON: what JSON has no number for is a string, a complex number a pair."""
    is_complex = array.dtype.kind == "c"
    plain = np.stack([np.real(array), np.imag(array)], axis=-1) if is_complex else array
    values = plain.tolist()
    if plain.dtype.kind == "f" and not np.isfinite(plain).all():
        values = _spelled(values)
    return {
        "dtype": str(dtype_of(array.dtype)),
        "shape": list(array.shape),
        "values": values,
    }


def _spelled(values: Any) -> Any:
    if isinstance(values, list):
        return [_spelled(value) for value in values]
    return values if np.isfinite(values) else str(values)


def _save(path: str, names: Names, results: Sequence[Array]) -> None:
    """Write each result under its name, an update under `update.` and its parameter's."""
    try:
        with ZipFile(path, "w") as archive:
            for (name, is_update), array in zip(names, results, strict=True):
                member = f"{'update.' if is_update else ''}{name}.npy"
                with archive.open(member, "w", force_zip64=True) as file:
                    np.lib.format.write_array(file, array, allow_pickle=False)
    except OSError as error:
        raise file_error("write", path, error) from None


def _compare(names: Names, results: Sequence[Array], others: Sequence[Array]) -> None:
    """Say how far results are apart; CommandError when one is further than rounding explains."""
    wrong = []
    for (name, _), result, other in zip(names, results, others, strict=True):
        verdict, close = _distance(result, other)
        warn(f"check: {name}: {verdict}")
        if not close:
            wrong.append(name)
    if wrong:
        raise CommandError(f"compiled and interpreted results differ: {', '.join(wrong)}")


def _distance(one: Array, other: Array) -> tuple[str, bool]:
    """How far two arrays are apart, in words, and whether rounding alone may be why."""
    if one.shape != other.shape:
        return f"shapes {one.shape} and {other.shape}", False
    if one.tobytes() == other.tobytes():
        return "identical", True
    if one.dtype.kind not in "fc":
        return f"{int((one != other).sum())} of {one.size} elements differ", False
    step = float(np.finfo(one.dtype).eps)
    scale = float(np.abs(other[np.isfinite(other)]).max(initial=0.0))
    close = np.allclose(one, other, _ROUNDINGS * step, _ROUNDINGS * step * scale, equal_nan=True)
    with np.errstate(invalid="ignore"):
        most = float(np.nan_to_num(np.abs(one - other)).max())
    return f"up to {most:.3g} apart, {most / (step * scale or step):.3g} roundings", close
