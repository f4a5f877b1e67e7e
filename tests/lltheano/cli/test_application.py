"""What every command keeps to: help, exit codes, errors, closed pipes and Ctrl-C."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lltheano.cli.application import COMMANDS, Application, version

ROOT = Path(__file__).parents[3]


def start(*arguments: str, code: str = "", **options: Any) -> "subprocess.Popen[str]":
    """A `lltheano` of its own, or Python code, in a process."""
    variables = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'ir'}"}
    program = ["-c", code] if code else ["-m", "lltheano.cli"]
    return subprocess.Popen(
        [sys.executable, *program, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=variables,
        **options,
    )


def test_help_lists_every_command(lltheano: Callable[..., Any]) -> None:
    result = lltheano("--help")
    assert result.code == 0
    for name, summary in COMMANDS.items():
        assert f"  {name:<8}{summary}" in result.out


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_a_command_has_examples(lltheano: Callable[..., Any], name: str) -> None:
    result = lltheano(name, "--help")
    assert result.code == 0
    assert "Examples:" in result.out
    assert f"lltheano {name}" in result.out
    assert all(len(line) <= 100 for line in result.out.splitlines())


def test_version(lltheano: Callable[..., Any]) -> None:
    assert lltheano("--version").out == f"lltheano {version()}\n"


def test_nothing_at_all_shows_help_as_an_error(lltheano: Callable[..., Any]) -> None:
    result = lltheano()
    assert (result.code, result.out) == (2, "")
    assert "Commands:" in result.err


def test_unknown_command_is_a_usage_error_with_a_suggestion(lltheano: Callable[..., Any]) -> None:
    result = lltheano("dmp")
    assert result.code == 2
    assert result.err == (
        "lltheano: error: no such command 'dmp'; did you mean 'dump'?\nhint: lltheano --help\n"
    )


def test_unknown_option_is_a_usage_error(lltheano: Callable[..., Any]) -> None:
    result = lltheano("opt", "--nonsense")
    assert result.code == 2
    assert result.err.startswith("lltheano: error: no such option")
    assert result.err.endswith("hint: lltheano opt --help\n")


def test_a_missing_file_is_one_line(lltheano: Callable[..., Any]) -> None:
    result = lltheano("opt", "nowhere.ir")
    assert result.code == 1
    assert result.err == "lltheano: error: cannot read nowhere.ir: No such file or directory\n"


def test_ctrl_c_ends_with_130_and_no_traceback(
    lltheano: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Application, "get_command", interrupted)
    result = lltheano("doctor")
    assert result.code == 130
    assert "Traceback" not in result.err


def test_ctrl_c_reaches_a_script(tmp_path: Path) -> None:
    script = tmp_path / "waits.py"
    script.write_text("import sys, time\nprint('ready', flush=True)\ntime.sleep(60)\n")
    process = start("dump", str(script))
    assert process.stderr is not None
    assert process.stderr.readline() == "ready\n"
    process.send_signal(signal.SIGINT)
    _, rest = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in rest


def test_a_reader_that_goes_away_is_no_error() -> None:
    process = start("opt", "--list-passes")
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == ""
    assert process.wait(timeout=30) == 141


def test_help_imports_neither_llvm_nor_rich() -> None:
    code = (
        "import sys\n"
        "from lltheano.cli.application import application\n"
        "try:\n"
        "    application(['--help'])\n"
        "finally:\n"
        "    slow = {'llvmlite', 'rich', 'matplotlib', 'scipy'} & set(sys.modules)\n"
        "    assert not slow, slow\n"
    )
    process = start(code=code)
    _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, "")
