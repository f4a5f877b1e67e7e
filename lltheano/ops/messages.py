"""Sending arrays to other processes, and receiving them, through MPI.

`mpi4py` does the work; it is imported when a function first sends or receives, and is no part of
this package's own needs. A request that is under way is known to the graph by its number. Messages
are sent and received as early, and waited for as late, as the graph allows, so that two processes
that send to each other before they receive do not wait for each other.

Invariant: the memory of a message lives until its request has ended, whatever becomes of the call
that began it.
"""

import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lltheano.graph import Apply, Op, Variable
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.promotion import canonical_dtype
from lltheano.tensor.variables.variable import TensorType, TensorVariable
from lltheano_ir.locks import ProcessLock

__all__ = [
    "MPIRecv",
    "MPIRecvWait",
    "MPISend",
    "MPISendWait",
    "communicating_through",
    "irecv",
    "isend",
    "mpi_send_wait_key",
    "mpi_tag_key",
    "recv",
    "send",
]

_chosen: ContextVar[Any] = ContextVar("communicator", default=None)
_numbers = itertools.count(1)
_requests: dict[int, tuple[Any, NDArray[Any]]] = {}
_lock = ProcessLock()


@contextmanager
def communicating_through(communicator: Any) -> Iterator[None]:
    """Let functions that this thread calls in the block use another communicator than the world's.

    It needs the methods `Isend(data, dest, tag)` and `Irecv(data, source, tag)` of mpi4py, whose
    results have a method `wait()`.
    """
    token = _chosen.set(communicator)
    try:
        yield
    finally:
        _chosen.reset(token)


def _communicator() -> Any:
    chosen = _chosen.get()
    if chosen is not None:
        return chosen
    try:
        # Starts MPI in this process, and is installed only where it is wanted.
        world = import_module("mpi4py.MPI").COMM_WORLD
    except (ImportError, RuntimeError) as error:  # the latter where there is no MPI library
        raise ImportError(
            "sending and receiving need mpi4py and an MPI library, such as Open MPI or MPICH:"
            " pip install lltheano[mpi]"
        ) from error
    return world


def _begin(request: Any, data: NDArray[Any]) -> int:
    """The number of a request that was begun on some memory."""
    with _lock:
        number = next(_numbers)
        _requests[number] = request, data
    return number


def _end(number: Any) -> NDArray[Any]:
    """Wait for a request, and return its memory; LookupError when it has ended already."""
    with _lock:
        found = _requests.pop(int(number), None)
    if found is None:
        raise LookupError(f"request {int(number)} has been waited for already")
    request, data = found
    request.wait()
    return data


def _request() -> Variable:
    return TensorType("int64", ())("request")


class MPISend(Op):
    """Begin to send an array; gives the number of the request, and the array.

    Parameters
    ----------
    dest
        The rank of the process that receives it.
    tag
        The number by which it tells the message from others.
    """

    __props__ = ("dest", "tag")
    ordered = True
    schedule = -1

    def __init__(self, dest: int, tag: int) -> None:
        self.dest = dest
        self.tag = tag

    def make_node(self, data: Any) -> Apply:
        """Any tensor."""
        data = as_tensor_variable(data)
        return Apply(self, [data], [_request(), data.type()])

    def perform(
        self, node: Apply, inputs: Sequence[Any], output_storage: Sequence[list[Any]]
    ) -> None:
        """Begin to send."""
        (data,) = inputs
        request = _communicator().Isend(data, dest=self.dest, tag=self.tag)
        output_storage[0][0] = np.int64(_begin(request, data))
        output_storage[1][0] = data

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        """A number, and the array as it is."""
        return [(), shapes[0]]


class MPISendWait(Op):
    """Wait until an array has been sent; gives the number of the request.

    Parameters
    ----------
    tag
        Of the message.
    """

    __props__ = ("tag",)
    ordered = True
    schedule = 1

    def __init__(self, tag: int) -> None:
        self.tag = tag

    def make_node(self, request: Any, data: Any) -> Apply:
        """What `MPISend` gives."""
        operands = [as_tensor_variable(request), as_tensor_variable(data)]
        return Apply(self, operands, [_request()])

    def perform(
        self, node: Apply, inputs: Sequence[Any], output_storage: Sequence[list[Any]]
    ) -> None:
        """Wait."""
        _end(inputs[0])
        output_storage[0][0] = inputs[0]

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        """A number."""
        return [()]


