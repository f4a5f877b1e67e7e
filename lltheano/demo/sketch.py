"""The loss curve and the learned weights as text, for a terminal.

In colour a character is two pixels, one above the other, drawn by a half-block; without colour,
shades stand for the positive weights. Everything fits into the width that is given.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from lltheano.demo.training import Outcome

if TYPE_CHECKING:
    from rich.text import Text

__all__ = ["colour_weights", "plot_costs", "shade_weights"]

_HEIGHT: Final = 12
_MARGIN: Final = 8
_SHADES: Final = " ░▒▓█"
_GAP: Final = 2

# What RdBu, a palette that the colour-blind can read, has at its ends and in the middle.
_NEGATIVE: Final = np.array([33, 102, 172.0])
_ZERO: Final = np.array([247, 247, 247.0])
_POSITIVE: Final = np.array([178, 24, 43.0])


def plot_costs(outcome: Outcome, width: int) -> list[str]:
    """The costs by epoch on a logarithmic scale, as lines of at most `width` characters.

    The training cost is drawn with a full dot and the validation cost with an empty one.
    """
    columns = max(10, width - _MARGIN - 2)
    series = [
        ("○", np.array([epoch.validation_cost for epoch in outcome.epochs])),
        ("●", np.array([epoch.train_cost for epoch in outcome.epochs])),
    ]
    low = min(float(costs.min()) for _, costs in series)
    high = max(float(costs.max()) for _, costs in series)
    canvas = [[" "] * columns for _ in range(_HEIGHT)]
    for mark, costs in series:
        for column, row in enumerate(_rows(costs, columns, low, high)):
            canvas[row][column] = mark
    labels = {0: f"{high:.3f}", _HEIGHT - 1: f"{low:.3f}"}
    lines = [
        f"{labels.get(row, ''):>{_MARGIN}} │{''.join(cells)}".rstrip()
        for row, cells in enumerate(canvas)
    ]
    last = f"epoch {len(outcome.epochs)}"
    axis = f"{'':>{_MARGIN}} └{'─' * columns}"
    return [*lines, axis, f"{'':>{_MARGIN}}  1{last:>{columns - 1}}"]


def _rows(costs: NDArray[Any], columns: int, low: float, high: float) -> list[int]:
    """The row of each column's point: 0 is the top."""
    epochs = np.linspace(0, len(costs) - 1, columns)
    values = np.interp(epochs, np.arange(len(costs)), np.log(np.maximum(costs, 1e-12)))
    top, bottom = np.log(max(high, 1e-12)), np.log(max(low, 1e-12))
    share = (top - values) / ((top - bottom) or 1.0)
    return [int(row) for row in np.rint(share * (_HEIGHT - 1))]


def shade_weights(weights: NDArray[Any], width: int) -> list[str]:
    """The weights of each digit as a picture in shades, the darker the more they speak for it."""
    images = weights.T.reshape(10, 8, 8)
    limit = float(images.max()) or 1.0
    levels = np.clip(np.ceil(images / limit * (len(_SHADES) - 1)), 0, len(_SHADES) - 1).astype(int)
    lines: list[str] = []
    for digits in _rows_of_pictures(max(1, (width + _GAP) // (16 + _GAP))):
        lines.append((" " * _GAP).join(f"{digit:<16}" for digit in digits).rstrip())
        for row in range(8):
            parts = ("".join(_SHADES[level] * 2 for level in levels[d, row]) for d in digits)
            lines.append((" " * _GAP).join(parts).rstrip())
    return lines


def colour_weights(weights: NDArray[Any], width: int) -> "Text":
    """The weights of each digit as a picture: red speaks for the digit, blue against it."""
    # Slow to import, and not needed for plain output.
    from rich.text import Text  # noqa: PLC0415

    images = weights.T.reshape(10, 8, 8)
    limit = float(np.abs(images).max()) or 1.0
    across = 5 if width >= 5 * 8 + 4 * _GAP else 2
    size = min(20, (width - (across - 1) * _GAP) // across // 2 * 2)
    pictures = [_colours(_enlarged(image, size) / limit) for image in images]
    text = Text()
    for digits in _rows_of_pictures(across):
        text.append((" " * _GAP).join(f"{digit:<{size}}" for digit in digits).rstrip() + "\n")
        for row in range(0, size, 2):
            for position, digit in enumerate(digits):
                text.append(" " * _GAP if position else "")
                _append_half_blocks(text, pictures[digit][row], pictures[digit][row + 1])
            text.append("\n")
    return text


def _rows_of_pictures(across: int) -> Iterator[Sequence[int]]:
    return (range(first, min(first + across, 10)) for first in range(0, 10, across))


def _enlarged(image: NDArray[Any], size: int) -> NDArray[Any]:
    """The image with `size` pixels a side, linear in between."""
    positions = np.linspace(-0.5, 7.5, 2 * size + 1)[1::2]
    columns = np.stack([np.interp(positions, np.arange(8), row) for row in image])
    return np.stack([np.interp(positions, np.arange(8), column) for column in columns.T], axis=1)


def _colours(shares: NDArray[Any]) -> NDArray[np.int64]:
    """Red, green and blue for each number from -1 to 1."""
    share = np.clip(np.abs(shares), 0, 1)[..., np.newaxis]
    towards = np.where(shares[..., np.newaxis] > 0, _POSITIVE, _NEGATIVE)
    colours: NDArray[np.int64] = np.rint(_ZERO + share * (towards - _ZERO)).astype(np.int64)
    return colours


def _append_half_blocks(text: "Text", upper: NDArray[Any], lower: NDArray[Any]) -> None:
    for above, below in zip(upper.tolist(), lower.tolist(), strict=True):
        colour, background = ("#{:02x}{:02x}{:02x}".format(*one) for one in (above, below))
        text.append("▀", f"{colour} on {background}")
