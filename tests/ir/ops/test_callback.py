"""The op that calls a host function: its rules, text and reference, and what passes do with it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from lltheano_ir.builder import Builder
from lltheano_ir.host import HostFunction, conforming
from lltheano_ir.interpret import interpret
from lltheano_ir.loops.interpret import interpret_loops
from lltheano_ir.loops.parser import parse_module
from lltheano_ir.loops.printer import format_loops
from lltheano_ir.loops.verify import LoopVerificationError, verify_loops
from lltheano_ir.nodes import Region, Value, argument, make
from lltheano_ir.ops.definition import Array, ExecutionError, TypeRuleError
from lltheano_ir.passes.pipeline import optimise
from lltheano_ir.pipeline import to_loops
from lltheano_ir.program import Program
from lltheano_ir.shapes import Shapes
from lltheano_ir.text import format_program, parse_program
from lltheano_ir.types import parse_type
from lltheano_ir.verify import VerificationError, verify
from tests.ir.targets import AVX2

VECTOR, NUMBER = parse_type("f64[?]"), parse_type("i64[]")


class Log:
    """A function that keeps what it was called with."""

    def __init__(self) -> None:
        self.calls: list[float] = []

    def __call__(self, arrays: Sequence[Array]) -> list[Any]:
        self.calls.append(float(arrays[0].sum()))
        return [arrays[0][::2]]


def calls(program: Program) -> int:
    return sum(value.op.name == "callback" for value in program.values())


def halves(*, ordered: bool, times: int = 2) -> tuple[Program, Log]:
    """Every second element of every second element, and so on; only the last size is used."""
    builder, log = Builder("halves"), Log()
    x = builder.parameter("x", VECTOR)
    number = builder.host_function(HostFunction(log, "halve"))
    for _ in range(times):
        (x,) = builder.callback(number, [x], [VECTOR], ordered=ordered)
    builder.output(builder.dim(x, 0), "size")
    return builder.program(), log


@pytest.mark.parametrize("ordered", [False, True])
def test_text_and_meaning_agree(ordered: bool) -> None:
    program, log = halves(ordered=ordered)
    verify(program)
    again = parse_program(format_program(program))
    assert again == program
    ((size,), _) = interpret(again, [np.arange(5.0)], program.host)
    assert size == 2
    assert log.calls == [10.0, 6.0]


def test_a_program_from_text_needs_its_functions() -> None:
    program = parse_program(format_program(halves(ordered=True)[0]))
    with pytest.raises(ExecutionError, match=r"host function 0 \('halve'\) was not supplied"):
        interpret(program, [np.arange(5.0)])
    with pytest.raises(ExecutionError, match="was not supplied"):
        interpret_loops(to_loops(optimise(program), AVX2), [np.arange(5.0)])


def test_the_loop_ir_means_the_same_and_its_text_round_trips() -> None:
    program, log = halves(ordered=True)
    function = to_loops(optimise(program), AVX2)
    assert parse_module(format_loops(function)) == function
    ((size,), _) = interpret_loops(function, [np.arange(5.0)], program.host)
    assert size == 2
    assert log.calls == [10.0, 6.0]


def test_pure_calls_that_are_equal_are_one_and_unused_ones_none() -> None:
    builder = Builder("twice")
    x = builder.parameter("x", VECTOR)
    number = builder.host_function(HostFunction(Log(), "halve"), key="halve")
    assert builder.host_function(HostFunction(Log(), "halve"), key="halve") == number
    first, second = (builder.callback(number, [x], [VECTOR])[0] for _ in range(2))
    assert first is second
    builder.callback(number, [first], [VECTOR])
    builder.output(first, "y")
    assert calls(builder.program()) == 1


def test_ordered_calls_stay_even_if_nothing_takes_what_they_give() -> None:
    builder = Builder("log")
    x = builder.parameter("x", VECTOR)
    number = builder.host_function(HostFunction(Log(), "halve"))
    for _ in range(3):
        builder.callback(number, [x], [VECTOR], ordered=True)
    builder.output(x, "y")
    program = builder.program()
    assert calls(program) == calls(optimise(program)) == 3
    text = format_loops(to_loops(optimise(program), AVX2))
    assert text.count("ordered") == 3


def test_calls_on_constants_are_not_folded() -> None:
    builder = Builder("constant")
    number = builder.host_function(HostFunction(Log(), "halve"))
    (y,) = builder.callback(number, [builder.constant([1.0, 2.0])], [VECTOR])
    builder.output(y, "y")
    assert calls(optimise(builder.program())) == 1


def test_sizes_that_are_said_before_need_no_call() -> None:
    builder = Builder("sized")
    x = builder.parameter("x", VECTOR)
    number = builder.host_function(HostFunction(Log(), "same"))
    (y,) = builder.callback(number, [x], [VECTOR], [[builder.dim(x, 0)]])
    assert Shapes().sizes(y) == Shapes().sizes(x)
    builder.output(builder.dim(y, 0), "size")
    assert calls(optimise(builder.program())) == 0


def test_sizes_that_are_said_before_are_checked() -> None:
    builder = Builder("sized")
    x = builder.parameter("x", VECTOR)
    number = builder.host_function(HostFunction(Log(), "same"))
    (y,) = builder.callback(number, [x], [VECTOR], [[builder.dim(x, 0)]])
    builder.output(y, "y")
    program = builder.program()
    with pytest.raises(ValueError, match=r"same: result 0 must have size 4 .* got shape \(2,\)"):
        interpret(program, [np.zeros(4)])
    with pytest.raises(ValueError, match="must have size 4"):
        interpret_loops(to_loops(optimise(program), AVX2), [np.zeros(4)], program.host)


def test_what_a_function_gives_must_be_of_the_declared_types() -> None:
    with pytest.raises(TypeError, match="got 0 results, wanted 1"):
        conforming("f", [VECTOR], [(None,)], [])
    with pytest.raises(TypeError, match=r"must be an array of f64 with 1 axes, got 1\.5 of type"):
        conforming("f", [VECTOR], [(None,)], [1.5])
    with pytest.raises(ValueError, match=r"size 1 on axis 0 \(its type says"):
        conforming("f", [parse_type("f64[1]")], [(None,)], [np.zeros(2)])
    (found,) = conforming("f", [VECTOR], [(None,)], [np.arange(6.0).astype(">f8")[::-2]])
    assert found.flags.c_contiguous
    assert found.tolist() == [5.0, 3.0, 1.0]


@pytest.mark.parametrize(
    ("operands", "attributes", "message"),
    [
        ([VECTOR], (-1, "f", (VECTOR,), (), "pure"), "numbered from 0"),
        ([VECTOR], (0, "f", (VECTOR,), (), "often"), "pure or ordered, not often"),
        ([VECTOR], (0, "f", (), (), "pure"), "gives nothing has an order"),
        ([VECTOR], (0, "f", (VECTOR,), (1,), "pure"), "lists results"),
        ([VECTOR], (0, "f", (VECTOR,), (0,), "pure"), "sizes of a callback are of type"),
        ([], (0, "f", (VECTOR,), (0,), "ordered"), "too few operands"),
        ([VECTOR], (0, "f", (VECTOR,), (), "ordered"), "the token"),
    ],
)
def test_ill_formed_calls_are_refused(
    operands: list[Any], attributes: tuple[Any, ...], message: str
) -> None:
    arguments = [argument(index, one) for index, one in enumerate(operands)]
    with pytest.raises(TypeRuleError, match=message):
        make("callback", arguments, attributes)


def test_a_region_hands_its_token_on() -> None:
    """Three calls in a loop, each on the sum so far."""
    builder, log = Builder("loop"), Log()
    x = builder.parameter("x", VECTOR)
    number = builder.host_function(HostFunction(log, "log"))
    outer = builder.token or builder.integer(0)
    token, inside = argument(1, NUMBER), argument(2, VECTOR)
    builder.token = token
    (_,) = builder.callback(number, [inside], [VECTOR], ordered=True)
    after = builder.token
    added = builder.elementwise("add", inside, inside)
    body = Region((NUMBER, NUMBER, VECTOR), (after, added))
    builder.token, y = builder.loop(builder.integer(3), [outer, x], [], body)
    builder.output(y, "y")
    program = builder.program()
    assert parse_program(format_program(program)) == program
    function = to_loops(optimise(program), AVX2)
    for (found,), _ in (
        interpret(program, [np.ones(2)]),
        interpret_loops(function, [np.ones(2)], program.host),
    ):
        assert found.tolist() == [8.0, 8.0]
    assert log.calls == [2.0, 4.0, 8.0] * 2


@pytest.mark.parametrize("chosen", [True, False])
def test_only_the_calls_of_the_chosen_branch_are_made_in_their_order(chosen: bool) -> None:
    builder, log = Builder("branches"), Log()
    x = builder.parameter("x", VECTOR)
    condition = builder.parameter("condition", parse_type("bool[]"))
    number = builder.host_function(HostFunction(log, "log"))

    def called(one: Value, times: float) -> Value:
        scaled = builder.elementwise("mul", one, builder.constant([times]))
        builder.callback(number, [scaled], [VECTOR], ordered=True)
        return scaled

    first = called(x, 1.0)
    (y,) = builder.if_over(
        condition,
        [first],
        lambda inside: [called(called(inside[0], 2.0), 5.0)],
        lambda inside: [inside[0]],
    )
    builder.output(called(y, 3.0), "y")
    program = builder.program()
    assert parse_program(format_program(program)) == program
    wanted = [2.0, 4.0, 20.0, 60.0] if chosen else [2.0, 6.0]
    given = [np.ones(2), np.asarray(chosen)]
    interpret(program, given)
    interpret_loops(to_loops(optimise(program), AVX2), given, program.host)
    assert log.calls == wanted * 2


def test_regions_without_calls_carry_no_token() -> None:
    builder = Builder("plain")
    x, condition = builder.parameter("x", VECTOR), builder.parameter("c", parse_type("bool[]"))
    (y,) = builder.if_over(condition, [x], lambda inside: inside, lambda inside: inside)
    (z,) = builder.loop_over(builder.integer(2), [y], [], lambda inside: ([inside[1]], []))
    builder.output(z, "z")
    program = builder.program()
    assert program.effects == ()
    assert [one.attributes for one in program.values() if one.op.name == "loop"] == [(1,)]


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ('callback 0 "f" measures [%n] gives () from (%x)', "not a size of what"),
        ('commit\n callback 0 "f" measures [] gives () from (%x)', "after the commit point"),
        (
            'callback 0 "f" measures [%n] gives (%y: f64[%n] strides [1]) from (%x)',
            "row-major, without strides",
        ),
    ],
)
def test_the_loop_verifier_refuses(statement: str, message: str) -> None:
    text = f"loops @f(%x: f64[%x.0] strides [%s] input) {{\n {statement}\n}}"
    with pytest.raises(LoopVerificationError, match=message):
        verify_loops(parse_module(text))


def test_an_effect_is_a_token() -> None:
    program = parse_program("program @f(%x: f64[]) { effect %x }")
    with pytest.raises(VerificationError, match=r"an effect is a token of type i64\[\], got f64"):
        verify(program)
