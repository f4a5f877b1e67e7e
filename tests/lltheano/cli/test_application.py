"""What every command keeps to: help, exit codes, errors, closed pipes and Ctrl-C."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lltheano import __version__
from lltheano.cli.application import COMMANDS, Application
from tests.lltheano.cli.scripts import Command

ROOT = Path(__file__).parents[3]


def start(*arguments: str, code: str = "", **options: Any) -> "subprocess.Popen[str]":
    """A `lltheano` of its own, or Python code, in a process."""
    variables = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'ir'}"}
    program = ["-c", code] if code else ["-m", "lltheano"]
    return subprocess.Popen(
        [sys.executable, *program, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=variables,
        **options,
    )


def test_help_lists_every_command(lltheano: Command) -> None:
    result = lltheano("--help")
    assert result.code == 0
    width = max(map(len, COMMANDS)) + 2
    for name, summary in COMMANDS.items():
        assert f"  {name:<{width}}{summary}" in result.out


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_a_command_has_examples(lltheano: Command, name: str) -> None:
    result = lltheano(name, "--help")
    assert result.code == 0
    assert "Examples:" in result.out
    assert f"lltheano {name}" in result.out
    assert all(len(line) <= 100 for line in result.out.splitlines())


def test_version(lltheano: Command) -> None:
    assert lltheano("--version").out == f"lltheano {__version__}\n"


def test_nothing_at_all_shows_help_as_an_error(lltheano: Command) -> None:
    result = lltheano()
    assert (result.code, result.out) == (2, "")
    assert "Commands:" in result.err


def test_unknown_command_is_a_usage_error_with_a_suggestion(lltheano: Command) -> None:
    result = lltheano("dmp")
    assert result.code == 2
    assert result.err == (
        "lltheano: error: no such command 'dmp'; did you mean 'dump'?\nhint: lltheano --help\n"
    )


def test_unknown_option_is_a_usage_error(lltheano: Command) -> None:
    result = lltheano("opt", "--nonsense")
    assert result.code == 2
    assert result.err.startswith("lltheano: error: no such option")
    assert result.err.endswith("hint: lltheano opt --help\n")


def test_a_missing_file_is_one_line(lltheano: Command) -> None:
    result = lltheano("opt", "nowhere.ir")
    assert result.code == 1
    assert result.err == "lltheano: error: cannot read nowhere.ir: No such file or directory\n"


def test_ctrl_c_ends_with_130_and_no_traceback(
    lltheano: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Application, "get_command", interrupted)
    result = lltheano("doctor")
    assert result.code == 130
    assert "Traceback" not in result.err


def test_ctrl_c_reaches_a_script(tmp_path: Path) -> None:
    script = tmp_path / "waits.py"
    script.write_text("import time\nprint('ready', flush=True)\ntime.sleep(60)\n")
    with start("dump", str(script)) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
        _, rest = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in rest


def test_a_reader_that_goes_away_is_no_error() -> None:
    with start("opt", "--list-passes") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 141


def test_help_imports_nothing_slow() -> None:
    code = (
        "import sys\n"
        "from lltheano.cli.application import application\n"
        "try:\n"
        "    application(['--help'])\n"
        "finally:\n"
        "    slow = {'rich', 'matplotlib', 'scipy'} & set(sys.modules)\n"
        "    assert not slow, slow\n"
    )
    with start(code=code) as process:
        _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, "")
