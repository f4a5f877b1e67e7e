"""What statements need of each other, which sizes are equal, and what goes element by element."""

from collections.abc import Sequence

import pytest

from lltheano_ir.loops.analysis.dependence import Roots, dependences, effects
from lltheano_ir.loops.nodes import Buffer, Let, LoopFunction
from lltheano_ir.loops.parser import parse_loops
from lltheano_ir.memory.equality import Equalities
from lltheano_ir.memory.inplace import update_in_place
from lltheano_ir.memory.overwrite import element_by_element

HEAD = "%x: f64[%n] strides [%s] input, %w: f64[%m] shared"


def parsed(body: str) -> LoopFunction:
    return parse_loops(f'loops @f({HEAD}) {{ site 0 sizes "differ" {body} }}')


def buffers(function: LoopFunction) -> dict[str, Buffer]:
    found = {one.buffer.name: one.buffer for one in function.parameters}
    for statement in function.body:
        buffer = getattr(statement, "buffer", None)
        if buffer is not None:
            found[buffer.name] = buffer
    return found


def needs_of(body: str) -> list[set[int]]:
    function = parsed(body)
    roots = Roots(function.body)
    return dependences([effects(statement, roots) for statement in function.body])


@pytest.mark.parametrize(
    ("body", "needs"),
    [
        ("let %a: i64 = neg 1 let %b: i64 = neg %a let %c: i64 = neg 2", [set(), {0}, set()]),
        # a read needs the last write before it, a write the reads since and the write before them
        (
            "alloc %y: f64[] store %y[] = f64 1.0 load %a: f64 = %y[] load %b: f64 = %y[] "
            "store %y[] = f64 2.0 load %c: f64 = %y[]",
            [set(), {0}, {0, 1}, {0, 1}, {0, 1, 2, 3}, {0, 4}],
        ),
        # a write needs the write before it, if nothing has read since
        (
            "alloc %y: f64[] store %y[] = f64 1.0 store %y[] = f64 2.0",
            [set(), {0}, {0, 1}],
        ),
        # reads need nothing of each other, nor of a write to other memory
        (
            "load %a: f64 = %w[0] load %b: f64 = %w[0] alloc %y: f64[] store %y[] = f64 1.0 "
            "load %c: f64 = %w[0]",
            [set(), set(), set(), {2}, set()],
        ),
        # a view is its memory, and so is a view of a view
        (
            "alloc %y: f64[2] view %v: f64[2] = %y, offset=0 view %u: f64[1] = %v, offset=0 "
            "store %u[0] = f64 1.0 load %a: f64 = %y[0] store %v[1] = f64 2.0",
            [set(), {0}, {1}, {1, 2}, {0, 3}, {1, 2, 3, 4}],
        ),
        # what may be a copy may be the memory itself
        (
            "contiguous %c: f64[%n] = %x load %a: f64 = %c[0] store %x[0] = f64 1.0",
            [set(), {0}, {0, 1}],
        ),
        # a scalar that a check or a size needs
        (
            "let %t: bool = eq %n, %m check %t, site=0 let %k: i64 = neg -3 alloc %y: f64[%k]",
            [set(), {0}, set(), {2}],
        ),
        # what is defined inside a loop is nobody else's, what it touches is the loop's
        (
            "alloc %y: i64[3] for %i in 3 { let %a: i64 = neg %i store %y[%i] = %a } "
            "for %j in 3 { load %b: i64 = %y[%j] }",
            [set(), {0}, {0, 1}],
        ),
        # branches and reductions too
        (
            "alloc %y: f64[3] let %t: bool = lt %n, 1 if %t { store %y[0] = f64 1.0 } else { } "
            "reduce %r: f64 = add %v over %i in 3, blocked { load %v: f64 = %y[%i] } "
            "let %q: f64 = neg %r",
            [set(), set(), {0, 1}, {0, 2}, {3}],
        ),
        # a routine reads its inputs and writes its outputs
        (
            "alloc %y: f64[] store %w[0] = f64 1.0 call dot(%y) from (%w, %w) "
            "load %a: f64 = %y[] store %w[0] = f64 2.0",
            [set(), set(), {0, 1}, {0, 2}, {1, 2}],
        ),
        # host functions with an effect stay in their order, in a branch too; others need not
        (
            'callback 0 "f" measures [] gives () from (%w), ordered '
            'callback 1 "g" measures [] gives () from (%w) '
            "let %t: bool = eq %n, %m "
            'if %t { callback 2 "h" measures [] gives () from (%x), ordered } else { } '
            'callback 0 "f" measures [] gives () from (), ordered',
            [set(), set(), set(), {0, 2}, {3}],
        ),
    ],
)
def test_dependences(body: str, needs: list[set[int]]) -> None:
    assert closed(needs_of(body)) == closed(needs)


