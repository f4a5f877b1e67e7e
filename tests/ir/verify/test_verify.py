"""Each invariant of the verifier, broken once."""

import pytest

from lltheano_ir.nodes import Region, Value, argument, make
from lltheano_ir.ops.definition import Op
from lltheano_ir.program import Output, Parameter, Program, Update
from lltheano_ir.text import parse_program
from lltheano_ir.types import INDEX, ValueType, parse_type
from lltheano_ir.verify import VerificationError, verify

N = argument(0, INDEX)
X = argument(1, parse_type("f64[?]"))
PARAMETERS = (Parameter("n", INDEX, shared=True), Parameter("x", parse_type("f64[?]")))


def forged(op: Op, *operands: Value, types: tuple[ValueType, ...]) -> Value:
    """A value that did not go through `make`."""
    value = Value()
    value.op, value.operands, value.attributes, value.regions = op, operands, (), ()
    value.types = types
    return value


NEG = make("neg", (N,)).op
LOOP = make("loop", (N, N), (1,), (Region((INDEX, INDEX), (N, N)),))


def output(value: Value) -> Program:
    return Program("f", PARAMETERS, (Output("y", value),))


def update(*pairs: tuple[int, Value]) -> Program:
    return Program("f", PARAMETERS, (), tuple(Update(*pair) for pair in pairs))


ILL_FORMED = {
    "parameters": (
        Program("f", (PARAMETERS[0], PARAMETERS[0]), ()),
        "two parameters are called 'n'",
    ),
    "no name": (Program("f", (Parameter("", INDEX),), ()), "parameters need names"),
    "outputs": (
        Program("f", PARAMETERS, (Output("y", N), Output("y", N))),
        "two outputs are called 'y'",
    ),
    "unknown argument": (output(make("neg", (argument(2, INDEX),))), "argument 2 is reached"),
    "argument type": (output(argument(1, INDEX)), "argument 1 is f64[?], but used as i64[]"),
    "wrong type": (output(forged(NEG, X, types=(INDEX,))), "neg gives (f64[?],), the value says"),
    "ill typed": (output(forged(NEG, types=(INDEX,))), "neg takes 1 operands, got 0"),
    "not interned": (output(forged(NEG, N, types=(INDEX,))), "is not interned"),
    "unknown op": (
        output(forged(Op("neg", 1, "a false one"), N, types=(INDEX,))),
        "neg is not in the op table",
    ),
    "several results": (output(LOOP), "loop has several results"),
    "several results used": (
        output(forged(NEG, LOOP, types=(INDEX,))),
        "take one of the 2 results of loop",
    ),
    "open region": (
        output(make("fused", (N,), (), (Region((INDEX,), (argument(1, INDEX),)),))),
        "in a region of fused: argument 1 is reached",
    ),
    "update of an input": (update((1, X)), "x is updated but not shared"),
    "update of nothing": (update((2, X)), "parameter 2 is updated, there is none"),
    "updated twice": (update((0, N), (0, N)), "n is updated twice"),
    "update type": (update((0, X)), "n is i64[], its update is f64[?]"),
}


@pytest.mark.parametrize(("program", "message"), ILL_FORMED.values(), ids=ILL_FORMED.keys())
def test_ill_formed(program: Program, message: str) -> None:
    with pytest.raises(VerificationError) as caught:
        verify(program)
    assert message in str(caught.value)


def test_the_culprit_is_shown_in_its_surroundings() -> None:
    value = N
    for name in ("abs", "sign", "neg", "abs", "sign"):
        value = forged(NEG, value, types=(INDEX,)) if name == "neg" else make(name, (value,))
    with pytest.raises(VerificationError) as caught:
        verify(output(value))
    assert str(caught.value) == (
        "f: this neg is not interned: it was not built by `make`\n"
        "    %0: i64[] = abs %n\n"
        "    %1: i64[] = sign %0\n"
        ">   %2: i64[] = neg %1\n"
        "    %3: i64[] = abs %2\n"
        "    %4: i64[] = sign %3"
    )


def test_a_well_formed_program_is_returned() -> None:
    program = parse_program(
        'program @f(%n: i64[] shared) { %0: i64[] = neg %n output "y" = %0 update %n = %0 }'
    )
    assert verify(program) is program
