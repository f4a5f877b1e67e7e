"""Leases: exclusive use of a storage in the pool, each side of a `with` block one native step."""

import threading
from collections.abc import Callable
from operator import attrgetter
from types import TracebackType
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from lltheano.runtime.box import box_plainly
from lltheano_ir.abi import Status

if TYPE_CHECKING:
    from lltheano.runtime.storages.pool_storage import PoolStorage

__all__ = ["Lease", "Side"]


class Side:
    """`__enter__` or `__exit__` of a lease.

    `with` looks both up before it calls the first, and so gets the built-ins themselves: there is
    no Python code, which could be interrupted, between the lock and the block. Code that looks them
    up in the class, such as `contextlib.ExitStack`, gets this object to call.
    """

    def __init__(self, attribute: str) -> None:
        self._built_in = attrgetter(attribute)

    def __get__(self, lease: Any, owner: type) -> Callable[..., Any]:
        found: Callable[..., Any] = self if lease is None else self._built_in(lease)
        return found

    def __call__(self, lease: Any, *error: object) -> Any:
        """Begin or end a lease, for code that found this in its class."""
        return self._built_in(lease)(*error)


class Lease:
    """Exclusive use of a storage's contents for the length of a `with` block.

    The array becomes read-only when the block ends. Views made from it stay valid memory; writing
    through one of those later is as unprotected as `PoolStorage.view`.

    The block may be left by any thread, and its end is one native step, which nothing interrupts. A
    lease that is dropped without having been ended, ends.
    """

    __slots__ = ("_begin", "_end", "_storage")

    def __init__(self, storage: "PoolStorage") -> None:
        self._storage = storage
        native = storage._native
        if native.boxes_natively:
            sides = native.new_lease(storage.address, storage.dtype.num, storage.resolve_lease)
        else:
            sides = _plain_sides(storage)
        self._begin, self._end = sides

    if TYPE_CHECKING:

        def __enter__(self) -> NDArray[Any]: ...

        def __exit__(
            self,
            kind: type[BaseException] | None,
            error: BaseException | None,
            traceback: TracebackType | None,
        ) -> None: ...

    else:
        __enter__ = Side("_begin")
        __exit__ = Side("_end")


def _plain_sides(storage: "PoolStorage") -> tuple[Callable[[], NDArray[Any]], Callable[..., None]]:
    """The two sides of a lease, without relying on the layout of NumPy's objects."""
    native, shown = storage._native, list[NDArray[Any]]()

    def begin() -> NDArray[Any]:
        record = storage._new_record()
        while (status := native.storage_lease_released(storage.address, record, 0)) != Status.DONE:
            storage.resolve_lease(status)
        storage._fields.holder = threading.get_ident()
        shown.append(box_plainly(record, storage.dtype))
        return shown[-1]

    def end(*_: object) -> None:
        shown.pop().flags.writeable = False
        storage._fields.holder = 0
        native.storage_end_lease(storage.address)

    return begin, end
