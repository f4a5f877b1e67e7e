"""The interface of storages: two steps for new contents, and a second kind of memory space."""

import ast
import copy
import pickle
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import ArrayLike, DTypeLike, NDArray

import lltheano.tensor as T
from lltheano import function, shared
from lltheano.runtime import pool
from lltheano.runtime.errors import UnreachableStorageError
from lltheano.runtime.native_code import NativeCode
from lltheano.runtime.receipt import Receipt
from lltheano.runtime.storages import spaces
from lltheano.runtime.storages.pool_storage import HOST, PoolStorage
from lltheano.runtime.storages.spaces import SPACES, memory_space
from lltheano.runtime.storages.storage import MemorySpace, Preparation, Storage, assign_together
from lltheano.shared import fresh_storage

# ---------------------------------------------------------------- the host's pool


def test_what_is_prepared_is_seen_once_it_is_committed() -> None:
    storage = HOST.storage("float64", 2, "w")
    preparation = storage.prepare(np.ones((2, 3)))
    version = storage.version
    assert storage.shape == (0, 0)
    storage.commit(preparation)
    assert storage.read_copy().tolist() == np.ones((2, 3)).tolist()
    assert storage.version == version + 1


@pytest.mark.parametrize("natively", [True, False])
@pytest.mark.parametrize("end", ["commit", "abandon", "drop"])
def test_every_block_returns(monkeypatch: pytest.MonkeyPatch, end: str, natively: bool) -> None:
    monkeypatch.setattr(NativeCode, "boxes_natively", natively)
    storage = PoolStorage("float64", 1)
    storage.write(np.zeros(10))
    before = pool.statistics().live
    preparation = storage.prepare(np.arange(2000.0))
    assert pool.statistics().live == before + 1
    if end == "commit":
        storage.commit(preparation)
        assert storage.read_copy().tolist() == [*range(2000)]
    elif end == "abandon":
        storage.abandon(preparation)
        assert pool.statistics().live == before
    del preparation
    assert pool.statistics().live == before
    storage.release()
    assert pool.statistics().live == before - 1


def test_a_view_keeps_what_it_showed_when_new_contents_are_committed() -> None:
    storage = HOST.storage("int64", 1)
    storage.write([1, 2])
    view = storage.view()
    storage.commit(storage.prepare([3, 4, 5]))
    assert (view.tolist(), storage.view().tolist()) == ([1, 2], [3, 4, 5])


def test_contents_that_do_not_fit_are_not_prepared() -> None:
    storage = HOST.storage("float32", 1, "bias")
    with pytest.raises(TypeError, match="'bias' holds float32, got float64"):
        storage.prepare(np.zeros(3))
    with pytest.raises(ValueError, match="1 dimensions, got 2"):
        storage.prepare(np.zeros((3, 3), "float32"))
    with pytest.raises(ValueError, match="is more than"):
        storage.allocate((1 << 49,))
    with pytest.raises(MemoryError, match=r"no memory for 1024\.0 TiB"):
        storage.allocate((1 << 48,))


@pytest.mark.parametrize("successes", [0, 1, 2])
def test_several_change_together_or_none(successes: int) -> None:
    storages = [HOST.storage("float64", 1, f"s{number}") for number in range(3)]
    for one in storages:
        one.write([1.0])
    values = [(one, np.full(1000, 2.0)) for one in storages]
    live, receipt = pool.statistics().live, Receipt()
    with pool.failing_allocation(successes), pytest.raises(MemoryError):
        assign_together(values, receipt, "outcome")
    assert receipt.settle() is None
    assert [one.read_copy().tolist() for one in storages] == [[1.0]] * 3
    assert pool.statistics().live == live
    assign_together(values, receipt, "outcome")
    assert receipt.settle() == ("outcome",)
    assert [one.read_copy().sum() for one in storages] == [2000.0] * 3


# ---------------------------------------------------------------- another memory space


class Elsewhere(MemorySpace):
    """Memory that programs of the host do not reach: a dict from addresses to bytes."""

    name = "elsewhere"
    is_host = False

    def __init__(self) -> None:
        self.memory: dict[int, bytes] = {}
        self.capacity = 1 << 20

    def storage(self, dtype: DTypeLike, rank: int, name: str = "") -> "RemoteStorage":
        return RemoteStorage(self, dtype, rank, name)

    def send(self, data: bytes) -> int:
        if sum(map(len, self.memory.values())) + len(data) > self.capacity:
            raise MemoryError("elsewhere is full")
        address = max(self.memory, default=0) + 1
        self.memory[address] = data
        return address

    def commit_together(
        self, preparations: Sequence[Preparation], receipt: Receipt, outcome: Any
    ) -> None:
        receipt.commit(outcome, self._swap, (preparations,))

    def _swap(self, preparations: Sequence[Preparation]) -> int:
        for one in preparations:
            storage = one.storage
            assert isinstance(storage, RemoteStorage)
            storage.release()
            storage.contents, one.memory = one.memory, None
            storage.written += 1
        return 0


