"""What a loop carries from one iteration to the next.

A scalar stays where it is: all the new ones are computed before the first is written. An array has
two pieces of memory, that which it is in and that which its next value is computed in; after each
iteration they change places (`rebind`), so that nothing is copied. Where the next value is what
another array was, as in `a, b = b, a + b`, it takes that array's memory over.
"""

from collections.abc import Mapping, Sequence

from lltheano_ir.loops.builder import LoopBuilder
from lltheano_ir.loops.nodes import Buffer, Rebind
from lltheano_ir.nodes import Region, argument
from lltheano_ir.records import record

__all__ = ["Carry", "plan_carry"]


@record(frozen=True)
class Carry:
    """Where carried values are, by position.

    `following` is memory for the next values; `taken` has, for a value whose next one is what
    another was, the position of that.
    """

    current: Sequence[Buffer]
    following: Mapping[int, Buffer]
    taken: Mapping[int, int]

    def rebind(self) -> Rebind | None:
        """How the buffers change places; None where none does."""
        takers = {source: position for position, source in self.taken.items()}
        pairs = [
            (self.current[position], self.current[source])
            for position, source in self.taken.items()
        ]
        for position, buffer in self.following.items():
            pairs.append((self.current[position], buffer))
            left = position
            while left in takers:
                left = takers[left]
            pairs.append((buffer, self.current[left]))
        if not pairs:
            return None
        targets, sources = zip(*pairs, strict=True)
        return Rebind(targets, sources)


def plan_carry(builder: LoopBuilder, body: Region, current: Sequence[Buffer]) -> Carry:
    """Decide where the next values go, and make the memory for that."""
    arguments = {
        argument(position + 1, body.parameters[position + 1]): position
        for position in range(len(current))
    }
    before = [arguments.get(inner) for inner in body.results[: len(current)]]
    following: dict[int, Buffer] = {}
    taken: dict[int, int] = {}
    for position, (buffer, source) in enumerate(zip(current, before, strict=True)):
        if not buffer.sizes or source == position:
            continue
        stays = source is None or before[source] == source or source in taken.values()
        if stays or source is None:
            following[position] = builder.alloc(buffer.dtype, buffer.sizes)
        else:
            taken[position] = source
    return Carry(current, following, taken)
