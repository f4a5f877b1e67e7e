"""Convolutions and pooling beside torch: `python -m tests.benchmarks.convolutions`.

Both on one core.
"""

import platform
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

import lltheano.tensor as T
from lltheano import function
from lltheano.tensor.signal.pool import pool_2d
from lltheano_ir.native.target import host_target
from lltheano_ir.records import record
from tests.benchmarks.measure import compare

RESULTS = Path(__file__).parents[2] / "docs" / "benchmarks" / "convolutions.md"
Call = Callable[[], Any]


@record(frozen=True)
class Shape:
    """Images (count, channels, size), filters (count, size), and how they meet."""

    images: tuple[int, int, int]
    filters: tuple[int, int]
    pad: int = 0
    step: int = 1
    groups: int = 1

    def __str__(self) -> str:
        count, channels, size = self.images
        number, length = self.filters
        more = f", step {self.step}" if self.step > 1 else ""
        more += f", {self.groups} groups" if self.groups > 1 else ""
        return f"{length}x{length}, {channels} to {number}, {count} of {size}x{size}{more}"


SHAPES = (
    Shape((64, 1, 28), (20, 5)),
    Shape((64, 20, 12), (50, 5)),
    Shape((8, 64, 56), (64, 3), pad=1),
    Shape((8, 64, 56), (128, 3), pad=1, step=2),
    Shape((8, 512, 7), (512, 3), pad=1),
    Shape((8, 256, 14), (256, 1)),
    Shape((8, 64, 56), (64, 3), pad=1, groups=64),
    Shape((8, 64, 56), (64, 3), pad=1, step=2, groups=64),
)


def convolutions(shape: Shape) -> Iterator[tuple[str, Call, Call]]:
    """What is computed, our call and torch's."""
    torch = import_module("torch")
    rng = np.random.default_rng(5)
    (count, channels, size), (number, length) = shape.images, shape.filters
    dims = (count, channels, size, size), (number, channels // shape.groups, length, length)
    x, w = (rng.normal(size=one).astype("float32") for one in dims)
    images, filters, slopes = (T.ftensor4(name) for name in "xwg")
    y = T.nnet.conv2d(
        images,
        filters,
        border_mode=shape.pad,
        subsample=(shape.step,) * 2,
        filter_flip=False,
        num_groups=shape.groups,
    )
    tensors = torch.from_numpy(x), torch.from_numpy(w)
    options = {"padding": shape.pad, "stride": shape.step, "groups": shape.groups}
    theirs = partial(torch.nn.functional.conv2d, *tensors, **options)
    g = rng.normal(size=theirs().shape).astype("float32")
    yield "forward", partial(function([images, filters], y), x, w), theirs
    for place, (name, leaf) in enumerate((("by images", images), ("by filters", filters))):
        run = function([images, filters, slopes], T.grad(None, leaf, known_grads={y: slopes}))
        mask = [place == 0, place == 1, False]
        pads, steps = [shape.pad] * 2, [shape.step] * 2
        rest = (None, steps, pads, [1, 1], False, [0, 0], shape.groups, mask)
        back = torch.ops.aten.convolution_backward
        yield name, partial(run, x, w, g), partial(back, torch.from_numpy(g), *tensors, *rest)


def pooling() -> Iterator[tuple[str, Call, Call]]:
    """The maximum of 2 by 2, and its gradient with that of the maximum."""
    torch = import_module("torch")
    rng = np.random.default_rng(6)
    x = rng.normal(size=(64, 20, 24, 24)).astype("float32")
    g = rng.normal(size=(64, 20, 12, 12)).astype("float32")
    images, slopes = T.ftensor4("x"), T.ftensor4("g")
    y = pool_2d(images, (2, 2), True)
    leaf = torch.from_numpy(x).requires_grad_()
    pooled = partial(torch.nn.functional.max_pool2d, leaf, 2)

    def both() -> Any:
        return torch.autograd.grad(pooled(), leaf, torch.from_numpy(g))

    yield "forward", partial(function([images], y), x), pooled
    slope = T.grad(None, images, known_grads={y: slopes})
    yield "forward and gradient", partial(function([images, slopes], [y, slope]), x, g), both


def cases() -> Iterator[tuple[str, Call, Call]]:
    """Names, our calls and torch's."""
    for shape in SHAPES:
        for what, ours, theirs in convolutions(shape):
            yield f"{shape}: {what}", ours, theirs
    for what, ours, theirs in pooling():
        yield f"max pool 2x2, 64 of 20x24x24: {what}", ours, theirs


def main() -> None:
    """Time every case, print the table, and keep it."""
    lines = [
        "# Convolutions",
        "",
        f"Made by `python -m tests.benchmarks.convolutions` on {date.today()}"
        f" ({platform.machine()}, {host_target().cpu}),",
        "in float32 beside eager torch, both on one core. Microseconds a call, the median of 15",
        "interleaved repeats; the ratio is torch's time over ours, with quartiles.",
        "",
        "| case | LLTheano | torch | ratio | quartiles |",
        "|---|---:|---:|---:|---|",
    ]
    if find_spec("torch") is None:
        raise SystemExit("torch is not installed")
    import_module("torch").set_num_threads(1)
    for name, ours, theirs in cases():
        found = compare(ours, theirs)
        lines.append(
            f"| {name} | {found.ours:.1f} | {found.peer:.1f} | {found.ratio:.2f} |"
            f" {found.low:.2f}-{found.high:.2f} |"
        )
        print(lines[-1])
    RESULTS.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
