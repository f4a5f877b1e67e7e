"""Colour: on a terminal only, and never another text."""

import io
from contextlib import redirect_stdout

import pytest

from lltheano.cli.terminal import has_colour, print_code
from tests.lltheano.cli.scripts import ACCUMULATOR


class Terminal(io.StringIO):
    """A stream that a person reads."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)


def without_colour(text: str) -> str:
    from rich.text import Text

    return Text.from_ansi(text).plain


def test_a_terminal_has_colour() -> None:
    assert has_colour(Terminal())


def test_a_pipe_has_none() -> None:
    assert not has_colour(io.StringIO())


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_the_environment_can_refuse_colour(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    assert not has_colour(Terminal())


def test_an_empty_no_color_refuses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "")
    assert has_colour(Terminal())


LLVM = "define i32 @f(i32 %x) {\n  ret i32 %x ; done\n}\n\n"
ASSEMBLY = "\t.text\nf:\n\tvaddpd\t%ymm0, %ymm1, %ymm2\n\tretq\n"
LONG = f'  output "{"y" * 300}" = %0\n'


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (ACCUMULATOR, "tensor"),
        (LLVM, "llvm"),
        (ASSEMBLY, "asm"),
        (LONG, "tensor"),
        ("[red]not markup[/red] :smile:\n", "graph"),
        ("--- a\n+++ b\n@@ -1 +1 @@\n-x\n+y\n", "diff"),
    ],
)
def test_coloured_text_has_the_same_characters(text: str, language: str) -> None:
    with redirect_stdout(Terminal()) as terminal:
        print_code(text, language)
    shown = terminal.getvalue()
    assert ("\x1b[" in shown) is (language != "graph")
    assert without_colour(shown).rstrip("\n") == text.expandtabs(8).rstrip("\n")


def test_plain_text_is_written_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    print_code(ASSEMBLY, "asm")
    assert capsys.readouterr().out == ASSEMBLY


def test_a_last_newline_is_added(capsys: pytest.CaptureFixture[str]) -> None:
    print_code("x", "graph")
    assert capsys.readouterr().out == "x\n"
