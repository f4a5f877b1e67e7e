"""`lltheano demo` as a command; what it computes is tested in tests/lltheano/demo."""

import json
from pathlib import Path

import pytest

from lltheano.cli.commands import demo
from tests.lltheano.cli.scripts import Command, Result


@pytest.fixture
def quick(lltheano: Command) -> Command:
    def call(*arguments: str) -> Result:
        return lltheano("demo", "--epochs", "3", *arguments)

    return call


def test_numbers_and_drawings(quick: Command) -> None:
    result = quick()
    assert (result.code, result.err) == (0, "")
    for words in ("1,797 digits", "compile train", "compile evaluate", "test error", "ms each"):
        assert words in result.out
    assert "cost by epoch" in result.out
    assert "█" in result.out
    assert max(map(len, result.out.splitlines())) <= 100


def test_a_picture(quick: Command) -> None:
    pytest.importorskip("matplotlib")
    result = quick("--plot", "digits.png")
    assert result.code == 0
    assert Path("digits.png").read_bytes().startswith(b"\x89PNG")
    assert result.out.endswith("loss curve and weights: digits.png\n")
    assert "cost by epoch" not in result.out


def test_without_matplotlib_the_terminal_serves(
    quick: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "can_draw", lambda: False)
    result = quick("--plot", "digits.png")
    assert result.code == 0
    assert "pip install 'lltheano[plot]'" in result.err
    assert "cost by epoch" in result.out
    assert not Path("digits.png").exists()


def test_no_drawing(quick: Command) -> None:
    assert "cost by epoch" not in quick("--no-plot").out


def test_json(quick: Command) -> None:
    result = quick("--json", "--seed", "7")
    found = json.loads(result.out)
    assert found["seed"] == 7
    assert found["rows"] == {"train": 1200, "validate": 200, "test": 397}
    assert list(found["compile_seconds"]) == ["start-up", "train", "evaluate"]
    assert [one["number"] for one in found["epochs"]] == [1, 2, 3]
    assert found["best_epoch"] == 3
    assert 0 < found["test_error"] < 0.2
    assert found["picture"] is None


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["--no-plot", "--plot", "x.png"], 2, "contradict"),
        (["--epochs", "0"], 2, "--epochs"),
        (["--seed", "-1"], 2, "--seed"),
        (["--plot", "no/such/folder.png"], 1, "cannot write no/such/folder.png"),
        (["--plot", "picture.xyz"], 1, "cannot draw picture.xyz"),
    ],
)
def test_bad_arguments(quick: Command, arguments: list[str], code: int, says: str) -> None:
    pytest.importorskip("matplotlib")
    result = quick(*arguments)
    assert result.code == code
    assert says in result.err
