"""Names of Theano's that are served by parts of their own, used as programs use them."""

import copy
import importlib
from typing import Any

import numpy as np
import pytest

import lltheano
import lltheano.tensor as T
from lltheano import Type
from lltheano.compat import install_as_theano, uninstall_as_theano


@pytest.fixture
def theano() -> Any:
    install_as_theano()
    yield importlib.import_module("theano")
    uninstall_as_theano()


def test_parts_of_function(theano: Any) -> None:
    x = T.dscalar("x")
    assert theano.compile.pfunc(params=[x], outputs=x * 2)(2.0) == 4
    assert theano.compile.orig_function([theano.In(x, value=3.0)], x)() == 3
    assert theano.FunctionMaker([x], x).create()(1.0) == 1
    variable = theano.compile.SharedVariable("n", T.dscalar, np.asarray(1.0), False)
    assert theano.function([x], x + variable)(1.0) == 2
    assert copy.deepcopy(variable).get_value() == 1
    variable.default_update = variable + 1
    del variable.default_update
    assert variable.default_update is None
    assert theano.shared([]).type == theano.compile.sharedvalue.generic == theano.generic
    assert list(theano.function([x], {"b": x, "a": x + 1})(1.0)) == ["a", "b"]


def test_profiles(theano: Any) -> None:
    x = T.dscalar("x")
    stats = theano.compile.profiling.ProfileStats(atexit_print=False, gpu_checks=False)
    f = theano.function([x], x + 1, profile=stats)
    f(1.0)
    assert f.profile is stats
    assert stats.fct_callcount == 1
    assert theano.ProfileStats is theano.compile.ScanProfileStats is type(stats)
    assert callable(theano.compile.profiling.print_global_stats)


def test_errors_are_of_the_kinds_that_programs_catch(theano: Any) -> None:
    x, y = T.dscalars("x", "y")
    with pytest.raises(AssertionError, match="must be strings"):
        theano.function([x], {1: x})
    with pytest.raises(theano.compile.UnusedInputError):
        theano.function([x], y)
    undefined = theano.gradient.grad_undefined(T.exp, 0, x, "because")
    with pytest.raises(TypeError, match=r"has no value: .*because"):
        theano.function([x], undefined, on_unused_input="ignore")
    with pytest.raises(TypeError, match="must have the type"):
        theano.In(x, value=1.0, update=T.iscalar())
    with pytest.raises(ValueError, match="default of"):
        theano.configparser.AddConfigVar(
            "names.bad", "", theano.configparser.StrParam("a", lambda one: one == "b")
        )
    with theano.change_flags(compute_test_value="ignore"), pytest.raises(ValueError, match="oh"):
        theano.gof.op.debug_error_message("oh")


@pytest.mark.parametrize(
    "name",
    [
        "CLinker",
        "OpenMPOp",
        "compile.profiling.register_profiler_printer",
        "test",
        "compile.register_linker",
        "gof.HideC",
    ],
)
def test_names_without_meaning_say_what_to_use(theano: Any, name: str) -> None:
    found: Any = theano
    *parents, last = name.split(".")
    for part in parents:
        found = getattr(found, part)
    with pytest.raises(AttributeError, match=" is not here: "):
        getattr(found, last)


def test_types_without_a_filter_make_graphs(theano: Any) -> None:
    class Bare(Type):
        def __eq__(self, other: object) -> bool:
            return type(self) is type(other)

        def __hash__(self) -> int:
            return hash(type(self))

    one = Bare()("one")
    assert theano.Type is Type
    node = theano.Apply(theano.Op(), [one], [Bare()()])
    assert node.inputs + node.outputs == [one, node.outputs[0]]
    with pytest.raises(theano.gof.utils.MethodNotDefined):
        Bare().filter(1)
    graph = theano.gof.graph
    assert graph.as_string(
        [one], node.outputs, node_formatter=lambda node, parts: str(node.nin)
    ) == ["1"]
    (copied,), _ = graph.clone([T.constant(1.5)], [])
    assert isinstance(copied, lltheano.Constant)


def test_a_variable_tells_where_it_was_made(theano: Any) -> None:
    x = T.dvector("x")
    (stack,) = x.tag.trace
    assert stack[-1][0] == __file__
    assert "T.dvector" in stack[-1][3]
    with theano.change_flags({"traceback.limit": 1}):
        ((only,),) = T.exp(x).tag.trace
    assert only[2] == "test_a_variable_tells_where_it_was_made"
    with theano.change_flags({"traceback.limit": 0}):
        assert T.exp(x).tag.trace == []
    assert "test_names.py" in theano.gof.utils.get_variable_trace_string(x)


def test_printers_of_the_users_are_asked(theano: Any) -> None:
    printing = theano.printing
    x, y = T.dscalars("x", "y")
    writer = printing.PPrinter()
    writer.assign(T.maximum, printing.OperatorPrinter("max", -1, "either"))
    writer.assign(T.exp, printing.PatternPrinter(("e^%(0)s", 1)))
    writer.assign(lambda state, one: one.name == "y", printing.LeafPrinter())
    assert writer(T.maximum(x + y, y) + 1) == "(x + y) max y + 1"
    assert writer(T.exp(x + y)) == "e^(x + y)"
    assert printing.pprint(T.maximum(x, y)) == "maximum(x, y)"
    with pytest.raises(TypeError, match="method process"):
        writer.assign(T.exp, 3)