class RemoteStorage(Storage):
    """An array in `Elsewhere`: contents are an address and sizes."""

    lease_holder = 0

    def __init__(self, space: Elsewhere, dtype: DTypeLike, rank: int, name: str) -> None:
        super().__init__(dtype, rank, name)
        self.written = 0
        self.remote = space
        self.contents: tuple[int, tuple[int, ...]] | None = None
        self.write(np.zeros((0,) * rank, self.dtype))

    @property
    def space(self) -> MemorySpace:
        return self.remote

    @property
    def version(self) -> int:
        return self.written

    @property
    def shape(self) -> tuple[int, ...]:
        assert self.contents is not None
        return self.contents[1]

    def read_copy(self) -> NDArray[Any]:
        assert self.contents is not None
        data = bytearray(self.remote.memory[self.contents[0]])
        return np.frombuffer(data, self.dtype).reshape(self.shape)

    def write(self, value: ArrayLike) -> None:
        self.commit(self.prepare(value))

    def view(self) -> NDArray[Any]:
        raise TypeError(f"{self.label} is not in the host's memory")

    @contextmanager
    def lease(self) -> Iterator[NDArray[Any]]:
        array = self.read_copy()
        yield array
        self.write(array)

    def allocate(self, shape: tuple[int, ...]) -> Preparation:
        return self.prepare(np.zeros(shape, self.dtype))

    def prepare(self, value: ArrayLike) -> Preparation:
        array = self._conform(value)
        return Preparation(self, (self.remote.send(array.tobytes()), array.shape))

    def commit(self, preparation: Preparation) -> None:
        self.remote.commit_together([preparation], Receipt(), None)

    def abandon(self, preparation: Preparation) -> None:
        if preparation.memory is not None:
            del self.remote.memory[preparation.memory[0]]
            preparation.memory = None

    def release(self) -> None:
        if self.contents is not None:
            del self.remote.memory[self.contents[0]]
            self.contents = None


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Elsewhere:
    space = Elsewhere()
    monkeypatch.setattr(spaces, "SPACES", {**SPACES, space.name: space})
    return space


def test_a_shared_variable_lives_where_it_is_told_to(elsewhere: Elsewhere) -> None:
    start = np.arange(6.0).reshape(2, 3)
    variable = shared(start, name="w", target="elsewhere")
    assert [*elsewhere.memory.values()] == [start.tobytes()]
    np.testing.assert_array_equal(variable.get_value(), start)
    variable.set_value(np.ones((1, 2)))
    with variable.borrowed() as array:
        array += 1
    assert variable.get_value().tolist() == [[2, 2]]
    variable.zero()
    assert variable.container.backing.shape == (1, 2)
    assert len(elsewhere.memory) == 1
    with pytest.raises(TypeError, match="'w' is not in the host's memory"):
        variable.get_value(borrow=True)
    with pytest.raises(TypeError, match="set_value of w"):
        variable.set_value("no array")
    assert variable.get_value().tolist() == [[0, 0]]


def test_a_value_that_has_no_room_leaves_the_old_one(elsewhere: Elsewhere) -> None:
    variable = shared(np.ones(3), target="elsewhere")
    elsewhere.capacity = 100
    with pytest.raises(MemoryError, match="elsewhere is full"):
        variable.set_value(np.zeros(100))
    assert variable.get_value().tolist() == [1, 1, 1]


def test_copies_and_pickles_live_in_the_same_place(elsewhere: Elsewhere) -> None:
    variable = shared(np.ones(3), target="elsewhere")
    containers: list[Any] = [
        fresh_storage(variable).container,
        copy.deepcopy(variable.container),
        pickle.loads(pickle.dumps(variable.container)),
    ]
    for other in containers:
        assert other.target == "elsewhere"
        other.write(np.zeros(2))
    assert variable.get_value().tolist() == [1, 1, 1]


def test_a_program_of_the_host_says_what_it_does_not_reach(elsewhere: Elsewhere) -> None:
    variable = shared(np.ones(3), name="w", target="elsewhere")
    for make in (
        lambda: function([], variable.sum()),
        lambda: function([], updates=[(variable, T.zeros_like(variable))]),
    ):
        with pytest.raises(UnreachableStorageError, match=r"'w' lives in 'elsewhere'.*'cpu'"):
            make()
    with pytest.raises(TypeError, match="applies to arrays; got dict"):
        shared({}, target="elsewhere")


def test_storages_of_two_spaces_do_not_change_in_one_step(elsewhere: Elsewhere) -> None:
    here, there = HOST.storage("float64", 0), elsewhere.storage("float64", 0)
    with pytest.raises(ValueError, match=r"one space; got \['cpu', 'elsewhere'\]"):
        assign_together([(here, np.ones(())), (there, np.ones(()))], Receipt(), None)
    assert (here.read_copy(), there.read_copy()) == (0, 0)


def test_the_spaces_are_named() -> None:
    assert memory_space("cpu") is HOST
    assert [name for name, one in SPACES.items() if one.name != name] == []


_OBJECTS = "lltheano/shared/objects.py"  # its locks are the host's, as Python objects are


def test_nothing_above_the_run_time_knows_where_storage_lives() -> None:
    root = Path(__file__).parents[3]
    for folder in ("shared", "function"):
        for file in (root / "lltheano" / folder).rglob("*.py"):
            if str(file.relative_to(root)) == _OBJECTS:
                continue
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ImportFrom):
                    assert node.module != "lltheano.runtime.storages.pool_storage", file
