"""Recipes of scans, each with arrays for what it is given."""

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from fuzz.scan_ops import STEP_OPS
from fuzz.scans import Array, Given, ScanCase, ScanRecipe, StepOf

__all__ = ["scan_cases"]


@dataclass
class _Growth:
    """The number of axes of each value in a step so far."""

    draw: st.DrawFn
    ranks: list[int]

    def pick(self, rank: int | None) -> int | None:
        """The position of a value of so many axes; None is 0 or 1."""
        wanted = (0, 1) if rank is None else (rank,)
        found = [place for place, one in enumerate(self.ranks) if one in wanted]
        return self.draw(st.sampled_from(found)) if found else None


@st.composite
def scan_cases(draw: st.DrawFn, most_ops: int = 6) -> ScanCase:
    """A scan of up to `most_ops` ops in a step, and arrays for it."""
    sequences = tuple(draw(st.lists(_sequences(), max_size=2)))
    states = tuple(draw(st.lists(_states(), max_size=2)))
    others = tuple(draw(st.lists(st.integers(0, 2), max_size=2)))
    variables = tuple(draw(st.lists(st.integers(0, 1), max_size=1)))
    if not sequences and not states and not variables:
        states = (Given(1, (-1,)),)
    growth = _Growth(draw, [one.rank for one in (*sequences, *states) for _ in one.taps])
    width = draw(st.sampled_from((3, 2, 1, 5)))
    draws = width if draw(st.integers(0, 3)) == 0 else 0
    growth.ranks += [*others, *variables, *([1] if draws else [])]
    ops = [op for op in (_op(growth) for _ in range(draw(st.integers(1, most_ops)))) if op]
    recipe = ScanRecipe(
        draw(st.sampled_from(("float64", "float64", "float32"))),
        sequences,
        states,
        others,
        variables,
        tuple(ops),
        tuple(growth.pick(one.rank) or 0 for one in states),
        tuple(_rows(growth, has_outputs=bool(states))),
        tuple(growth.pick(rank) or 0 for rank in variables),
        end=growth.pick(0) if draw(st.integers(0, 3)) == 0 else None,
        limit=draw(st.sampled_from((0.0, 0.25, 0.75, 9.0))),
        go_backwards=draw(st.booleans()),
        draws=draws,
        derivative=draw(st.sampled_from((None, "gradient", "product", "second"))),
    )
    return _with_arrays(draw, recipe, width)


def _sequences() -> st.SearchStrategy[Given]:
    taps = st.sampled_from(((0,), (0,), (0, 1), (-1, 0), (-2,), (1, -1), (2, 0)))
    return st.builds(Given, st.integers(0, 1), taps)


def _states() -> st.SearchStrategy[Given]:
    taps = st.sampled_from(((-1,), (-1,), (-2,), (-1, -2), (-3, -1)))
    return st.builds(Given, st.integers(0, 1), taps)


def _op(growth: _Growth) -> StepOf | None:
    name = growth.draw(st.sampled_from(sorted(STEP_OPS)))
    op = STEP_OPS[name]
    positions = [growth.pick(rank) for rank in op.ranks]
    operands = tuple(position for position in positions if position is not None)
    if len(operands) < len(positions):
        return None
    ranks = [growth.ranks[position] for position in operands]
    growth.ranks.append(max(ranks) if op.result is None else op.result)
    return StepOf(name, operands)


def _rows(growth: _Growth, *, has_outputs: bool) -> list[int]:
    positions = [place for place, rank in enumerate(growth.ranks) if rank < 2]
    if not positions:
        return []
    least = 0 if has_outputs else 1
    return growth.draw(st.lists(st.sampled_from(positions), min_size=least, max_size=2))


def _with_arrays(draw: st.DrawFn, recipe: ScanRecipe, width: int) -> ScanCase:
    count = draw(st.integers(0, 6))
    random = np.random.default_rng(draw(st.integers(0, 1 << 16)))

    def drawn(*sizes: int) -> Array:
        return random.uniform(-1, 1, size=sizes).astype(recipe.dtype)

    def row(rank: int) -> tuple[int, ...]:
        return (width,) * rank

    arrays = []
    for one in recipe.sequences:
        extra = max(0, *one.taps) - min(0, *one.taps) + draw(st.integers(0, 1))
        arrays.append(drawn(count + extra, *row(one.rank)))
    for one in recipe.states:
        depth = () if one.taps == (-1,) else (-min(one.taps),)
        arrays.append(drawn(*depth, *row(one.rank)))
    arrays += [drawn(*row(rank)) for rank in (*recipe.others, *recipe.shared)]
    if recipe.draws:
        arrays.append(random.integers(0, 1 << 20, size=3).astype("uint64"))
    says = not recipe.sequences or draw(st.booleans())
    changes = {"steps": count if says else None, "is_symbolic": says and draw(st.booleans())}
    return ScanCase(ScanRecipe(**{**vars(recipe), **changes}), tuple(arrays))
