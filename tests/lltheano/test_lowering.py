import numpy as np
import pytest

import lltheano.tensor as T
from lltheano.errors import LoweringError, MissingInputError
from lltheano.graph import Generic
from lltheano.lowering import lower
from lltheano_ir.interpret import interpret


def test_parameters_are_named_after_the_users_variables() -> None:
    x, same, odd = T.dscalar("x"), T.dscalar("x"), T.dscalar("2nd value!")
    nameless, state = T.dscalar(), T.dscalar("state")
    inputs = [x, same, odd, nameless]
    program = lower(inputs, [x + same + odd + nameless + state], name="my f", shared=[state])
    names = [one.name for one in program.parameters]
    assert names == ["x", "x_2", "_2nd_value", "input3", "state"]
    assert [one.shared for one in program.parameters] == [False] * 4 + [True]
    assert program.name == "my_f"


def test_outputs_and_updates() -> None:
    state, inc = T.lscalar("state"), T.iscalar("inc")
    program = lower([inc], [state], [(state, state + inc)], "accumulator", shared=[state])
    outputs, updates = interpret(program, [np.int32(300), np.int64(1)])
    assert outputs[0] == 1
    assert updates[0] == 301


def test_values_know_the_users_line() -> None:
    x = T.dvector("x")
    y = T.exp(x)
    y.name = "y"
    assert y.source is not None
    program = lower([x], [y * 2])
    places = {value.op.name: place for value, place in program.locations.items()}
    assert places["exp"].file == __file__
    assert places["exp"].name == "y"
    assert places["exp"].line == y.source.line


def test_a_missing_input_is_named_with_its_use() -> None:
    x, y = T.dscalars("x", "y")
    with pytest.raises(MissingInputError, match=r"a value for y .*used by mul"):
        lower([x], [x * y])


def test_updates_keep_their_type() -> None:
    state = T.lscalar("state")
    with pytest.raises(TypeError, match=r"the update of state .* another type"):
        lower([], [], [(state, state * 1.5)], shared=[state])


def test_only_tensors_are_compiled() -> None:
    thing = Generic()("thing")
    with pytest.raises(LoweringError, match=r"thing .* is not a tensor"):
        lower([thing], [])


def test_the_walk_ends_at_inputs_that_are_computed() -> None:
    x = T.dscalar("x")
    y = T.exp(x)
    (found,), _ = interpret(lower([y], [y * 2]), [3.0 * np.ones(())])
    assert found == 6


def test_equal_constants_are_one_value() -> None:
    x = T.dvector("x")
    program = lower([x], [x * 2.5, x / 2.5])
    constants = [value for value in program.values() if value.op.name == "constant"]
    assert len(constants) == 1
