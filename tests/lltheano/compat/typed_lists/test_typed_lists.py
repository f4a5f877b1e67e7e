"""Lists of values of one type, as programs of Theano's use them."""

import copy
import io
import pickle
from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano import function, grad, scan
from lltheano.compat import typed_lists as tl
from lltheano.function import In
from lltheano.ifelse import ifelse
from lltheano.printing import debugprint
from lltheano.shared import SharedVariable

KIND = tl.TypedListType(T.dvector)
rows: Any = KIND("rows")
others: Any = KIND("others")
v, n = T.dvector("v"), T.lscalar("n")
GIVEN = [[1.0, 2.0], [3.0], [], [3.0]]


def plain(value: Any) -> Any:
    return [plain(one) for one in value] if isinstance(value, list) else value.tolist()


@pytest.mark.parametrize("mode", ["FAST_RUN", "FAST_COMPILE", "DebugMode"])
def test_ops_give_what_pythons_lists_do(mode: str) -> None:
    built = {
        "append": tl.append(rows, v),
        "in place": tl.Append(inplace=True)(rows, v),
        "extend": rows.extend(rows),
        "insert": rows.insert(n, v),
        "remove": rows.remove(v),
        "reverse": rows.reverse(),
        "element": rows[n],
        "slice": rows[n:],
        "step": rows[::-2],
        "index": rows.ind(v),
        "count": rows.count(v),
        "length": tl.length(rows),
        "list": tl.make_list([v, v * 2]),
    }
    f = function([rows, v, n], built, mode=mode)
    found = {name: plain(one) for name, one in f(GIVEN, [3.0], 1).items()}
    assert found == {
        "append": [*GIVEN, [3.0]],
        "in place": [*GIVEN, [3.0]],
        "extend": GIVEN + GIVEN,
        "insert": [[1.0, 2.0], [3.0], [3.0], [], [3.0]],
        "remove": [[1.0, 2.0], [], [3.0]],
        "reverse": GIVEN[::-1],
        "element": [3.0],
        "slice": GIVEN[1:],
        "step": GIVEN[::-2],
        "index": 1,
        "count": 2,
        "length": 4,
        "list": [[3.0], [6.0]],
    }


def test_elements_that_are_not_there_are_errors_or_nothing() -> None:
    with pytest.raises(IndexError, match=r"rows .*has 4 elements, and none at -5"):
        function([rows, n], rows[n])(GIVEN, -5)
    with pytest.raises(ValueError, match=r"none of the 4 elements of rows .*equals v"):
        function([rows, v], tl.index_(rows, v))(GIVEN, [9.0])
    assert plain(function([rows, v], tl.remove(rows, v))(GIVEN, [9.0])) == GIVEN


def test_what_is_returned_shares_nothing_with_arguments_and_other_results() -> None:
    given = [np.ones(1)]
    same, longer, twice = function([rows], [rows, rows.append(rows[0]), rows.extend(rows)])(given)
    same[0][0] = 5.0
    longer[0][0] = 6.0
    assert (given[0][0], longer[1][0], twice[0][0]) == (1.0, 1.0, 1.0)


def test_arguments_are_checked_element_by_element() -> None:
    f = function([rows], tl.length(rows), name="f")
    with pytest.raises(TypeError, match=r"f\(\) argument 'rows' .*element 1 of the list: .*1, 1"):
        f([[1.0], [[1.0]]])
    with pytest.raises(TypeError, match="expected a list, got int"):
        f(3)
    with pytest.raises(TypeError, match="expected a list, got tuple"):
        function([In(rows, strict=True)], tl.length(rows))(())
    assert function([In(rows, value=[[1.0]])], tl.length(rows))() == 1


def test_operands_of_other_types_are_refused_when_the_graph_is_built() -> None:
    m = T.dmatrix("m")
    with pytest.raises(TypeError, match=r"Append: what is appended is to be .*vector\), got m"):
        tl.append(rows, m)
    with pytest.raises(TypeError, match=r"Append takes a list.* got v"):
        tl.append(v, v)
    with pytest.raises(TypeError, match=r"Extend: the other list is to be TypedList <.*got v"):
        tl.extend(rows, v)
    with pytest.raises(TypeError, match=r"GetItem: an index is an integer, got v"):
        rows[v]
    with pytest.raises(TypeError, match=r"MakeList: an element, as the first is, .*got m"):
        tl.make_list([v, m])
    with pytest.raises(ValueError, match="an empty list does not say"):
        tl.make_list([])
    with pytest.raises(TypeError, match=r"write typed_list.length\(x\)"):
        len(rows)
    with pytest.raises(TypeError, match="cannot be iterated over"):
        iter(rows)


def test_lists_of_lists() -> None:
    deep = tl.TypedListType(T.dvector, 1)
    nested: Any = deep("nested")
    assert deep.get_depth() == 1
    assert deep == tl.TypedListType(KIND)
    f = function([nested, rows], [nested.append(rows), nested.count(rows), nested[0][1]])
    longer, number, element = f([GIVEN, [], GIVEN], GIVEN)
    assert plain(longer) == [GIVEN, [], GIVEN, GIVEN]
    assert number == 2
    assert element.tolist() == [3.0]


def test_a_shared_list_is_updated_in_one_step_or_not_at_all() -> None:
    log = SharedVariable("log", KIND, [[0.0]])
    assert isinstance(log, tl.TypedListSharedVariable)
    f = function([v, n], [tl.length(log), v[n]], updates=[(log, log.append(v))])
    assert f([1.0, 2.0], 1) == [1, 2.0]
    with pytest.raises(IndexError):
        f([3.0], 4)
    assert plain(log.get_value()) == [[0.0], [1.0, 2.0]]
    with pytest.raises(TypeError, match=r"set_value of log .*element 0 of the list"):
        log.set_value([1.0])
    log.get_value()[0][0] = 7.0
    assert plain(log.get_value()) == [[0.0], [1.0, 2.0]]
    other = copy.deepcopy(f)
    other([5.0], 0)
    assert len(log.get_value()) == 2
    assert pickle.loads(pickle.dumps(log)).get_value()[0].tolist() == [0.0]


def test_lists_go_through_scans_and_branches() -> None:
    numbers, _ = scan(lambda i, xs: xs[i].sum(), T.arange(tl.length(rows)), non_sequences=[rows])
    f = function([rows], numbers)
    assert f(GIVEN).tolist() == [3.0, 3.0, 0.0, 3.0]
    chosen = ifelse(n > 0, rows, others)
    g = function([rows, others, n], [chosen, tl.length(chosen)])
    assert [plain(one) for one in g(GIVEN, [], 1)] == [GIVEN, 4]
    assert [plain(one) for one in g(GIVEN, [], 0)] == [[], 0]


def test_there_are_no_gradients_through_lists() -> None:
    with pytest.raises(NotImplementedError, match=r"GetItem.*has no gradient"):
        grad(tl.make_list([v, v])[0].sum(), v)


def test_lists_are_printed() -> None:
    text = io.StringIO()
    debugprint(rows.append(v)[0], file=text)
    assert [line.split(" [")[0].strip(" │├└─") for line in text.getvalue().splitlines()] == [
        "GetItem",
        "Append",
        "rows",
        "v",
        "0",
    ]
    assert repr(KIND) == "TypedList <TensorType(float64, vector)>"
