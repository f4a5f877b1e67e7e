"""Pickles in zip files, with the arrays beside them as `.npy` files.

The archive holds the member `pkl`, a pickle, and a member for each array. Arrays of shared
variables are called after the variables, so that `numpy.load` of the archive finds them by name.
"""

import io
import pickle
import zipfile
from collections.abc import Callable
from contextlib import nullcontext
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from lltheano.shared import SharedVariable, TensorContainer
from lltheano.shared.rebinding import Bindable, rebinding

__all__ = [
    "PersistentNdarrayID",
    "PersistentNdarrayLoad",
    "PersistentSharedVariableID",
    "dump_archive",
    "load_archive",
]

_PICKLE = "pkl"


class PersistentNdarrayID:
    """Writes each array that a pickler meets as a member of the archive: `array_0` and so on."""

    def __init__(self, zip_file: zipfile.ZipFile) -> None:
        self.zip_file = zip_file
        self.count = 0
        self._names: dict[int, tuple[str, NDArray[Any]]] = {}

    def __call__(self, obj: Any) -> str | None:
        """Return the name of an array's member, writing it when that is new; None for others."""
        if type(obj) is not np.ndarray or obj.dtype.hasobject:
            return None
        if id(obj) not in self._names:
            name = self.name_for(obj)
            with self.zip_file.open(name, "w", force_zip64=True) as member:
                np.lib.format.write_array(member, obj, allow_pickle=False)
            # With the array itself, so that its id stays its own.
            self._names[id(obj)] = name, obj
        return self._names[id(obj)][0]

    def name_for(self, array: NDArray[Any]) -> str:
        """Return a name that no member has yet."""
        self.count += 1
        return f"array_{self.count - 1}"


class PersistentSharedVariableID(PersistentNdarrayID):
    """Calls the arrays of shared variables after the variables.

    Parameters
    ----------
    zip_file
        The archive.
    allow_unnamed
        False refuses variables without a name; they are numbered otherwise.
    allow_duplicates
        False refuses names that occur twice; a number is appended otherwise.
    """

    def __init__(
        self, zip_file: zipfile.ZipFile, allow_unnamed: bool = True, allow_duplicates: bool = True
    ) -> None:
        super().__init__(zip_file)
        self.allow_unnamed = allow_unnamed
        self.allow_duplicates = allow_duplicates
        self._owners: dict[int, str] = {}
        self._taken: dict[str, int] = {_PICKLE: 1}
        self._next: str | None = None

    def __call__(self, obj: Any) -> str | None:
        """As `PersistentNdarrayID`; what a variable's storage is comes before its array."""
        if isinstance(obj, SharedVariable):
            self._owners.setdefault(id(obj.container), self._checked_name(obj))
        elif isinstance(obj, TensorContainer):
            self._next = self._owners.get(id(obj), "")
        return super().__call__(obj)

    def name_for(self, array: NDArray[Any]) -> str:
        """Return the variable's name for its array."""
        name, self._next = self._next, None
        if not name:
            return super().name_for(array)
        count = self._taken.get(name, 0)
        self._taken[name] = count + 1
        return f"{name}_{count + 1}" if count else name

    def _checked_name(self, variable: SharedVariable) -> str:
        name = variable.name or ""
        if not name and not self.allow_unnamed:
            raise ValueError(f"{variable.describe()} has no name to call its array by")
        known = name in self._owners.values() and id(variable.container) not in self._owners
        if name and known and not self.allow_duplicates:
            raise ValueError(f"two shared variables are called {name!r}")
        return name.replace("/", "_")


class PersistentNdarrayLoad:
    """Reads the arrays of an archive for an unpickler."""

    def __init__(self, zip_file: zipfile.ZipFile) -> None:
        self.zip_file = zip_file
        self._arrays: dict[str, NDArray[Any]] = {}

    def __call__(self, persid: str) -> NDArray[Any]:
        """Return the array that `persid` names."""
        if persid not in self._arrays:
            with self.zip_file.open(persid) as member:
                self._arrays[persid] = np.lib.format.read_array(member, allow_pickle=False)
        return self._arrays[persid]


class _Pickler(pickle.Pickler):
    def __init__(self, file: IO[bytes], protocol: int, find: Callable[[Any], str | None]) -> None:
        super().__init__(file, protocol)
        self._find = find

    def persistent_id(self, obj: Any) -> str | None:
        return self._find(obj)


class _Unpickler(pickle.Unpickler):
    def __init__(self, file: IO[bytes], find: Callable[[str], Any]) -> None:
        super().__init__(file, encoding="latin1")
        self._find = find

    def persistent_load(self, pid: Any) -> Any:
        return self._find(pid)


def dump_archive(
    obj: Any,
    file_handler: IO[bytes],
    protocol: int = pickle.DEFAULT_PROTOCOL,
    persistent_id: Callable[
        [zipfile.ZipFile], Callable[[Any], str | None]
    ] = PersistentSharedVariableID,
) -> None:
    """Pickle `obj` into a zip file, with each array as a `.npy` member of its own.

    Parameters
    ----------
    obj
        What to write.
    file_handler
        A binary file.
    protocol
        Pickle's, at least 2.
    persistent_id
        Makes, for an archive, what writes and names the arrays.

    Examples
    --------
    >>> import io
    >>> import numpy as np
    >>> from lltheano import shared
    >>> dump_archive([shared(np.ones(2), "weights")], file := io.BytesIO())
    >>> _ = file.seek(0)
    >>> np.load(file)["weights"]
    array([1., 1.])
    """
    with zipfile.ZipFile(file_handler, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
        # An archive has one member open at a time, so the pickle waits for the arrays.
        pickled = io.BytesIO()
        _Pickler(pickled, max(protocol, 2), persistent_id(archive)).dump(obj)
        archive.writestr(_PICKLE, pickled.getvalue())


def load_archive(
    f: IO[bytes],
    persistent_load: Callable[[zipfile.ZipFile], Callable[[str], Any]] = PersistentNdarrayLoad,
    shared: Bindable | None = None,
) -> Any:
    """Return what `dump_archive` wrote.

    Parameters
    ----------
    f
        A binary file.
    persistent_load
        Makes, for an archive, what reads the arrays.
    shared
        Shared variables to use in place of pickled ones of the same name; see `rebinding`.

    Examples
    --------
    >>> import io
    >>> from lltheano import shared
    >>> dump_archive(shared(1.5, "rate"), file := io.BytesIO())
    >>> float(load_archive(file).get_value())
    1.5
    """
    with zipfile.ZipFile(f) as archive, archive.open(_PICKLE) as member:
        unpickler = _Unpickler(member, persistent_load(archive))
        with nullcontext() if shared is None else rebinding(shared):
            return unpickler.load()
