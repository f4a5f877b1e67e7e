"""The command line, called within the test's own process."""

import io
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from lltheano.cli.application import application

ACCUMULATOR = """\
program @accumulator(%state: i64[] shared, %inc: i32[]) {
  %0: i64[] = cast %inc, dtype=i64
  %1: i64[] = add %state, %0
  output "before" = %state
  update %state = %1
}
"""

TWICE = """\
program @twice(%x: f64[?]) {
  %0: f64[1] = constant [1.0]
  %1: f64[?] = mul %0, %x
  %2: f64[?] = add %1, %1
  output "y" = %2
}
"""


@dataclass(frozen=True)
class Result:
    """What a command line came to."""

    code: int
    out: str
    err: str


Command = Callable[..., Result]


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
    """Calls `lltheano` with arguments, in a folder that holds two files of IR."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LLTHEANO_CACHE_DIR", str(_cache))
    monkeypatch.setenv("COLUMNS", "100")
    for name in ("FORCE_COLOR", "NO_COLOR", "LLTHEANO_FLAGS"):
        monkeypatch.delenv(name, raising=False)
    Path("accumulator.ir").write_text(ACCUMULATOR, encoding="utf-8")
    Path("twice.ir").write_text(TWICE, encoding="utf-8")

    def call(*arguments: str, stdin: str = "") -> Result:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        with pytest.raises(SystemExit) as stop:
            application(list(arguments), prog_name="lltheano")
        captured = capsys.readouterr()
        return Result(int(stop.value.code or 0), captured.out, captured.err)

    return call
