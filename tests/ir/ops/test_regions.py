"""One description of what goes into regions and comes out serves ops that it was not written for.

The op of these tests is a loop that reads several values of before, stacks what its body gives, and
ends when its body says so. No pass, printer or interpreter knows it.
"""

import numpy as np
import pytest

from lltheano_ir.interpret import evaluate, interpret
from lltheano_ir.nodes import Region, Value, argument, make, result
from lltheano_ir.ops.definition import Attribute, Attributes, Failure, Op, TypeRuleError
from lltheano_ir.ops.regions import Carried, RegionForm, Regions
from lltheano_ir.ops.table import OPS
from lltheano_ir.passes.cse import merge_common
from lltheano_ir.passes.dce import remove_dead
from lltheano_ir.program import Program
from lltheano_ir.shapes import Shapes, known_integer
from lltheano_ir.text import format_program, parse_program
from lltheano_ir.types import INDEX, ValueType
from lltheano_ir.verify import verify


def _form(attributes: Attributes, operands: int, results: int) -> RegionForm:
    """A count, what is carried, what is captured; the body: carried, captured, no step.

    It gives the next values, what is stacked, and whether it goes on.
    """
    (taps,) = attributes
    starts = [sum(taps[:place]) for place in range(len(taps))]
    carried = tuple(
        Carried(1 + place, tuple(range(start, start + count)), place)
        for place, (start, count) in enumerate(zip(starts, taps, strict=True))
    )
    captured = {sum(taps) + one: 1 + len(taps) + one for one in range(operands - 1 - len(taps))}
    return RegionForm(
        count=0,
        carried=carried,
        captured=captured,
        stacked=tuple(range(len(taps), results - 1)),
        proceeds=results - 1,
    )


VECTOR = ValueType(INDEX.dtype, (False,))

TAPPED = Op(
    name="tapped",
    arity=1,
    variadic=True,
    summary="a loop whose steps read several results of those before",
    attributes=(("taps", Attribute.INTEGERS),),
    regions=Regions(
        ("body",), _form, lambda form: (tuple(len(one.arguments) for one in form.carried),)
    ),
    failure=Failure.DATA,
    family="control",
)


@pytest.fixture(autouse=True)
def _known(monkeypatch: pytest.MonkeyPatch) -> None:
    """The op stands in the table for as long as a test."""
    monkeypatch.setitem(OPS, TAPPED.name, TAPPED)


SOURCE = """program @f(%n: i64[], %first: i64[?], %limit: i64[], %unused: i64[]) {
  %0: (i64[], i64[], i64[?], i64[?]) = tapped %n, %first, %unused, %limit, %limit, taps=[2, 1]
    body(%a0: i64[], %a1: i64[], %a2: i64[], %a3: i64[], %a4: i64[]) {
      %0: i64[] = add %a0, %a1
      %1: i64[] = neg %a2
      %2: i64[] = mul %0, %a4
      %3: bool[] = lt %0, %a3
      yield %0, %1, %0, %2, %3
    }
  output "last" = %0#0
  output "all" = %0#2
}
"""


def ran(program: Program, count: int, limit: int) -> list[object]:
    first = np.array([0, 1])
    outputs, _ = interpret(program, [np.asarray(count), first, np.asarray(limit), np.asarray(7)])
    return [one.tolist() for one in outputs]


def test_its_text_is_read_back() -> None:
    assert format_program(verify(parse_program(SOURCE))) == SOURCE


def test_it_is_run_until_it_says_that_it_ends() -> None:
    program = parse_program(SOURCE)
    assert ran(program, 5, 100) == [8, [1, 2, 3, 5, 8]]
    assert ran(program, 9, 3) == [3, [1, 2, 3]]
    assert ran(program, 0, 3) == [1, []]


def test_dead_code_goes_from_it() -> None:
    """The value that only serves itself, the stack that nobody takes, the argument unread."""
    smaller = remove_dead(parse_program(SOURCE))
    assert "taps=[2]" in format_program(smaller)
    assert "mul" not in format_program(smaller)
    assert "neg" not in format_program(smaller)
    assert "%unused" not in format_program(smaller).split("\n", 1)[1]
    assert ran(verify(smaller), 9, 3) == [3, [1, 2, 3]]


def test_its_equal_results_become_one() -> None:
    """Two stacks of one value are one; the last value and a stack of it are not."""
    source = SOURCE.replace("%0, %1, %0, %2, %3", "%0, %1, %0, %0, %3")
    source = source.replace('"last" = %0#0', '"last" = %0#0\n  output "again" = %0#3')
    merged = merge_common(parse_program(source))
    outputs = {one.name: one.value for one in merged.outputs}
    assert outputs["again"] is outputs["all"]
    assert outputs["last"] is not outputs["all"]


def built(carried: ValueType = VECTOR) -> Value:
    """A loop over two values of before."""
    x, y = argument(0, INDEX), argument(1, INDEX)
    total = make("add", (x, y))
    body = Region((INDEX, INDEX), (total, total, make("lt", (x, y))))
    return make("tapped", (argument(0, INDEX), argument(1, carried)), ((2,),), (body,))


def test_a_stack_of_a_loop_that_may_end_early_is_measured() -> None:
    stack = result(built(), 1)
    (size,) = Shapes().sizes(stack)
    assert size is make("dim", (stack,), (0,))
    assert known_integer(size) is None


def test_what_is_carried_must_fit_the_body() -> None:
    with pytest.raises(TypeRuleError, match=r"a region of tapped takes \(i64\[\], i64\[\]\), got"):
        built(ValueType(INDEX.dtype, (False, False)))


def test_what_says_whether_it_goes_on_must_be_a_bool() -> None:
    x = argument(0, INDEX)
    body = Region((INDEX,), (x, x))
    with pytest.raises(TypeRuleError, match=r"tapped goes on by a bool\[\], got i64\[\]"):
        make("tapped", (x, x), ((1,),), (body,))


@pytest.mark.parametrize("op", [one for one in OPS.values() if one.regions], ids=lambda op: op.name)
def test_the_attributes_of_a_form_say_that_form(op: Op) -> None:
    """With nothing left out it is the same; each argument is one thing, and each operand."""
    assert op.regions is not None
    attributes = tuple(1 for _ in op.attributes)
    form = op.form(attributes, 4, 3)
    kept = form.kept(range(3), range(_arguments(form)))
    assert kept == form
    assert op.form(op.regions.attributes(kept), 4, 3) == form
    assert form.operands_kept(range(3), range(_arguments(form))) == list(range(4))


def _arguments(form: RegionForm) -> int:
    changing = [one for each in form.carried for one in each.arguments]
    places = [*changing, *form.captured, *([] if form.step is None else [form.step])]
    assert sorted(places) == list(range(len(places)))
    return len(places)


def test_evaluation_of_one_step_reads_the_first_values() -> None:
    (last,) = evaluate([result(built(), 0)], [np.asarray(1), np.array([3, 4])])
    assert last == 7
