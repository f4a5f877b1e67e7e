"""The drawings: complete, within their width, and true to the numbers."""

from pathlib import Path

import numpy as np
import pytest

from lltheano.demo.drawing import can_draw, check_path, draw
from lltheano.demo.sketch import colour_weights, plot_costs, shade_weights
from lltheano.demo.training import Epoch, Outcome


def outcome(costs: list[float]) -> Outcome:
    epochs = tuple(Epoch(i + 1, c, 1.2 * c, 0.1, 0.01) for i, c in enumerate(costs))
    weights = np.zeros((64, 10))
    weights[np.arange(10), np.arange(10)] = 1.0
    weights[63] = -1.0
    return Outcome(epochs, epochs[-1], 0.5, 0.05, weights, np.zeros(10))


@pytest.mark.parametrize("width", [40, 80, 110])
@pytest.mark.parametrize(
    "costs", [[1.0], [2.0, 1.0, 0.5], [1.0, 1.0], list(np.geomspace(2, 0.1, 500))]
)
def test_costs_fit_their_width(costs: list[float], width: int) -> None:
    lines = plot_costs(outcome(costs), width)
    assert max(map(len, lines)) <= width
    assert lines[-1].split() == ["1", "epoch", str(len(costs))]
    assert any("●" in line for line in lines)


def test_falling_costs_fall() -> None:
    lines = plot_costs(outcome([1.0, 0.1]), 80)
    rows = [row for row, line in enumerate(lines) if "●" in line]
    first, last = lines[rows[0]].index("●"), lines[rows[-1]].rindex("●")
    assert first < last
    assert lines[0].startswith(f"{1.2:8.3f}")
    assert f"{0.1:8.3f}" in "\n".join(lines)


@pytest.mark.parametrize("width", [20, 40, 80, 110])
def test_shades(width: int) -> None:
    lines = shade_weights(outcome([1.0]).W, width)
    assert max(map(len, lines)) <= width
    text = "\n".join(lines)
    assert text.count("██") == 10
    assert all(str(digit) in text for digit in range(10))


@pytest.mark.parametrize("width", [40, 80, 110])
def test_colours(width: int) -> None:
    text = colour_weights(outcome([1.0]).W, width)
    assert max(map(len, text.plain.splitlines())) <= width
    styles = {str(span.style) for span in text.spans}
    assert any(style.startswith("#b2182b") or style.endswith("#b2182b") for style in styles)
    assert any("#f7f7f7" in style for style in styles)


def test_weights_that_are_all_zero_can_be_drawn() -> None:
    zeros = np.zeros((64, 10))
    assert "█" not in "\n".join(shade_weights(zeros, 80))
    assert "▀" in colour_weights(zeros, 80).plain


needs_matplotlib = pytest.mark.skipif(not can_draw(), reason="matplotlib is not installed")


@needs_matplotlib
@pytest.mark.parametrize(("name", "begins"), [("a.png", b"\x89PNG"), ("a.svg", b"<?xml")])
def test_pictures(tmp_path: Path, name: str, begins: bytes) -> None:
    draw(outcome([2.0, 1.0]), tmp_path / name)
    assert (tmp_path / name).read_bytes().startswith(begins)


@needs_matplotlib
def test_bad_files_are_known_before_anything_is_learned(tmp_path: Path) -> None:
    check_path(tmp_path / "a.PNG")
    with pytest.raises(FileNotFoundError):
        check_path(tmp_path / "none" / "a.png")
    with pytest.raises(ValueError, match=r"ends in one of .*\.png"):
        check_path(tmp_path / "a.xyz")
