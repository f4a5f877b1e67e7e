"""The command line, called within the test's own process."""

import io
import sys
from pathlib import Path

import pytest

from lltheano.cli.application import application
from tests.lltheano.cli.scripts import ACCUMULATOR, SCRIPT, TWICE, Command, Result


@pytest.fixture(scope="session")
def _cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def lltheano(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    _cache: Path,
) -> Command:
    """Calls `lltheano` with arguments, in a folder with two files of IR and a script."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LLTHEANO_CACHE_DIR", str(_cache))
    monkeypatch.setenv("COLUMNS", "100")
    for name in ("FORCE_COLOR", "NO_COLOR", "LLTHEANO_FLAGS"):
        monkeypatch.delenv(name, raising=False)
    Path("accumulator.ir").write_text(ACCUMULATOR, encoding="utf-8")
    Path("twice.ir").write_text(TWICE, encoding="utf-8")
    Path("script.py").write_text(SCRIPT, encoding="utf-8")

    def call(*arguments: str, stdin: str = "") -> Result:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        with pytest.raises(SystemExit) as stop:
            application(list(arguments), prog_name="lltheano")
        captured = capsys.readouterr()
        return Result(int(stop.value.code or 0), captured.out, captured.err)

    return call
