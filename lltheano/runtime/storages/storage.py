"""What holds the value of a shared variable, wherever that is.

A `Storage` holds one array. What stands above this layer uses this interface and knows nothing of
where the array lives: that is a `MemorySpace`, which makes its storages. The host's pool
(`lltheano.runtime.storages.pool_storage`) is one; a device, or another process, is another.

New contents come in two steps, so that several storages change together or not at all: they are
*prepared*, which may fail and which nobody sees, and then they are *committed*, which cannot fail,
or *abandoned*.
"""

import itertools
import threading
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from lltheano.runtime import pool
from lltheano.runtime.errors import DeadlockError, TornStorageError
from lltheano.runtime.receipt import Receipt
from lltheano_ir.abi import Status
from lltheano_ir.shapes import MAX_SIZE

__all__ = [
    "MemorySpace",
    "Preparation",
    "Storage",
    "assign_together",
    "native_dtype",
    "require_known_sizes",
]

_creation = itertools.count(1)


class Storage(ABC):
    """One array of a dtype and rank that are fixed; its sizes may change with every write.

    Each method is one atomic step, from any thread; one that raises has changed nothing.

    Parameters
    ----------
    dtype
        Of the elements. Byte order is the machine's.
    rank
        Number of dimensions.
    name
        Of the user's variable, for messages.

    Attributes
    ----------
    order
        Place in the order of creation, which is the order in which calls lock.
    FIRST
        Where the orders of this kind of storage start.
    address
        Where native code finds the lock and what it guards: a `structures.STORAGE` in the memory of
        this process, wherever the elements are.
    """

    FIRST: ClassVar[int] = 0

    address: int

    def __init__(self, dtype: DTypeLike, rank: int, name: str = "") -> None:
        self.dtype = native_dtype(dtype)
        self.rank = rank
        self.name = name
        self.order = self.FIRST + next(_creation)

    def __repr__(self) -> str:
        kind = type(self).__name__
        return f"<{kind} {self.label} {self.dtype} rank {self.rank} version {self.version}>"

    @property
    @abstractmethod
    def space(self) -> "MemorySpace":
        """Where the array lives."""

    @property
    def label(self) -> str:
        """The storage in an error message."""
        return f"shared variable {self.name!r}" if self.name else f"shared variable #{self.order}"

    @property
    @abstractmethod
    def version(self) -> int:
        """How often the contents were written."""

    @property
    @abstractmethod
    def lease_holder(self) -> int:
        """The thread that leases the storage, 0 for none."""

    @property
    @abstractmethod
    def shape(self) -> tuple[int, ...]:
        """The present sizes."""

    @abstractmethod
    def read_copy(self) -> NDArray[Any]:
        """Return a copy of the contents, in the host's memory, which belongs to the caller.

        Raises MemoryError when there is no room for it.
        """

    @abstractmethod
    def write(self, value: ArrayLike) -> None:
        """Replace the contents by a copy of the value, which may have other sizes.

        Raises
        ------
        TypeError, ValueError
            The value is not of the storage's dtype or rank.
        MemoryError
            There is no memory for the contents; the old ones stay.
        DeadlockError
            This thread leases the storage.
        """

    @abstractmethod
    def view(self) -> NDArray[Any]:
        """Return the contents themselves, without a lock: the opt-out from atomicity.

        A space whose memory the host does not reach raises TypeError.
        """

    @abstractmethod
    def lease(self) -> AbstractContextManager[NDArray[Any]]:
        """Return a context manager that locks the storage for writing and gives its contents as an
        array.
        """

    @abstractmethod
    def allocate(self, shape: tuple[int, ...]) -> "Preparation":
        """Return memory for contents of that shape, in the storage's space; what is in it is
        arbitrary. MemoryError when there is none.
        """

    @abstractmethod
    def prepare(self, value: ArrayLike) -> "Preparation":
        """Return a copy of the value in the storage's space, which nobody sees yet. Raises as
        `write` does.
        """

    @abstractmethod
    def commit(self, preparation: "Preparation") -> None:
        """Let what was prepared take the place of the contents. The caller leases the storage, or
        nobody else uses it. It cannot fail.
        """

    @abstractmethod
    def abandon(self, preparation: "Preparation") -> None:
        """Give up what was prepared. To drop it does the same."""

    @abstractmethod
    def release(self) -> None:
        """Give up the contents, once nothing uses the storage any more."""

    def explain(self, status: int, wanted_bytes: int) -> Exception:
        """The exception for a native function's status that concerns this storage."""
        if status == Status.OWN_LEASE and self.lease_holder != threading.get_ident():
            return DeadlockError(
                f"a call of a compiled function that is under way in this thread writes"
                f" {self.label}, which nothing else can write before it ends; return what is to be"
                " written from the Python function that the call is in, and make it an update"
            )
        if status == Status.OWN_LEASE:
            return DeadlockError(
                f"this thread leases {self.label} and now wants to write it by other means, which "
                "would wait for ever; end the lease first, or write through the leased array"
            )
        if status == Status.NO_MEMORY:
            return pool.out_of_memory(wanted_bytes)
        return TornStorageError(
            f"another thread was writing {self.label} when this process was forked, so its "
            "contents are incomplete here; fork while no function runs, or use the spawn method"
        )

    def _conform(self, value: ArrayLike) -> NDArray[Any]:
        """The value as a row-major array of this dtype and rank."""
        array = np.asarray(value)
        if array.dtype != self.dtype:
            raise TypeError(
                f"{self.label} holds {self.dtype}, got {array.dtype}; convert the value first"
            )
        if array.ndim != self.rank:
            raise ValueError(
                f"{self.label} has {self.rank} dimensions, got {array.ndim} (shape {array.shape})"
            )
        require_known_sizes(self.label, array.shape)
        if array.flags.c_contiguous and array.flags.aligned:
            return array
        return np.require(array, self.dtype, ["C_CONTIGUOUS", "ALIGNED"])


