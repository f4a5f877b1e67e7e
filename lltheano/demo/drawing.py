"""The loss curve and the learned weights as a picture. Needs matplotlib, which is optional."""

import errno
import os
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lltheano.demo.training import Outcome

if TYPE_CHECKING:
    from matplotlib.figure import SubFigure

__all__ = ["can_draw", "check_path", "draw"]


def can_draw() -> bool:
    """Whether matplotlib is installed."""
    return find_spec("matplotlib") is not None


def check_path(path: Path) -> None:
    """Raise what `draw` would raise for a file, before there is anything to draw.

    FileNotFoundError when its folder is not there; ValueError for a suffix that matplotlib does not
    know.
    """
    # Optional, and slow to import.
    from matplotlib.backend_bases import FigureCanvasBase  # noqa: PLC0415

    known = FigureCanvasBase.get_supported_filetypes()
    if path.suffix.removeprefix(".").lower() not in known:
        raise ValueError(f"a picture's name ends in one of .{', .'.join(sorted(known))}")
    if not path.resolve().parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))


def draw(outcome: Outcome, path: Path) -> None:
    """Write the picture to a file, in the format that its suffix names; OSError if it cannot be."""
    # Optional, and slow to import.
    from matplotlib.figure import Figure  # noqa: PLC0415

    figure = Figure(figsize=(11, 3.8), layout="constrained")
    halves = figure.add_gridspec(1, 2, width_ratios=(1, 1.3))
    _draw_costs(figure.add_subfigure(halves[0]), outcome)
    _draw_weights(figure.add_subfigure(halves[1]), outcome)
    figure.savefig(path, dpi=120)


def _draw_costs(figure: "SubFigure", outcome: Outcome) -> None:
    numbers = [epoch.number for epoch in outcome.epochs]
    best = outcome.best.number
    axes = figure.subplots()
    axes.plot(numbers, [epoch.train_cost for epoch in outcome.epochs], label="training rows")
    axes.plot(numbers, [epoch.validation_cost for epoch in outcome.epochs], label="validation rows")
    axes.axvline(best, color="grey", linestyle=":", label=f"weights kept: epoch {best}")
    axes.set(xlabel="epoch", ylabel="cost (mean cross-entropy)", yscale="log")
    axes.set_title(f"Softmax regression: test error {100 * outcome.test_error:.1f} %")
    axes.grid(alpha=0.3, which="both")
    axes.legend()


def _draw_weights(figure: "SubFigure", outcome: Outcome) -> None:
    images = outcome.W.T.reshape(10, 8, 8)
    limit = float(np.abs(images).max()) or 1.0
    grid = figure.subplots(2, 5)
    shown = [
        axes.imshow(image, cmap="RdBu_r", vmin=-limit, vmax=limit)
        for axes, image in zip(grid.flat, images, strict=True)
    ]
    for digit, axes in enumerate(grid.flat):
        axes.set_title(str(digit))
        axes.set_xticks([])
        axes.set_yticks([])
    figure.colorbar(shown[0], ax=grid, shrink=0.8, label="weight: red speaks for the digit")
