"""`dump` and `load`: `pickle`'s, with a say in what shared variables are used."""

import pickle
from contextlib import AbstractContextManager, nullcontext
from typing import IO, Any

from lltheano.shared.rebinding import Bindable, rebinding

__all__ = ["dump", "dumps", "load", "loads"]


def dump(obj: Any, file: IO[bytes], protocol: int = pickle.DEFAULT_PROTOCOL) -> None:
    """Pickle `obj`, which may hold graphs, shared variables and functions, into a binary file.

    >>> import io
    >>> from lltheano import shared
    >>> dump(shared(1.5, "rate"), file := io.BytesIO())
    >>> _ = file.seek(0)
    >>> float(load(file).get_value())
    1.5
    """
    pickle.dump(obj, file, protocol)


def dumps(obj: Any, protocol: int = pickle.DEFAULT_PROTOCOL) -> bytes:
    """Return what `dump` writes.

    >>> import lltheano.tensor as T
    >>> loads(dumps(T.dscalar("x") * 2)).eval({"x": 3.0})
    array(6.)
    """
    return pickle.dumps(obj, protocol)


def load(file: IO[bytes], shared: Bindable | None = None) -> Any:
    """Return what was pickled into a binary file.

    Parameters
    ----------
    file
        Where to read; as with every pickle, only from sources that are trusted, since it can run
        any code.
    shared
        Shared variables to use in place of pickled ones of the same name; see `rebinding`.

    Examples
    --------
    >>> import io
    >>> from lltheano import function, shared
    >>> total = shared(0.0, "total")
    >>> dump(function([], updates=[(total, total + 1)]), file := io.BytesIO())
    >>> _ = file.seek(0)
    >>> step = load(file, shared=[total])
    >>> _ = step(), step()
    >>> float(total.get_value())
    2.0
    """
    with _rebound(shared):
        return pickle.load(file)


def loads(data: bytes, shared: Bindable | None = None) -> Any:
    """Return what `data` is the pickle of; `shared` is that of `load`.

    >>> from lltheano import shared
    >>> mine = shared(7, "count")
    >>> loads(dumps(shared(1, "count")), shared=[mine]) is mine
    True
    """
    with _rebound(shared):
        return pickle.loads(data)


def _rebound(shared: Bindable | None) -> AbstractContextManager[None]:
    return nullcontext() if shared is None else rebinding(shared)