class Preparation:
    """New contents of a storage.

    Attributes
    ----------
    storage
        Whose contents they are to be.
    memory
        What owns them, until it is dropped; None once they are abandoned. In the host's pool it is
        an array.
    """

    __slots__ = ("memory", "storage")

    def __init__(self, storage: Storage, memory: Any) -> None:
        self.storage = storage
        self.memory = memory


class MemorySpace(ABC):
    """Where storages live.

    Attributes
    ----------
    name
        What users call it, as in `shared(value, target="cpu")`.
    is_host
        Whether programs that are compiled for the host compute in it.
    """

    name: ClassVar[str]
    is_host: ClassVar[bool]

    @abstractmethod
    def storage(self, dtype: DTypeLike, rank: int, name: str = "") -> Storage:
        """Return a new storage, which holds zeros: a scalar 0, or an array with every size 0."""

    @abstractmethod
    def commit_together(
        self, preparations: Sequence[Preparation], receipt: Receipt, outcome: Any
    ) -> None:
        """Commit what was prepared for several storages of this space, in one step, in which the
        outcome is noted in the receipt.
        """


def assign_together(
    values: Sequence[tuple[Storage, NDArray[Any]]], receipt: Receipt, outcome: Any
) -> None:
    """Replace the contents of several storages by copies, in one step: all of them, or none. In
    that step the outcome is noted in the receipt.

    The caller leases the storages, or nobody else uses them. They live in one space.

    Raises
    ------
    MemoryError
        There is no memory for the contents; the old ones stay.
    """
    preparations = [storage.prepare(value) for storage, value in values]
    spaces = {one.storage.space.name: one.storage.space for one in preparations}
    if len(spaces) > 1:
        raise ValueError(f"storages that change in one step live in one space; got {[*spaces]}")
    for space in spaces.values():
        space.commit_together(preparations, receipt, outcome)


def require_known_sizes(what: str, shape: tuple[int, ...]) -> None:
    """Raise ValueError for a size beyond what the compiler assumes, and memory could hold."""
    for axis, size in enumerate(shape):
        if size > MAX_SIZE:
            raise ValueError(f"{what}: size {size} in dimension {axis} is more than {MAX_SIZE}")


def native_dtype(dtype: DTypeLike) -> np.dtype[Any]:
    """NumPy's own object for the dtype in the machine's byte order; equal dtypes give one object.

    >>> native_dtype(">i4") is np.dtype("int32")
    True
    """
    return np.dtype(np.dtype(dtype).newbyteorder("=").str)
