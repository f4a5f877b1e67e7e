"""Searches, orders and texts of graphs."""

import sys
from typing import Any

import pytest

import lltheano.tensor as T
from lltheano import function
from lltheano.compat.gof.utilities import (
    SingletonType,
    add_tag_trace,
    give_variables_names,
    simple_extract_stack,
    toposort,
)
from lltheano.errors import CyclicGraphError
from lltheano.graph import (
    Apply,
    Constant,
    applies,
    as_string,
    clone_get_equiv,
    clone_graph,
    general_toposort,
    io_toposort,
    is_in_ancestors,
    list_of_nodes,
    nodes_constructed,
    op_as_string,
    stack_search,
    variables_and_orphans,
    view_roots,
)


def deep(depth: int) -> tuple[Any, Any]:
    x = y = T.dscalar("x")
    for _ in range(depth):
        y = T.exp(y)
    return x, y


def test_no_walk_is_limited_by_the_stack() -> None:
    depth = 2 * sys.getrecursionlimit()
    x, y = deep(depth)
    assert len(list_of_nodes([x], [y])) == len(io_toposort([x], [y], orderings={})) == depth
    assert is_in_ancestors(y, x)
    assert len(clone_get_equiv([x], [y])) == 2 * depth + 1
    assert as_string([x], [y])[0].count("exp") == depth


def test_a_cycle_is_an_error() -> None:
    needs = {"a": "b", "b": "c", "c": "a"}
    with pytest.raises(CyclicGraphError, match="needs itself"):
        general_toposort("a", needs.get)
    with pytest.raises(CyclicGraphError, match="need one another"):
        toposort({"a": {"b"}, "b": {"a"}})


def test_orderings_and_clients() -> None:
    x = T.dscalar("x")
    first: Any = T.exp(x)
    second: Any = T.sin(x)
    clients: dict[Any, list[Any]] = {}
    order = io_toposort(
        [x], [first, second], orderings={first.owner: [second.owner]}, clients=clients
    )
    assert order == [second.owner, first.owner]
    assert set(clients[x]) == {first.owner, second.owner}
    with pytest.raises(CyclicGraphError):
        io_toposort([x], [first], orderings={first.owner: [first.owner]})


def test_what_needs_what_can_be_shown_and_kept(capsys: pytest.CaptureFixture[str]) -> None:
    kept: dict[Any, Any] = {}
    needs = {"b": "a"}
    assert general_toposort("b", needs.get, debug_print=True, deps_cache=kept) == ["a", "b"]
    assert kept == {"a": [], "b": ["a"]}
    assert "b needs ['a']" in capsys.readouterr().out


def test_searches_tell_what_led_where() -> None:
    found, inverse = stack_search([1], {1: [2, 3], 2: [3]}.get, build_inv=True)
    assert (found, inverse) == ([1, 2, 3], {2: [1], 3: [1, 2]})
    with pytest.raises(ValueError, match="mode must be"):
        stack_search([1], {}.get, mode="sideways")


def test_copies_of_graphs() -> None:
    x, y = T.dscalars("x", "y")
    z = T.exp(x) * y
    z.name = "z"
    (inner,), (copy,) = clone_graph([x], [z])
    assert copy.name == "z"
    assert (inner is x, y in variables_and_orphans([inner], [copy])[1]) == (False, False)
    (same,), (other,) = clone_graph([x], [z], copy_inputs=False)
    assert same is x
    assert variables_and_orphans([x], [other])[1] == [y]
    assert other.owner is not z.owner


def test_texts_name_what_is_used_again() -> None:
    x = T.dscalar("x")
    y = T.exp(x)
    z: Any = y * y
    assert as_string([x], [z, y]) == ["mul(*1 -> exp(x), *1)", "*1"]
    assert as_string([y], [z]) == ["mul(exp, exp)"]
    assert op_as_string([x], z.owner) == "mul(*1 -> exp(x), *1)"
    assert as_string([x], [y], lambda leaf: "?", lambda node, parts: f"[{node.op} {parts[0]}]") == [
        "[exp ?]"
    ]


def test_only_this_threads_new_variables_are_collected() -> None:
    x = T.dscalar("x")
    with nodes_constructed() as outer:
        y = T.exp(x)
        with nodes_constructed() as inner:
            z = T.sin(y)
    T.exp(x)
    assert outer == [y, z]
    assert inner == [z]
    assert applies([z])[-1].out is z


def test_views_are_what_ops_say() -> None:
    x = T.dvector("x")
    assert view_roots(x * 2)[0].owner is not None
    assert view_roots(x) == [x]


def test_names_are_distinct() -> None:
    x, y = T.dscalar("a"), T.dscalar("a")
    assert give_variables_names([x, y]) == ["a_00", "a_01"]
    with pytest.raises(ValueError, match="not distinct"):
        give_variables_names([T.dscalar("var_01"), T.dscalar()])


class One(SingletonType):
    """There is one."""


class Other(One):
    """There is one of these too."""


def test_singletons_are_one_for_each_class() -> None:
    assert One() is One()
    assert Other() is Other()
    assert Other() is not One()


def test_stacks_are_told_from_the_outside_in() -> None:
    def inner() -> Any:
        return simple_extract_stack(limit=2)

    names = [entry[2] for entry in inner()]
    assert names == ["test_stacks_are_told_from_the_outside_in", "inner"]
    assert simple_extract_stack(skips=[__file__])[-1][0] != __file__
    traced = add_tag_trace(T.dscalar("x"))
    assert traced.tag.trace[0][-1][0] == __file__


def test_what_needs_nothing_comes_first_and_then_what_has_all_it_needs() -> None:
    x, y, z = T.dscalars("x", "y", "z")
    inner = x + y
    outer: Any = inner * z

    def needs(one: Any) -> list[Any]:
        if isinstance(one, Apply):
            return list(one.inputs)
        return [one.owner] if one.owner is not None else []

    clients: dict[Any, Any] = {}
    order = general_toposort([outer], needs, clients=clients)
    assert order == [z, y, x, inner.owner, inner, outer.owner, outer]
    assert clients[inner] == [outer.owner]
    assert clients[x] == clients[y] == [inner.owner]


def test_a_copied_graph_has_its_own_leaves_constants_too() -> None:
    x = T.dscalar("x")
    two = T.constant(2.0)
    z: Any = x * two
    copy: Any = clone_graph([x], [z])[1][0]
    assert isinstance(copy.owner.inputs[1], Constant)
    assert copy.owner.inputs[1] is not two
    kept: Any = clone_graph([x], [z], copy_orphans=False)[1][0]
    assert kept.owner.inputs[1] is two
    assert function([x], clone_graph([x], [z], copy_inputs=False)[1])(4.0) == [8.0]
