"""Messages between processes, here threads with a communicator of the test's own."""

import queue
import sys
import threading
from collections import defaultdict
from typing import Any

import numpy as np
import pytest

import lltheano.tensor as T
from lltheano import function, shared
from lltheano.ops import messages
from lltheano.ops.messages import communicating_through


class Office:
    """Where messages lie until they are fetched."""

    def __init__(self) -> None:
        self.boxes: defaultdict[tuple[int, int, int], queue.Queue[Any]] = defaultdict(queue.Queue)


class Request:
    def __init__(self, end: Any) -> None:
        self.wait = end


class Communicator:
    """One process: what it sends has arrived when its receiver has taken it."""

    def __init__(self, office: Office, rank: int) -> None:
        self.office = office
        self.rank = rank
        self.log: list[str] = []

    def Isend(self, data: Any, dest: int, tag: int) -> Request:
        self.log.append(f"send {tag}")
        taken = threading.Event()
        self.office.boxes[self.rank, dest, tag].put((data, taken))
        return Request(lambda: taken.wait(10))

    def Irecv(self, data: Any, source: int, tag: int) -> Request:
        self.log.append(f"receive {tag}")

        def end() -> None:
            self.log.append(f"wait {tag}")
            sent, taken = self.office.boxes[source, self.rank, tag].get(timeout=10)
            data[...] = sent
            taken.set()

        return Request(end)


def run(office: Office, programs: list[Any]) -> list[Any]:
    """Call one function in each process; their results, or what they raise."""
    results: list[Any] = [None] * len(programs)

    def process(rank: int) -> None:
        try:
            with communicating_through(Communicator(office, rank)):
                results[rank] = programs[rank]()
        except BaseException as error:  # noqa: BLE001 - it is looked at by the test
            results[rank] = error

    threads = [threading.Thread(target=process, args=(rank,)) for rank in range(len(programs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not any(thread.is_alive() for thread in threads)
    return results


def test_an_array_is_sent_and_received() -> None:
    x = T.fmatrix("x")
    value = np.arange(6, dtype="float32").reshape(2, 3)
    sender = function([x], T.send(x * 2, 1, 11))
    receiver = function([], T.recv((2, 3), "float32", 0, 11) + 1)
    _, found = run(Office(), [lambda: sender(value), receiver])
    assert found.dtype == np.float32
    assert found.tolist() == (2 * value + 1).tolist()
    assert not messages._requests


def test_two_processes_that_send_to_each_other_do_not_wait_for_each_other() -> None:
    x = T.dvector("x")
    programs = []
    for rank in range(2):
        received = T.recv((2,), "float64", 1 - rank, 5)
        exchange = function([x], [received * 10, T.send(x, 1 - rank, 5)])
        programs.append(lambda f=exchange, r=rank: f([1.0 + r, 2.0 + r])[0])
    first, second = run(Office(), programs)
    assert (first.tolist(), second.tolist()) == ([20.0, 30.0], [10.0, 20.0])


def test_messages_begin_early_and_are_waited_for_late() -> None:
    communicator = Communicator(Office(), 0)
    x = T.dvector("x")
    late = [T.recv((1,), "float64", 0, tag) for tag in (1, 2)]
    f = function([x], [*late, T.send(x, 0, 1), T.send(x * 2, 0, 2)])
    with communicating_through(communicator):
        found = f([3.0])
    assert [one.tolist() for one in found[:2]] == [[3.0], [6.0]]
    assert sorted(communicator.log[:4]) == ["receive 1", "receive 2", "send 1", "send 2"]
    assert communicator.log[4:] == ["wait 1", "wait 2"]


def test_a_request_that_fails_leaves_state_as_it_was() -> None:
    class Broken(Communicator):
        def Isend(self, data: Any, dest: int, tag: int) -> Request:
            raise ConnectionError("the line is dead")

    state = shared(np.zeros(2))
    f = function([], T.send(state, 1, 1), updates=[(state, state + 1)])
    with communicating_through(Broken(Office(), 0)), pytest.raises(ConnectionError, match="dead"):
        f()
    assert state.get_value().tolist() == [0.0, 0.0]


def test_without_mpi4py_the_call_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mpi4py", None)
    x = T.dvector("x")
    with pytest.raises(ImportError, match=r"pip install lltheano\[mpi\]"):
        function([x], T.send(x, 1, 1))([1.0])


def test_ops_are_told_apart_by_their_parameters_and_have_keys() -> None:
    assert T.MPISend(1, 2) == T.MPISend(1, 2) != T.MPISend(1, 3)
    assert T.MPIRecv(0, 2, (3,), "float64") == T.MPIRecv(0, 2, [3], "float64")
    x = T.dvector("x")
    request, data = T.isend(x, 1, 7)
    waiting: Any = T.MPISendWait(7)(request, data)
    first: Any = request.owner
    other: Any = T.exp(x).owner
    keys = [(T.mpi_send_wait_key(one), T.mpi_tag_key(one)) for one in (first, waiting.owner)]
    assert keys == [(-1, 7), (1, 7)]
    assert (T.mpi_send_wait_key(other), T.mpi_tag_key(other)) == (0, 0)
