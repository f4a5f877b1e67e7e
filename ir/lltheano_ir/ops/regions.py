"""What the operands, the regions and the results of an op are to each other: one description, which
types, sizes, interpreter, passes and lowering read.

A region is run once, or once for each step of a loop; or one of two is run. Whatever its op, a
region reads values through its arguments, and what it gives becomes results of the op. A form says
which is which by position:

>>> from lltheano_ir.ops.table import OPS
>>> form = OPS["loop"].form((1,), 3, 2)
>>> form.count, form.step, form.carried, form.captured, form.stacked
(0, 0, (Carried(operand=1, arguments=(1,), result=0),), {2: 2}, (1,))

The results of an op are those of its region, in that order; but for the one that says whether a
loop goes on, which comes last and is none.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import field
from typing import Any, TypeVar

from lltheano_ir.records import record

__all__ = ["Carried", "RegionForm", "Regions"]

Item = TypeVar("Item")


@record(frozen=True, slots=True)
class Carried:
    """A value that each step of a loop hands to those after it.

    Attributes
    ----------
    operand
        Where the op is given the first value; those for several arguments, along a leading axis.
    arguments
        Those through which a step reads what steps before it gave, the last step's last.
    result
        What a step gives.
    """

    operand: int
    arguments: tuple[int, ...]
    result: int


@record(frozen=True, slots=True)
class RegionForm:
    """Which operand, argument and result is which; see the module.

    Attributes
    ----------
    condition
        The operand, a bool, that chooses the region that is run: the first where it holds.
    count
        The operand that says how many steps there are, or may be.
    step
        The argument that is the number of the step, from 0.
    carried
        What steps hand on; the result of the op is that of the last step, or the first value.
    captured
        For each argument that is an operand in every run, that operand.
    stacked
        The results of which those of all steps are a result, along a new leading axis.
    proceeds
        The result, a bool, that says whether another step follows.
    """

    condition: int | None = None
    count: int | None = None
    step: int | None = None
    carried: tuple[Carried, ...] = ()
    captured: Mapping[int, int] = field(default_factory=dict)
    stacked: tuple[int, ...] = ()
    proceeds: int | None = None

    @property
    def repeats(self) -> bool:
        """Whether the region is run for each step of a loop."""
        return self.count is not None or self.proceeds is not None

    @property
    def runs_once(self) -> bool:
        """Whether there is one region, which is run once: its results are those of the op."""
        return self.condition is None and not self.repeats

    def carried_result(self, result: int) -> Carried | None:
        """What is carried, of which a result of the region is the next value."""
        return next((one for one in self.carried if one.result == result), None)

    def carried_argument(self, argument: int) -> Carried | None:
        """What is carried, of which an argument is a value of before."""
        return next((one for one in self.carried if argument in one.arguments), None)

    def arguments(
        self, operands: Sequence[Item], values: Mapping[int, Item] | None = None
    ) -> tuple[Item, ...]:
        """All arguments of a run: captured operands, and `values` for the others, by position."""
        known = {one: operands[operand] for one, operand in self.captured.items()}
        known.update(values or {})
        return tuple(known[one] for one in range(len(known)))

    def kept(self, results: Collection[int], arguments: Collection[int]) -> "RegionForm":
        """The form of the op with only these of its region's results and arguments.

        What decides how often a region is run stays, and so does the number of the step.
        """
        operand = _numbered(self.operands_kept(results, arguments))
        argument, result = _numbered(sorted(arguments)), _numbered(sorted(results))
        return RegionForm(
            condition=None if self.condition is None else operand[self.condition],
            count=None if self.count is None else operand[self.count],
            step=None if self.step is None else argument[self.step],
            carried=tuple(
                Carried(
                    operand[one.operand],
                    tuple(argument[each] for each in one.arguments),
                    result[one.result],
                )
                for one in self.carried
                if one.result in result
            ),
            captured={
                argument[one]: operand[each]
                for one, each in self.captured.items()
                if one in argument
            },
            stacked=tuple(result[one] for one in self.stacked if one in result),
            proceeds=None if self.proceeds is None else result[self.proceeds],
        )

    def operands_kept(self, results: Collection[int], arguments: Collection[int]) -> list[int]:
        """The operands that are needed for these results and arguments of the region, in order."""
        deciding = [one for one in (self.condition, self.count) if one is not None]
        first = [one.operand for one in self.carried if one.result in results]
        passed = [each for one, each in self.captured.items() if one in arguments]
        return sorted({*deciding, *first, *passed})

    def arguments_kept(self, results: Collection[int]) -> Iterator[int]:
        """The arguments that a region has for these results, whether it reads them or not."""
        if self.step is not None:
            yield self.step
        for one in self.carried:
            if one.result in results:
                yield from one.arguments


def _numbered(positions: Sequence[int]) -> dict[int, int]:
    return {position: number for number, position in enumerate(positions)}


@record(frozen=True, slots=True)
class Regions:
    """The regions of an op.

    Attributes
    ----------
    names
        What they are called in text.
    form
        From the attributes, the number of operands, and that of results of each region.
    attributes
        The attributes that say that the form is such.
    """

    names: tuple[str, ...]
    form: Callable[[tuple[Any, ...], int, int], RegionForm]
    attributes: Callable[[RegionForm], tuple[Any, ...]] = lambda form: ()
