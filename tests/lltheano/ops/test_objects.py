"""Python objects that ops compute: through functions, updates, branches and loops."""

import copy
import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano import Apply, Generic, Op, Type, function, grad, scan, shared
from lltheano.function import In, Out
from lltheano.graph import Variable
from lltheano.ifelse import ifelse

x = T.dscalar("x")


class Noted(Op):
    """A dict with one entry more; `destructive` changes the dict that it is given."""

    __props__ = ("destructive",)

    def __init__(self, destructive: bool = False) -> None:
        self.destructive = destructive
        if destructive:
            self.destroy_map: dict[int, list[int]] = {0: [0]}

    def make_node(self, table: Any, key: Any, value: Any) -> Apply:
        if not isinstance(table, Variable):
            table = Generic().make_constant(table)
        key = key if isinstance(key, Variable) else Generic().make_constant(key)
        return Apply(self, [table, key, T.as_tensor_variable(value)], [Generic()()])

    def perform(self, node: Apply, inputs: Sequence[Any], output_storage: Sequence[Any]) -> None:
        table, key, value = inputs
        table = table if self.destructive else dict(table)
        table[key] = float(value)
        output_storage[0][0] = table


class Entry(Op):
    """The number that a dict has under a key, as a float64 scalar."""

    __props__ = ("key",)

    def __init__(self, key: str) -> None:
        self.key = key

    def make_node(self, table: Any) -> Apply:
        return Apply(self, [table], [T.dscalar()])

    def perform(self, node: Apply, inputs: Sequence[Any], output_storage: Sequence[Any]) -> None:
        output_storage[0][0] = np.float64(inputs[0][self.key])

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> Sequence[Any]:
        return [()]


@pytest.mark.parametrize("destructive", [False, True])
def test_a_shared_object_is_updated_by_what_an_op_computes(destructive: bool) -> None:
    table, steps = shared({"a": 1.0}, name="table"), shared(0.0, name="steps")
    noted = Noted(destructive)
    f = function(
        [x],
        [noted(table, "b", x), Entry("a")(table)],
        updates=[(table, noted(table, "b", x * 2)), (steps, steps + 1)],
    )
    first, found = f(3.0)
    assert first == {"a": 1.0, "b": 3.0}
    assert found == 1.0
    assert table.get_value() == {"a": 1.0, "b": 6.0}
    first["a"] = 100.0
    assert f(4.0)[0] == {"a": 1.0, "b": 4.0}
    assert table.get_value() == {"a": 1.0, "b": 8.0}
    assert steps.get_value() == 2.0


def test_all_new_values_are_computed_from_the_old_ones() -> None:
    a, b = shared({"of": 1.0}, name="a"), shared({"of": 2.0}, name="b")
    f = function([], updates=[(a, Noted()(b, "x", 3.0)), (b, a)])
    f()
    assert a.get_value() == {"of": 2.0, "x": 3.0}
    assert b.get_value() == {"of": 1.0}


def test_shared_objects_share_nothing_with_each_other_or_with_what_is_returned() -> None:
    item = Generic()("item")
    a, b = shared({"n": [1]}, name="a"), shared({}, name="b")
    f = function([item], Out(item), updates=[(a, item), (b, a)])
    given = {"n": [2]}
    f(given)
    given["n"].append(3)
    b.get_value(borrow=True)["n"].append(4)
    f(given)
    assert a.get_value() == {"n": [2, 3]}
    assert b.get_value() == {"n": [2]}


class Failing(Op):
    """Fails when its input is negative."""

    __props__ = ()
    itypes = otypes = (T.dscalar,)

    def perform(self, node: Apply, inputs: Sequence[Any], output_storage: Sequence[Any]) -> None:
        if inputs[0] < 0:
            raise ZeroDivisionError("negative")
        output_storage[0][0] = inputs[0] + 0


@pytest.mark.parametrize("mode", ["FAST_RUN", "DebugMode"])
def test_a_call_that_fails_leaves_objects_and_arrays(mode: str) -> None:
    table, steps = shared({}, name="table"), shared(0.0, name="steps")
    v = T.dvector("v")
    f = function(
        [x, v],
        [v[2], Failing()(x)],
        updates=[(table, Noted(destructive=True)(table, "x", x)), (steps, steps + x)],
        mode=mode,
    )
    f(1.0, np.zeros(3))
    for wrong, size, error in ((-1.0, 3, ZeroDivisionError), (2.0, 1, IndexError)):
        with pytest.raises(error):
            f(wrong, np.zeros(size))
        assert table.get_value() == {"x": 1.0}
        assert steps.get_value() == 1.0
    f(5.0, np.zeros(3))
    assert table.get_value() == {"x": 5.0}


class Locked(Op):
    """An object that cannot be copied."""

    __props__ = ()
    itypes = (T.dscalar,)
    otypes = (Generic(),)

    def perform(self, node: Apply, inputs: Sequence[Any], output_storage: Sequence[Any]) -> None:
        output_storage[0][0] = threading.Lock()


def test_what_cannot_be_copied_is_no_new_value_and_changes_nothing() -> None:
    table, steps = shared({}, name="table"), shared(0.0)
    f = function([x], updates=[(table, Locked()(x)), (steps, steps + 1)])
    with pytest.raises(TypeError, match=r"lock cannot be copied.*table .*keeps a copy"):
        f(1.0)
    assert (table.get_value(), steps.get_value()) == ({}, 0.0)
    assert isinstance(function([x], Locked()(x))(1.0), type(threading.Lock()))


