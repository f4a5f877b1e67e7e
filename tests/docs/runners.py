"""Runs one code block of a page; each function raises AssertionError when the page is wrong."""

import doctest
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lltheano_ir.loops.parser import parse_module
from lltheano_ir.loops.printer import format_loops
from lltheano_ir.loops.verify import verify_loops
from lltheano_ir.text import format_program, parse_program
from lltheano_ir.verify import verify
from tests.docs.blocks import Block

ROOT = Path(__file__).parents[2]
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
SECONDS = 120

Namespace = dict[str, Any]


def run_python(block: Block, page: Path, namespace: Namespace) -> None:
    if block.file is not None:
        Path(block.file).write_text(block.text, encoding="utf-8")
        return
    # The blank lines make line numbers in a traceback those of the page.
    source = "\n" * (block.line - 1) + block.text
    exec(compile(source, str(page), "exec"), namespace)


def run_doctest(block: Block, page: Path, namespace: Namespace) -> None:
    name = f"{page.name}:{block.line}"
    test = doctest.DocTestParser().get_doctest(block.text, {}, name, str(page), block.line - 1)
    test.globs = namespace
    report: list[str] = []
    doctest.DocTestRunner(optionflags=FLAGS).run(test, out=report.append, clear_globs=False)
    assert not report, "".join(report)


def run_console(block: Block, page: Path, namespace: Namespace) -> None:
    del namespace
    commands = block.commands()
    assert commands, f"{page}:{block.line}: a console block without a `$ command`"
    if block.run_by is not None:
        script = (ROOT / block.run_by).read_text(encoding="utf-8")
        for command, _ in commands:
            for part in command.split(" && "):
                assert part in script, f"{page}:{block.line}: {block.run_by} does not run {part!r}"
        return
    for command, shown in commands:
        status = block.exit_status if command == commands[-1][0] else 0
        check_command(command, shown, status, f"{page.name}:{block.line}")


def check_command(command: str, shown: str, status: int, where: str) -> None:
    done = subprocess.run(
        ["bash", "-c", command],
        env=shell_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=SECONDS,
    )
    assert done.returncode == status, f"{where}: {command}\n{done.stdout}"
    example = doctest.Example(command, shown)
    checker = doctest.OutputChecker()
    if not checker.check_output(example.want, done.stdout, FLAGS):
        difference = checker.output_difference(example, done.stdout, FLAGS)
        raise AssertionError(f"{where}: {command}\n{difference}")


def shell_environment() -> dict[str, str]:
    """What the reader has: `lltheano` and `python` on the path; nothing of the checkout besides.

    Code that tests have compiled is taken from the cache that they were given, if they were.
    """
    tools = Path("bin").absolute()
    if not tools.exists():
        tools.mkdir()
        for name, arguments in [("python", ""), ("lltheano", "-m lltheano")]:
            script = f'#!/bin/sh\nexec {sys.executable} {arguments} "$@"\n'
            (tools / name).write_text(script, encoding="utf-8")
            (tools / name).chmod(0o755)
    variables = {name: os.environ[name] for name in ("HOME", "LANG") if name in os.environ}
    path = os.pathsep.join([str(tools), os.defpath])
    sources = os.pathsep.join([str(ROOT), str(ROOT / "ir")])
    return variables | {
        "PATH": path,
        "PYTHONPATH": sources,
        "LLTHEANO_CACHE_DIR": os.environ.get("LLTHEANO_CACHE_DIR", str(tools.parent / "cache")),
        "COLUMNS": "100",
    }


def check_ir(block: Block, page: Path, namespace: Namespace) -> None:
    del namespace
    if block.text.startswith("loops"):
        function = parse_module(block.text)
        verify_loops(function)
        text = format_loops(function)
    else:
        text = format_program(verify(parse_program(block.text)))
    assert text == block.text, f"{page}:{block.line}: not the canonical text"


RUNNERS: dict[str, Callable[[Block, Path, Namespace], None]] = {
    "python": run_python,
    "pycon": run_doctest,
    "console": run_console,
    "ir": check_ir,
}
