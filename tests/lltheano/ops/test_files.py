"""Reading arrays from files while a function runs."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano import Generic, function, shared


@pytest.mark.parametrize("mmap_mode", [None, "c"])
def test_the_file_is_read_at_each_call(tmp_path: Path, mmap_mode: str | None) -> None:
    path = tmp_path / "x.npy"
    x = T.load(str(path), "float64", (False, False), mmap_mode)
    f = function([], x.sum(axis=0))
    for value in (np.ones((2, 3)), np.arange(8.0).reshape(4, 2)):
        np.save(path, value)
        assert f().tolist() == value.sum(axis=0).tolist()


def test_the_path_may_be_an_input_or_shared(tmp_path: Path) -> None:
    for name, value in (("a", 1.0), ("b", 2.0)):
        np.save(tmp_path / f"{name}.npy", np.array(value))
    path, kept = Generic()("path"), shared(str(tmp_path / "b.npy"))
    f = function([path], [T.load(path, "float64", ()), T.load(kept, "float64", ())])
    assert [float(one) for one in f(str(tmp_path / "a.npy"))] == [1.0, 2.0]


def test_what_is_not_as_declared_is_an_error_and_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "x.npy"
    state = shared(np.zeros(2))
    f = function([], updates=[(state, state + T.load(str(path), "float64", (False,)))])
    wrong: list[tuple[Any, type[Exception], str]] = [
        (np.zeros(2, "float32"), TypeError, "holds float32, not float64 with 1 axes"),
        (np.zeros((2, 2)), TypeError, r"holds an array of shape \(2, 2\)"),
        (np.array([None]), ValueError, "allow_pickle"),
    ]
    with pytest.raises(FileNotFoundError):
        f()
    for value, error, message in wrong:
        np.save(path, value, allow_pickle=True)
        with pytest.raises(error, match=message):
            f()
    np.savez(tmp_path / "x.npz", np.zeros(2))
    archive = function([], T.load(str(tmp_path / "x.npz"), "float64", (False,)))
    with pytest.raises(TypeError, match="an archive of arrays"):
        archive()
    np.save(path, np.ones(1))
    broadcasts = function([], T.load(str(path), "float64", (True,)))
    assert broadcasts().tolist() == [1.0]
    assert state.get_value().tolist() == [0.0, 0.0]


def test_what_is_no_path_is_refused() -> None:
    number: Any = 3
    with pytest.raises(TypeError, match="a path is a text, got 3"):
        T.load(number, "float64", ())
    with pytest.raises(TypeError, match="a path is of type Generic"):
        T.load(T.dscalar("x"), "float64", ())
    with pytest.raises(ValueError, match="mmap_mode must be None or 'c'"):
        T.load("x.npy", "float64", (), "r+")
    assert T.LoadFromDisk("float64", [0]) == T.LoadFromDisk("float64", (False,))