class MPIRecv(Op):
    """Begin to receive an array; gives the number of the request, and the array before it came.

    Parameters
    ----------
    source
        The rank of the process that sends it.
    tag
        The number by which that process tells the message from others.
    shape, dtype
        Of the array.
    """

    __props__ = ("source", "tag", "shape", "dtype")
    ordered = True
    schedule = -1

    def __init__(self, source: int, tag: int, shape: Sequence[int], dtype: Any) -> None:
        self.source = source
        self.tag = tag
        self.shape = tuple(int(size) for size in shape)
        self.dtype = canonical_dtype(dtype)
        self.broadcastable = (False,) * len(self.shape)

    def make_node(self) -> Apply:
        """Nothing is needed."""
        return Apply(self, [], [_request(), TensorType(self.dtype, self.broadcastable)()])

    def perform(
        self, node: Apply, inputs: Sequence[Any], output_storage: Sequence[list[Any]]
    ) -> None:
        """Begin to receive."""
        data = np.zeros(self.shape, self.dtype)
        request = _communicator().Irecv(data, source=self.source, tag=self.tag)
        output_storage[0][0] = np.int64(_begin(request, data))
        output_storage[1][0] = np.zeros(self.shape, self.dtype)

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        """A number, and the array's own shape."""
        return [(), self.shape]


class MPIRecvWait(Op):
    """Wait until an array has been received; gives the array.

    Parameters
    ----------
    tag
        Of the message.
    """

    __props__ = ("tag",)
    ordered = True
    schedule = 1

    def __init__(self, tag: int) -> None:
        self.tag = tag

    def make_node(self, request: Any, data: Any) -> Apply:
        """What `MPIRecv` gives."""
        data = as_tensor_variable(data)
        return Apply(self, [as_tensor_variable(request), data], [data.type()])

    def perform(
        self, node: Apply, inputs: Sequence[Any], output_storage: Sequence[list[Any]]
    ) -> None:
        """Wait."""
        output_storage[0][0] = _end(inputs[0])

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        """That of the array."""
        return [shapes[1]]


def isend(var: Any, dest: int, tag: int) -> list[Variable]:
    """Return the number of a request to send `var` to the process of rank `dest`, and `var`.

    Pass both to `MPISendWait(tag)`, or use `send`. `tag` tells the message from others.

    >>> import lltheano.tensor as T
    >>> request, data = isend(T.dvector("x"), 1, 7)
    >>> request.type, data.type
    (TensorType(int64, scalar), TensorType(float64, vector))
    """
    result: list[Variable] = MPISend(dest, tag)(var)
    return result


def send(var: Any, dest: int, tag: int) -> Variable:
    """Return a number that is there once `var` was sent to the process of rank `dest`.

    It has to be an output of the function, or to be used, for the message to be sent. `tag` tells
    the message from others. ImportError, when the function is called, where mpi4py is missing.

    >>> import lltheano.tensor as T
    >>> send(T.dvector("x"), 1, 7).owner.op
    MPISendWait{tag=7}
    """
    result: Variable = MPISendWait(tag)(*isend(var, dest, tag))
    return result


def irecv(shape: Sequence[int], dtype: Any, source: int, tag: int) -> list[Variable]:
    """Return the number of a request to receive an array, and the array before it came.

    Pass both to `MPIRecvWait(tag)`, or use `recv`.

    >>> request, data = irecv((2, 3), "float32", 0, 7)
    >>> data.type
    TensorType(float32, matrix)
    """
    result: list[Variable] = MPIRecv(source, tag, shape, dtype)()
    return result


def recv(shape: Sequence[int], dtype: Any, source: int, tag: int) -> TensorVariable:
    """Return an array that the process of rank `source` sends.

    ImportError, when the function is called, where mpi4py is missing.

    Parameters
    ----------
    shape, dtype
        Of the array.
    source, tag
        The rank of the process, and the number that it gives the message.

    Examples
    --------
    >>> recv((2, 3), "float32", 0, 7).type
    TensorType(float32, matrix)
    """
    result: TensorVariable = MPIRecvWait(tag)(*irecv(shape, dtype, source, tag))
    return result


def mpi_send_wait_key(a: Apply) -> int:
    """Return -1 for an application that begins a request, 1 for one that waits, 0 for others.

    Applications are computed in this order, so far as the graph allows.

    >>> mpi_send_wait_key(recv((2,), "float64", 0, 7).owner)
    1
    """
    if isinstance(a.op, MPISend | MPISendWait | MPIRecv | MPIRecvWait):
        return a.op.schedule
    return 0


def mpi_tag_key(a: Apply) -> int:
    """Return the tag of an application that sends, receives or waits, 0 for others.

    >>> mpi_tag_key(recv((2,), "float64", 0, 7).owner)
    7
    """
    if isinstance(a.op, MPISend | MPISendWait | MPIRecv | MPIRecvWait):
        return a.op.tag
    return 0
