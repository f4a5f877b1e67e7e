"""Matching arguments to parameters follows Python's own rules and words."""

from typing import Any

import pytest

from lltheano.function.requests.signature import ABSENT, Parameter, Signature

PLAIN = Signature("f()", [Parameter("x"), Parameter("y"), Parameter("z", required=False)])
UNNAMED = Signature("f()", [Parameter(None), Parameter("y")])
TWINS = Signature("f()", [Parameter("x"), Parameter("x")])


@pytest.mark.parametrize(
    ("args", "kwargs", "expected"),
    [
        ((1, 2), {}, [1, 2, ABSENT]),
        ((1, 2, 3), {}, [1, 2, 3]),
        ((1,), {"y": 2}, [1, 2, ABSENT]),
        ((), {"z": 3, "y": 2, "x": 1}, [1, 2, 3]),
        ((None, 2), {}, [None, 2, ABSENT]),
    ],
)
def test_values_reach_their_parameters(
    args: tuple[Any, ...], kwargs: dict[str, Any], expected: list[Any]
) -> None:
    assert PLAIN.bind(args, kwargs) == expected


@pytest.mark.parametrize(
    ("signature", "args", "kwargs", "message"),
    [
        (PLAIN, (1, 2, 3, 4), {}, "f() takes from 2 to 3 positional arguments but 4 were given"),
        (TWINS, (1, 2, 3), {}, "f() takes 2 positional arguments but 3 were given"),
        (Signature("f()", []), (1,), {}, "f() takes 0 positional arguments but 1 was given"),
        (PLAIN, (), {}, "f() missing 2 required arguments: 'x' and 'y'"),
        (PLAIN, (1,), {}, "f() missing 1 required argument: 'y'"),
        (UNNAMED, (), {"y": 1}, "f() missing 1 required argument: number 0 (unnamed)"),
        (PLAIN, (1,), {"x": 1}, "f() got multiple values for argument 'x'"),
        (TWINS, (), {"x": 1}, "f() has several parameters called 'x'; pass them by position"),
        (
            Signature("f()", []),
            (),
            {"a": 1},
            "unexpected keyword argument 'a'; it takes no arguments",
        ),
        (
            UNNAMED,
            (),
            {"rate": 1},
            "f() got an unexpected keyword argument 'rate'; its parameters are <argument 0>, y",
        ),
        (
            Signature("f()", [Parameter("rate")]),
            (),
            {"rat": 1},
            "f() got an unexpected keyword argument 'rat'; did you mean 'rate'?",
        ),
    ],
)
def test_mismatches_are_type_errors_in_pythons_words(
    signature: Signature, args: tuple[Any, ...], kwargs: dict[str, Any], message: str
) -> None:
    with pytest.raises(TypeError) as caught:
        signature.bind(args, kwargs)
    assert message in str(caught.value)


def test_it_prints_as_a_signature() -> None:
    assert str(PLAIN) == "(x, y, z=...)"
    assert str(UNNAMED) == "(<argument 0>, y)"
