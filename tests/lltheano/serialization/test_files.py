"""Loading with existing shared variables, archives of arrays, and the special picklers."""

import io
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lltheano import tensor as T
from lltheano.function import function
from lltheano.serialization import (
    CompatUnpickler,
    StripPickler,
    dump,
    dump_archive,
    dumps,
    function_dump,
    load,
    load_archive,
    loads,
    rebinding,
)
from lltheano.serialization.archive import PersistentNdarrayID, PersistentSharedVariableID
from lltheano.shared import shared

x = T.dscalar("x")


@pytest.fixture
def count() -> Any:
    return shared(1.0, "count")


def test_a_function_uses_existing_variables_by_name(count: Any) -> None:
    other = shared(5.0, "other")
    data = dumps([function([x], updates=[(count, count + x * other)]), other])
    mine = shared(100.0, "mine")
    step, others = loads(data, shared={"count": mine})
    step(2.0)
    assert (mine.get_value(), count.get_value()) == (110, 1)
    others.set_value(1.0)
    step(1.0)
    assert mine.get_value() == 111
    assert other.get_value() == 5


def test_files_and_plain_pickle_rebind_too(count: Any) -> None:
    dump(count * 2, file := io.BytesIO())
    count.set_value(4.0)
    file.seek(0)
    assert load(file, shared=[count]).eval() == 8
    with rebinding([count]):
        assert pickle.loads(file.getvalue()).eval() == 8
    assert pickle.loads(file.getvalue()).eval() == 2


def test_what_does_not_fit_is_refused(count: Any) -> None:
    data = dumps(count + 1)
    with pytest.raises(TypeError, match=r"whole .* cannot take the place of the pickled 'count'"):
        loads(data, shared={"count": shared(1, "whole")})
    with pytest.raises(ValueError, match=r"is called 'cuont'; the shared variables .* are 'count'"):
        loads(data, shared={"cuont": count})
    with pytest.raises(TypeError, match=r"'count' is to be 3, which is no shared variable"):
        loads(data, shared={"count": 3})  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="has no name to be found by"):
        loads(data, shared=[shared(1.0)])
    with pytest.raises(ValueError, match="two shared variables are called 'count'"):
        loads(data, shared=[count, shared(1.0, "count")])
    assert loads(data).eval() == 2


def test_an_archive_holds_arrays_that_others_can_read(tmp_path: Path) -> None:
    weights, bias = shared(np.ones((2, 3)), "weights"), shared(np.zeros(3), "bias")
    same, unnamed = shared(np.full(2, 7.0), "bias"), shared(np.full(1, 9.0))
    path = tmp_path / "model.zip"
    with path.open("wb") as file:
        dump_archive([weights, bias, same, unnamed, np.arange(2), weights * bias], file)
    arrays = np.load(path)
    assert arrays["weights"].tolist() == np.ones((2, 3)).tolist()
    assert [arrays[name].tolist() for name in ("bias", "bias_2", "array_0", "array_1")] == [
        [0, 0, 0],
        [7, 7],
        [9],
        [0, 1],
    ]
    with path.open("rb") as file:
        w, b, again, _, numbers, product = load_archive(file)
    assert (w.name, again.get_value().tolist(), numbers.tolist()) == ("weights", [7, 7], [0, 1])
    b.set_value(np.ones(3) * 2)
    assert product.eval().tolist() == [[2, 2, 2]] * 2
    with path.open("rb") as file:
        assert load_archive(file, shared={"weights": weights})[0] is weights


def test_an_archive_can_number_all_arrays_or_insist_on_names() -> None:
    dump_archive(shared(np.ones(2), "w"), file := io.BytesIO(), persistent_id=PersistentNdarrayID)
    assert sorted(zipfile.ZipFile(file).namelist()) == ["array_0", "pkl"]
    assert load_archive(file).get_value().tolist() == [1, 1]

    def strict(archive: zipfile.ZipFile) -> PersistentSharedVariableID:
        return PersistentSharedVariableID(archive, allow_unnamed=False, allow_duplicates=False)

    with pytest.raises(ValueError, match="has no name to call its array by"):
        dump_archive(shared(1.0), io.BytesIO(), persistent_id=strict)
    with pytest.raises(ValueError, match="two shared variables are called 'a'"):
        dump_archive([shared(1.0, "a"), shared(2.0, "a")], io.BytesIO(), persistent_id=strict)


def test_notes_and_lines_can_be_left_out() -> None:
    y = T.exp(x * 2)
    y.tag.roles, y.tag.annotations, y.tag.mine = [1], [2], [3]
    StripPickler(file := io.BytesIO(), extra_tag_to_remove="annotations").dump(y)
    z = pickle.loads(file.getvalue())
    assert vars(z.tag) == {"mine": [3]}
    assert (z.source, z.owner.inputs[0].source) == (None, None)
    assert __file__.encode() not in file.getvalue()
    assert vars(y.tag) == {"roles": [1], "annotations": [2], "mine": [3]}
    assert z.eval({"x": 0.0}) == 1


def test_pickles_of_python_2_can_be_read() -> None:
    array = b"U\x02\xe9\xff."
    with pytest.raises(UnicodeDecodeError):
        pickle.loads(array)
    assert CompatUnpickler(io.BytesIO(array)).load() == "éÿ"


def test_the_arguments_of_a_function_can_be_dumped(tmp_path: Path) -> None:
    s = shared(0.0, "s")
    path = tmp_path / "arguments.pkl"
    function_dump(str(path), [x], {"y": x + s}, updates=[(s, x)], name="f")
    with path.open("rb") as file:
        f = function(**pickle.load(file))
    assert [f(1.0), f(2.0)] == [{"y": 1}, {"y": 3}]
    assert f.name == "f"
    assert s.get_value() == 0
