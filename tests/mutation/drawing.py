"""Mutants drawn by operators: what each can change in a file, and which of all that is chosen.

The choice is made by a hash of the seed and each mutant's key: a change of one file changes what is
drawn of that file and leaves the rest of a campaign as it was. What is known to mean the same as
the original is passed over, so that another one is drawn in its place.
"""

from collections.abc import Iterator, Mapping
from hashlib import blake2b

from tests.mutation.areas import AREAS, Area, area_of
from tests.mutation.edits import Edit
from tests.mutation.equivalent import EQUIVALENT
from tests.mutation.llvm_operators import llvm_edits
from tests.mutation.mutants import Mutant
from tests.mutation.python_operators import python_edits

__all__ = ["draw", "mutants_of"]


def mutants_of(path: str, source: str, area: str) -> Iterator[Mutant]:
    """Every mutant that the operators make of one file."""
    edits = llvm_edits(source) if path.endswith(".ll") else python_edits(source)
    seen: dict[tuple[Edit | str, ...], int] = {}
    for edit in sorted(edits, key=lambda edit: (edit.offset, edit.operator, edit.after)):
        context = _lines_of(source, edit)
        alike = (edit.operator, edit.before, edit.after, context)
        number = seen[alike] = seen.get(alike, -1) + 1
        yield Mutant(
            path,
            edit.before,
            edit.after,
            edit.offset,
            source.count("\n", 0, edit.offset) + 1,
            area,
            edit.operator,
            f"{context} #{number}",
            drawn=True,
        )


def draw(sources: Mapping[str, str], seed: int, counts: Mapping[str, int]) -> list[Mutant]:
    """For each area as many mutants as `counts` says, the same for the same sources and seed."""
    chosen = []
    for area in AREAS:
        candidates = [
            mutant
            for path, source in sources.items()
            if _belongs(path, area)
            for mutant in mutants_of(path, source, area.name)
            if mutant.key not in EQUIVALENT
        ]
        candidates.sort(key=lambda mutant: _rank(seed, mutant))
        chosen += candidates[: counts.get(area.name, 0)]
    return chosen


def _belongs(path: str, area: Area) -> bool:
    return area_of(path) is area


def _rank(seed: int, mutant: Mutant) -> bytes:
    return blake2b(f"{seed} {mutant.key}".encode(), digest_size=8).digest()


def _lines_of(source: str, edit: Edit) -> str:
    start = source.rfind("\n", 0, edit.offset) + 1
    end = source.find("\n", edit.offset + len(edit.before))
    return source[start : end if end >= 0 else len(source)].strip()
