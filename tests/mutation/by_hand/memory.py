"""Updates in place, dependence, and buffers: an old value lost, memory that two hold at once."""

from tests.mutation.faults import Fault

__all__ = ["FAULTS"]

IN_PLACE, BUFFERS = "in place and dependence", "buffers"

FAULTS = (
    Fault(
        IN_PLACE,
        "an update of another size is written in place",
        "if not plan.equal.same_sizes(new, old):",
        "if False:",
    ),
    Fault(
        IN_PLACE,
        "the old value may be read after the new one is made",
        "if self.following(writers) & readers or len(writers & readers) > 1:",
        "if len(writers & readers) > 1:",
    ),
    Fault(
        IN_PLACE,
        "a routine in a loop counts as one that touches an element",
        "        if isinstance(one, Call | Callback):\n            return False\n",
        "",
    ),
    Fault(
        IN_PLACE,
        "the loop that writes may read other elements of the old value",
        "if not element_by_element(self.body[position], self.roots, new, old):",
        "if False:",
    ),
    Fault(
        IN_PLACE,
        "the first write comes before the last check",
        '    if failing:\n        return f"{_describe(',
        '    if False:\n        return f"{_describe(',
    ),
    Fault(
        IN_PLACE,
        "a long loop is written in place, and cannot be interrupted",
        "if any(_takes_long(order.body[position]) for position in writers):",
        "if False:",
    ),
    Fault(
        IN_PLACE,
        "readers of the old value are not put before its writers",
        "            self.put_before(readers - {writer}, writer)\n",
        "            self.put_before(set(), writer)\n",
    ),
    Fault(
        IN_PLACE,
        "what follows the first write may come before the commit point",
        "plan.committing.update(after)",
        "plan.committing.update(after - writers)",
    ),
    Fault(
        IN_PLACE,
        "a loop may write one element again and again",
        "                if not distinct:\n",
        "                if False:\n",
    ),
    Fault(
        IN_PLACE,
        "a view of the old value, with other elements, counts as the old value",
        "if found is not None or one.buffer != (new if touches_new else old):",
        "if found is not None:",
    ),
    Fault(
        IN_PLACE,
        "an element may be read again after it was written",
        "if found is not None or one.buffer != (new if touches_new else old):",
        "if one.buffer != (new if touches_new else old):",
    ),
    Fault(
        IN_PLACE,
        "a loop that moves elements counts as one that copies each to itself",
        "return same and store.indices == load.indices and store.value == load.target",
        "return same",
    ),
    Fault(
        IN_PLACE,
        "a view of a view is memory of its own",
        "        while name in self._base:\n",
        "        if name in self._base:\n",
    ),
    Fault(
        IN_PLACE,
        "an array that is row-major already is memory of its own",
        "self._base[one.buffer.name] = one.source.name",
        "self._base.pop(one.buffer.name, None)",
    ),
    Fault(
        IN_PLACE,
        "a write does not wait for earlier reads",
        "need.update(readers.get(root, ()))",
        "need.update(())",
    ),
    Fault(
        IN_PLACE,
        "a write does not wait for earlier writes",
        "for root in found.reads | found.writes if root in writer",
        "for root in found.reads if root in writer",
    ),
    Fault(
        IN_PLACE,
        "an allocation, a copy or a routine cannot fail",
        "isinstance(one, Check | Alloc | Contiguous | Call | Callback)",
        "isinstance(one, Check | Callback)",
    ),
    Fault(
        IN_PLACE,
        "callbacks that have an effect may change places",
        "            if one.ordered:\n                found.writes.add(_OUTSIDE)",
        "            if False:\n                found.writes.add(_OUTSIDE)",
    ),
    Fault(
        IN_PLACE,
        "sizes that were equal in one iteration are so after the loop",
        "inner._parent, inner._compared = dict(self._parent), dict(self._compared)",
        "inner._parent, inner._compared = self._parent, self._compared",
    ),
    Fault(
        BUFFERS,
        "a buffer takes memory that is read in the very statement that writes it",
        "if old.last < life.alloc and old.last < life.first:",
        "if old.last <= life.first:",
    ),
    Fault(
        BUFFERS,
        "buffers that change places share the memory of others",
        "    kept.update(target.name for target, _ in rebound_buffers(function.body))\n",
        "",
    ),
    Fault(
        BUFFERS,
        "memory is handed over in a loop that still reads other elements",
        "if handed_over and element_by_element(",
        "if handed_over or element_by_element(",
    ),
    Fault(
        BUFFERS,
        "a third buffer takes memory while the second holds it",
        "slot.holder, slot.shared = life, True",
        "slot.shared = True",
    ),
    Fault(
        BUFFERS,
        "a shared block has the size of the least of its buffers",
        'intrinsic(builder, "umax", size, as_register(most))',
        'intrinsic(builder, "umin", size, as_register(most))',
    ),
    Fault(
        BUFFERS,
        "the number of bytes of a buffer wraps around",
        "saturating_product(context.builder, total, size)",
        "context.builder.mul(total, size)",
    ),
    Fault(
        BUFFERS,
        "a result of a few elements lies on the stack",
        "if fits_stack(buffer) and not _is_result(context, buffer):",
        "if fits_stack(buffer):",
    ),
    Fault(
        BUFFERS,
        "an access along a column goes the distance of a row",
        "return strides[: len(sizes)][::-1]",
        "return strides[: len(sizes)]",
    ),
    Fault(
        BUFFERS,
        "the second part of a complex element is taken from the next one",
        "_shuffled(builder, both, both, range(start, 2 * lanes, 2)) for start in (0, 1)",
        "_shuffled(builder, both, both, range(start, 2 * lanes, 2)) for start in (1, 0)",
    ),
    Fault(
        BUFFERS,
        "a truth value is only true if its byte is 1",
        'builder.icmp_unsigned("!=", read, constant(stored, 0))',
        'builder.icmp_unsigned("==", read, constant(stored, 1))',
    ),
    Fault(
        BUFFERS,
        "of lanes that write one element the first wins",
        "_lane(builder, value.register, value.lanes - 1)",
        "_lane(builder, value.register, 0)",
    ),
    Fault(
        BUFFERS,
        "the bits of a lane count as a distance without its stride",
        "term = known.register if stride == 1 else builder.mul(known.register, scale)",
        "term = known.register",
    ),
)
