"""`lltheano opt`: IR text in, passes, IR text out."""

from dataclasses import replace
from pathlib import Path

import click

from lltheano.cli.errors import file_error
from lltheano.cli.programs.differences import unified
from lltheano.cli.programs.explain import as_records, print_decisions
from lltheano.cli.programs.passes import PASS_NAMES, Step, apply_passes, run_pipeline, summaries
from lltheano.cli.programs.source import STANDARD_INPUT, Ir, format_ir, read_ir
from lltheano.cli.terminal import print_code, print_json
from lltheano_ir.decisions import Decision
from lltheano_ir.native.target import host_target
from lltheano_ir.program import Program

__all__ = ["command"]

EPILOG = """\b
Examples:
  lltheano opt add.ir                                  as the compiler does it
  lltheano opt add.ir --passes canonicalise,fold,cse   these, in this order
  lltheano opt add.ir --passes lower,inplace,assign    on to the loop IR
  lltheano dump train.py:step --stage source | lltheano opt - --passes canonicalise --diff
"""


def _list_passes(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        for name, summary in summaries():
            click.echo(f"{name:<14}{summary}")
        ctx.exit()


def _read_names(_: click.Context, __: click.Parameter, text: str | None) -> list[str] | None:
    if text is None:
        return None
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in PASS_NAMES:
            raise click.BadParameter(f"no such pass: {name!r}; there are {', '.join(PASS_NAMES)}")
    return names


@click.command(epilog=EPILOG)
@click.argument("file", default=STANDARD_INPUT)
@click.option(
    "-p",
    "--passes",
    callback=_read_names,
    metavar="NAME,...",
    help="Passes, in order; by default those that the compiler applies.",
)
@click.option("-o", "--output", metavar="FILE", help="Write there instead of standard output.")
@click.option("--diff", is_flag=True, help="Print what each pass changed instead of the result.")
@click.option("--explain", is_flag=True, help="Print what the passes decided, and why.")
@click.option("--json", "as_json", is_flag=True, help="Print text, passes and decisions as JSON.")
@click.option(
    "--vector-bytes",
    type=click.Choice(["16", "32", "64"]),
    help="Vector width for `vectorise`; this machine's by default.",
)
@click.option(
    "--list-passes",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_list_passes,
    help="List the passes and exit.",
)
def command(
    file: str,
    passes: list[str] | None,
    output: str | None,
    diff: bool,
    explain: bool,
    as_json: bool,
    vector_bytes: str | None,
) -> None:
    """Transform IR text by passes and print the result.

    FILE holds a tensor program or a loop function; - or nothing is standard input. It is verified
    when it is read and after each pass. The pass `lower` makes loop IR out of a tensor program.
    """
    ir = read_ir(file)
    decisions: list[Decision] = []
    target = host_target()
    if vector_bytes:
        target = replace(target, vector_bytes=int(vector_bytes))
    if passes is None:
        steps = run_pipeline(ir, decisions, target)
    else:
        steps = apply_passes(ir, passes, decisions, target)
    result = steps[-1].after if steps else ir
    if as_json:
        _write_json(result, steps, decisions)
    elif explain:
        print_decisions(decisions)
    elif diff:
        _write_differences(steps)
    else:
        _write(result, output)


def _write(result: Ir, output: str | None) -> None:
    text = format_ir(result)
    if output is None or output == STANDARD_INPUT:
        print_code(text, "tensor")
        return
    try:
        Path(output).write_text(text, encoding="utf-8")
    except OSError as error:
        raise file_error("write", output, error) from None


def _write_differences(steps: list[Step]) -> None:
    for step in steps:
        print_code(unified(step), "diff")


def _write_json(result: Ir, steps: list[Step], decisions: list[Decision]) -> None:
    print_json(
        {
            "name": result.name,
            "stage": "tensor" if isinstance(result, Program) else "loops",
            "text": format_ir(result),
            "passes": [
                {"name": step.name, "changed": step.changed, "seconds": round(step.seconds, 6)}
                for step in steps
            ],
            "decisions": as_records(decisions),
        }
    )
