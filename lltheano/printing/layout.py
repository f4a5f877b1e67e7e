"""Where the boxes of a drawing go: layers from top to bottom, as few crossings as is cheap to have.

The method is that of Sugiyama, Tagawa and Toda (Methods for visual understanding of hierarchical
system structures, 1981): each box one layer below what it uses; bends for arrows that pass layers;
boxes of a layer in the order of the mean place of their neighbours, swept down and up a few times.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from lltheano.printing.drawing import Drawing
from lltheano_ir.records import record

__all__ = ["Placed", "place"]

_CHARACTER, _HEIGHT, _GAP, _BETWEEN = 7.2, 28.0, 22.0, 52.0
_SWEEPS = 12


@record(frozen=True, slots=True)
class Placed:
    """The result: the middle and the width of each box, the points of each arrow, and the size."""

    boxes: Mapping[str, tuple[float, float, float]]
    arrows: tuple[tuple[tuple[float, float], ...], ...]
    width: float
    height: float


def place(drawing: Drawing) -> Placed:
    """Return places for all boxes and arrows of a drawing, without those inside ops."""
    widths = {box.key: max(46.0, _CHARACTER * len(box.label) + 18) for box in drawing.boxes}
    level = _levels(drawing)
    chains = []
    layers: list[list[str]] = [[] for _ in range(1 + max(level.values(), default=0))]
    for key, depth in level.items():
        layers[depth].append(key)
    for number, arrow in enumerate(drawing.arrows):
        bends = [f"{number}@{depth}" for depth in range(level[arrow.tail] + 1, level[arrow.head])]
        for bend in bends:
            layers[int(bend.partition("@")[2])].append(bend)
            widths[bend] = 4.0
        chains.append([arrow.tail, *bends, arrow.head])
    above, below = _neighbours(chains)
    middle = _ordered(layers, widths, above, below)
    left = min((middle[key] - widths[key] / 2 for key in middle), default=0.0)
    right = max((middle[key] + widths[key] / 2 for key in middle), default=0.0)
    y = {
        key: (depth + 0.5) * (_HEIGHT + _BETWEEN) for depth, row in enumerate(layers) for key in row
    }
    arrows = tuple(tuple((middle[key] - left + _GAP, y[key]) for key in chain) for chain in chains)
    boxes = {
        box.key: (middle[box.key] - left + _GAP, y[box.key], widths[box.key])
        for box in drawing.boxes
    }
    return Placed(boxes, arrows, right - left + 2 * _GAP, len(layers) * (_HEIGHT + _BETWEEN))


def _levels(drawing: Drawing) -> dict[str, int]:
    """The layer of each box: one below the lowest of what it uses; inputs just above their user."""
    users: dict[str, list[str]] = {box.key: [] for box in drawing.boxes}
    waiting = dict.fromkeys(users, 0)
    for arrow in drawing.arrows:
        users[arrow.tail].append(arrow.head)
        waiting[arrow.head] += 1
    is_source = {key for key, count in waiting.items() if not count}
    ready = list(is_source)
    level = dict.fromkeys(users, 0)
    while ready:
        key = ready.pop()
        for user in users[key]:
            level[user] = max(level[user], level[key] + 1)
            waiting[user] -= 1
            if not waiting[user]:
                ready.append(user)
    for key in is_source:
        if users[key]:
            level[key] = min(level[user] for user in users[key]) - 1
    return level


def _neighbours(
    chains: Sequence[Sequence[str]],
) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    above: dict[str, list[str]] = {}
    below: dict[str, list[str]] = {}
    for chain in chains:
        for one, other in pairwise(chain):
            below.setdefault(one, []).append(other)
            above.setdefault(other, []).append(one)
    return above, below


def _ordered(
    layers: list[list[str]],
    widths: Mapping[str, float],
    above: Mapping[str, list[str]],
    below: Mapping[str, list[str]],
) -> dict[str, float]:
    """Order each layer, and give each of its boxes a place from left to right."""
    middle: dict[str, float] = {}
    for row in layers:
        _spread(row, widths, middle, dict.fromkeys(row, 0.0))
    for sweep in range(_SWEEPS):
        near = above if sweep % 2 == 0 else below
        for row in layers if near is above else reversed(layers):
            wish = {}
            for key in row:
                linked = near.get(key) or (below if near is above else above).get(key, [])
                positions = [middle[one] for one in linked]
                wish[key] = sum(positions) / len(positions) if positions else middle[key]
            row.sort(key=wish.__getitem__)
            _spread(row, widths, middle, wish)
    return middle


def _spread(
    row: Sequence[str],
    widths: Mapping[str, float],
    middle: dict[str, float],
    wish: Mapping[str, float],
) -> None:
    """Place a row in its order as near to the wishes as the widths allow."""
    edge = float("-inf")
    for key in row:
        middle[key] = max(wish[key], edge + _GAP + widths[key] / 2)
        edge = middle[key] + widths[key] / 2
    # What was pushed to the right as a whole goes back by half of the way.
    push = sum(middle[key] - wish[key] for key in row) / max(len(row), 1)
    for key in row:
        middle[key] -= push