def closed(needs: Sequence[set[int]]) -> list[set[int]]:
    """With what is needed by what is needed: which of them are left out is no part of meaning."""
    everything: list[set[int]] = []
    for need in needs:
        everything.append(need.union(*(everything[before] for before in need)))
    return everything


def test_a_body_has_about_as_many_dependences_as_uses() -> None:
    body = "alloc %y: f64[] " + "store %y[] = f64 1.0 " * 200
    assert sum(map(len, needs_of(body))) <= 3 * 200


def test_sizes_are_equal_once_checked() -> None:
    function = parsed(
        "let %c: bool = eq %n, %m alloc %y: f64[%n] check %c, site=0 let %d: bool = eq %m, 5 "
        "check %d, site=0"
    )
    found = buffers(function)
    assert not Equalities(function.body[:2]).same_sizes(found["y"], found["w"])
    assert Equalities(function.body[:3]).same_sizes(found["y"], found["w"])
    five = Buffer("five", found["y"].dtype, parsed("alloc %z: f64[5]").body[0].buffer.sizes)  # type: ignore[union-attr]
    assert Equalities(function.body).same_sizes(found["y"], five)


@pytest.mark.parametrize(("dtype", "holds"), [("i64", True), ("f64", False)])
def test_only_integers_are_known_to_equal_themselves(dtype: str, holds: bool) -> None:
    """A NaN does not: the check that finds it must stay."""
    function = parsed(f"alloc %y: {dtype}[] load %a: {dtype} = %y[] let %c: bool = eq %a, %a")
    compared = function.body[-1]
    assert isinstance(compared, Let)
    assert Equalities(function.body).holds(compared.target) is holds


@pytest.mark.parametrize(
    ("loop", "holds"),
    [
        ("for %i in %m { load %a: f64 = %w[%i] store %y[%i] = %a }", True),
        ("for %i in %m { store %y[%i] = f64 1.0 }", True),
        # other elements
        ("for %i in %m { load %a: f64 = %w[0] store %y[%i] = %a }", False),
        # the old value is read after it was overwritten
        ("for %i in %m { store %y[%i] = f64 1.0 load %a: f64 = %w[%i] }", False),
        # the same place in several iterations
        ("for %i in %m { load %a: f64 = %w[0] store %y[0] = %a }", False),
        (
            "for %i in %m { for %j in 2 { load %a: f64 = %w[%i] store %y[%i] = %a } }",
            False,
        ),
        # twice in an iteration
        ("for %i in %m { store %y[%i] = f64 1.0 store %y[%i] = f64 2.0 }", False),
        # all of the old value before each new one
        (
            "for %i in %m { reduce %r: f64 = add %a over %j in %m, blocked { "
            "load %a: f64 = %w[%j] } store %y[%i] = %r }",
            False,
        ),
        # what others do with either is not known
        (
            "for %i in %m { alloc %q: f64[] call dot(%q) from (%w, %w) "
            "load %a: f64 = %w[%i] store %y[%i] = %a }",
            False,
        ),
        (
            'for %i in %m { load %a: f64 = %w[%i] callback 0 "f" measures [] gives () from (%w) '
            "store %y[%i] = %a }",
            False,
        ),
    ],
)
def test_element_by_element(loop: str, holds: bool) -> None:
    function = parsed(f"alloc %y: f64[%m] {loop}")
    found = buffers(function)
    roots = Roots(function.body)
    assert element_by_element(function.body[1], roots, found["y"], found["w"]) is holds


def test_an_ordered_function_stays_as_it_is() -> None:
    function = parsed("commit for %i in %m { store %w[%i] = f64 1.0 } update %w = %w")
    assert update_in_place(function) is function