def test_updates_of_an_object_from_many_threads_lose_none() -> None:
    table = shared({"n": 0.0}, name="table")
    step = function([], updates=[(table, Noted()(table, "n", Entry("n")(table) + 1))])
    threads = [threading.Thread(target=lambda: [step() for _ in range(50)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert table.get_value() == {"n": 200.0}


def test_an_op_that_calls_a_function_on_the_same_object_works_on_the_state_before() -> None:
    table = shared({"n": 1.0}, name="table")
    read = function([], Entry("n")(table))

    class Nested(Op):
        itypes = otypes = (T.dscalar,)

        def perform(self, node: Apply, inputs: Any, output_storage: Any) -> None:
            output_storage[0][0] = read() + inputs[0]

    y = Nested()(x)
    f = function([x], y, updates=[(table, Noted()(table, "n", y))])
    assert f(1.0) == 2.0
    assert f(1.0) == 3.0
    assert table.get_value() == {"n": 3.0}


def test_a_branch_chooses_an_object_and_computes_only_that() -> None:
    calls: list[str] = []

    class Seen(Noted):
        __props__ = ("name",)

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

        def perform(self, node: Apply, inputs: Any, output_storage: Any) -> None:
            calls.append(self.name)
            super().perform(node, inputs, output_storage)

    table = shared({"k": 1.0}, name="table")
    a, b = Seen("a")(table, "k", x), Seen("b")(table, "k", -x)
    chosen = ifelse(x > 0, a, b)
    f = function([x], [chosen, Entry("k")(chosen) * 10], updates=[(table, chosen)])
    assert f(2.0) == [{"k": 2.0}, 20.0]
    assert f(-3.0) == [{"k": 3.0}, 30.0]
    assert table.get_value() == {"k": 3.0}
    assert set(calls) == {"a", "b"}
    assert len(calls) == 2
    constant = function([x], ifelse(x > 0, Generic().make_constant({"k": 5.0}), table))
    assert constant(1.0) == {"k": 5.0}
    assert constant(-1.0) == {"k": 3.0}
    with pytest.raises(TypeError, match="should have identical types"):
        ifelse(x > 0, table, x)


def test_steps_of_a_scan_work_with_objects() -> None:
    table = shared({"rate": 2.0}, name="table")
    v = T.dvector("v")

    def step(value: Any, total: Any, settings: Any) -> Any:
        inside = Noted()(settings, "now", value)
        picked = ifelse(value > 2, inside, Generic().make_constant({"now": 100.0}))
        return total + Entry("now")(picked) * Entry("rate")(settings)

    totals, _ = scan(step, v, T.constant(0.0, dtype="float64"), non_sequences=[table])
    functions = [function([v], totals, mode=mode) for mode in ("FAST_COMPILE", "DebugMode", None)]
    for f in functions:
        assert f([1.0, 3.0, 5.0]).tolist() == [200.0, 206.0, 216.0]
    table.set_value({"rate": 1.0})
    assert functions[0]([3.0]).tolist() == [3.0]


class Natural(Type):
    """Natural numbers of Python, as a program's own type."""

    def filter(self, data: Any, strict: bool = False, allow_downcast: Any = None) -> Any:
        if not isinstance(data, int) or data < 0:
            raise TypeError(f"a natural number is wanted, got {data!r}")
        return data

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    def __hash__(self) -> int:
        return hash(Natural)

    def __repr__(self) -> str:
        return "Natural()"


class Sum(Op):
    __props__ = ("step",)
    itypes = (Natural(), Natural())
    otypes = (Natural(),)

    def __init__(self, step: int = 0) -> None:
        self.step = step

    def perform(self, node: Apply, inputs: Sequence[Any], output_storage: Sequence[Any]) -> None:
        output_storage[0][0] = inputs[0] + inputs[1] + self.step


def test_values_of_a_programs_own_type_are_checked_where_they_come_in_and_go_out() -> None:
    n, m = Natural()("n"), Natural()("m")
    f = function([n, In(m, value=5)], Sum()(n, m), name="f")
    big = 1 << 100
    assert f(big) == big + 5
    assert f(1, m=2) == 3
    with pytest.raises(TypeError, match=r"f\(\) argument 'n' .*natural number is wanted, got -1"):
        f(-1)
    with pytest.raises(TypeError, match="wrong value for output 0"):
        function([n], Sum(step=-10)(n, 1))(2)
    remembered = function([In(n, value=1, update=Sum()(n, n))], n)
    assert [remembered() for _ in range(4)] == [1, 2, 4, 8]


def test_a_graph_with_objects_is_copied_and_pickled_with_its_function() -> None:
    table = shared({"n": 1.0}, name="table")
    f = function([x], Entry("n")(table) + x, updates=[(table, Noted()(table, "n", x))])
    other = copy.deepcopy(f)
    mine = f.copy(swap={table: shared({"n": 10.0})})
    assert [f(2.0), f(3.0), mine(0.0), other(5.0)] == [3.0, 5.0, 10.0, 6.0]


def test_what_is_computed_in_python_stands_among_the_decisions() -> None:
    table = shared({"n": 1.0}, name="table")
    f = function([x], Entry("n")(table) + x, updates=[(table, Noted()(table, "n", x))])
    found = [str(one) for one in f.decisions if one.stage == "calls Python"]
    assert len(found) == 3
    for name in ("Entry{key='n'}", "Noted{destructive=False}", "update of table"):
        assert any(name in one for one in found)
    assert all("computed in Python, under the GIL" in one for one in found)


def test_objects_have_no_gradient() -> None:
    table = shared({"n": 1.0}, name="table")
    with pytest.raises(NotImplementedError, match=r"Entry.* has no gradient"):
        grad(Entry("n")(Noted()(table, "n", x)), x)
