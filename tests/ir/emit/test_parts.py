"""Long bodies are emitted in parts: the parts compute what the whole does, and none is long."""

import re

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano import function, shared
from lltheano.graph import Variable
from lltheano_ir.emit import emit_module, parts
from lltheano_ir.passes.pipeline import optimise
from lltheano_ir.pipeline import to_loops
from lltheano_ir.text import parse_program
from tests.ir.targets import AVX2


def wide(count: int) -> str:
    """A program that joins the doubles of `count` vectors."""
    inputs = ", ".join(f"%x{number}: f64[?]" for number in range(count))
    doubled = "\n".join(f"%{n}: f64[?] = add %x{n}, %x{n}" for n in range(count))
    names = ", ".join(f"%{number}" for number in range(count))
    joined = f"%{count}: f64[?] = concatenate {names}, axis=0"
    return f'program @f({inputs}) {{ {doubled} {joined} output "y" = %{count} }}'


def functions(count: int) -> list[int]:
    """The lines of each LLVM function of `wide(count)`, most first."""
    text = emit_module(to_loops(optimise(parse_program(wide(count))), AVX2), AVX2)
    return sorted(len(one.splitlines()) for one in re.findall(r"define.*?\n}", text, re.DOTALL))[
        ::-1
    ]


def test_a_longer_program_has_more_functions_not_longer_ones() -> None:
    small, large = functions(100), functions(400)
    assert sum(large) < 4.5 * sum(small)
    # The entry is a call a part; all else is bounded.
    assert large[1] < 1.5 * small[1] < 4000


def test_a_short_body_stays_whole() -> None:
    program = optimise(parse_program(wide(3)))
    assert parts.cut(to_loops(program, AVX2).entry) == ()


@pytest.mark.parametrize("limit", [1, 3])
def test_parts_compute_what_the_whole_does(limit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def results() -> list[object]:
        x, z, n = T.dvector("x"), T.zvector("z"), T.lscalar("n")
        matrix = T.dmatrix("matrix")
        state = shared(np.arange(3.0), "state")
        small = T.stack([x.sum(), n * 2.0, matrix[0, 1]])
        outputs: list[Variable] = [
            T.concatenate([x, small, x * small[1]]),
            T.dot(matrix, T.tanh(T.dot(matrix, x))),
            z[0] * n + z.sum(),
            T.eq(n, 3),
            T.sort(x)[:: n - 2],
            small,
        ]
        call = function(
            [x, z, n, matrix], outputs, updates=[(state, state + x)], mode="FAST_COMPILE"
        )
        values = np.array([3.0, 1.0, 2.0])
        square = np.arange(9.0).reshape(3, 3).T
        found = [*call(values, np.array([1 + 2j, 3j]), 3, square), state.get_value()]
        with pytest.raises(ValueError, match="size"):
            call(values[:2], np.array([1j]), 3, square)
        return [*found, state.get_value()]

    whole = results()
    monkeypatch.setattr(parts, "_WHOLE", 0)
    monkeypatch.setattr(parts, "_PART", limit)
    monkeypatch.setenv("LLTHEANO_CACHE_DIR", "off")
    for one, other in zip(whole, results(), strict=True):
        np.testing.assert_array_equal(one, other)
