"""The functions outside a module that its code may call, by name, address and signature.

Invariants: compiled code calls nothing that was not registered here; a name keeps one address and
one signature for the life of its table. The check itself is in `lltheano_ir.native.mcjit`: MCJIT
would end the process on a name it cannot find, and would call a wrong signature without a word.
"""

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import field
from typing import Protocol

from lltheano_ir.locks import ProcessLock
from lltheano_ir.records import record

__all__ = ["Callee", "CalleeError", "CalleeLibrary", "CalleeTable"]

_SYMBOL = re.compile(r"[A-Za-z_.$][\w.$]*")


class CalleeError(Exception):
    """A callee is unknown, or is registered or declared in two ways that differ."""


@record(frozen=True)
class Callee:
    """A native function that compiled code may call.

    Attributes
    ----------
    name
        The symbol that modules declare.
    address
        Where the function is in this process.
    signature
        Its LLVM function type, as LLVM prints it: `ptr (i64)`.
    origin
        Where it comes from, for people: `libc`, `scipy.linalg.cython_blas`.
    owner
        An object that keeps the function in memory; loaded code that calls it holds on to it.

    >>> Callee("pool_alloc", 4096, "ptr (i64)", origin="pool").declaration
    'declare ptr @pool_alloc(i64)'
    """

    name: str
    address: int
    signature: str
    origin: str = "unknown"
    owner: object = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        if not _SYMBOL.fullmatch(self.name):
            raise CalleeError(f"a callee's name must be a plain symbol, got {self.name!r}")
        if self.address <= 0:
            raise CalleeError(f"callee {self.name!r} needs an address, got {self.address}")
        if not re.fullmatch(r"\S.* \(.*\)", self.signature):
            raise CalleeError(
                f"callee {self.name!r} needs an LLVM function type such as 'ptr (i64)', "
                f"got {self.signature!r}"
            )

    @property
    def declaration(self) -> str:
        """The line of LLVM IR that declares it."""
        result, _, parameters = self.signature.partition(" (")
        return f"declare {result} @{self.name}({parameters}"


class CalleeLibrary(Protocol):
    """A source of callees that are looked up when code first needs them."""

    def find(self, name: str) -> Callee | None:
        """The callee of that name, or None where the library has none."""
        ...


class CalleeTable:
    """Callees by name: those registered one by one, then those of libraries in order.

    Safe to use from any thread.

    >>> table = CalleeTable([Callee("pool_alloc", 4096, "ptr (i64)")])
    >>> table["pool_alloc"].address
    4096
    >>> table["pool_aloc"]
    Traceback (most recent call last):
      ...
    lltheano_ir.native.callees.CalleeError: no callee 'pool_aloc' is registered; similar: pool_alloc
    """

    def __init__(
        self, callees: Iterable[Callee] = (), libraries: Iterable[CalleeLibrary] = ()
    ) -> None:
        self._lock = ProcessLock()
        self._callees: dict[str, Callee] = {}
        self._libraries = tuple(libraries)
        for callee in callees:
            self.register(callee)

    def register(self, callee: Callee) -> None:
        """Add a callee. Adding the same one again changes nothing.

        Raises
        ------
        CalleeError
            The name is taken by another address or signature.
        """
        with self._lock:
            known = self._callees.setdefault(callee.name, callee)
        if (known.address, known.signature) != (callee.address, callee.signature):
            raise CalleeError(
                f"callee {callee.name!r} is registered as {known.signature} at "
                f"{known.address:#x} ({known.origin}); it cannot also be {callee.signature} at "
                f"{callee.address:#x} ({callee.origin})"
            )

    def find(self, name: str) -> Callee | None:
        """The callee of that name, or None."""
        with self._lock:
            for library in self._libraries:
                if name in self._callees:
                    break
                callee = library.find(name)
                if callee is not None:
                    self._callees[name] = callee
            return self._callees.get(name)

    def __getitem__(self, name: str) -> Callee:
        callee = self.find(name)
        if callee is None:
            close = difflib.get_close_matches(name, [known.name for known in self])
            similar = f"; similar: {', '.join(close)}" if close else ""
            raise CalleeError(f"no callee {name!r} is registered{similar}")
        return callee

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.find(name) is not None

    def __iter__(self) -> Iterator[Callee]:
        """The callees registered or looked up so far, by name."""
        with self._lock:
            return iter(sorted(self._callees.values(), key=lambda callee: callee.name))
