"""Picklers for what other people will read: without notes, and from Python 2."""

import pickle
from collections.abc import Iterable
from typing import IO, Any

from lltheano.graph import Apply, SourceLine, Variable
from lltheano.graph.notes import Notes

__all__ = ["CompatUnpickler", "StripPickler"]

_STRIPPED = ("replacement_of", "aggregation_scheme", "roles")


class StripPickler(pickle.Pickler):
    """A pickler that leaves out what only the program that wrote the graph needs.

    Left out are the places in the user's source that made the variables, and the notes (attributes
    of `tag`) that the library Blocks attaches: "replacement_of", "aggregation_scheme" and "roles".

    Parameters
    ----------
    file
        A binary file to write to.
    protocol
        Pickle's.
    extra_tag_to_remove
        Names of further notes to leave out.

    Examples
    --------
    >>> import io
    >>> import lltheano.tensor as T
    >>> x = T.dscalar("x")
    >>> x.tag.roles, x.tag.mine = ["input"], 1
    >>> StripPickler(file := io.BytesIO()).dump(x)
    >>> copy = pickle.loads(file.getvalue())
    >>> copy.tag, copy.source
    (Notes(mine=1), None)
    """

    def __init__(
        self,
        file: IO[bytes],
        protocol: int = 0,
        extra_tag_to_remove: str | Iterable[str] | None = None,
    ) -> None:
        # Protocols 0 and 1 cannot write what graphs are made of.
        super().__init__(file, max(protocol, 2))
        extra = (
            [extra_tag_to_remove] if isinstance(extra_tag_to_remove, str) else extra_tag_to_remove
        )
        self._removed = {*_STRIPPED, *(extra or ())}
        self._tags: set[int] = set()

    def reducer_override(self, obj: Any) -> Any:
        """Choose what is written for an object; pickle calls it."""
        if isinstance(obj, Variable):
            self._note(obj)
        elif isinstance(obj, Apply):
            for output in obj.outputs:
                self._note(output)
        elif isinstance(obj, SourceLine):
            return (_nothing, ())
        elif isinstance(obj, Notes) and id(obj) in self._tags:
            own = obj.__getstate__().items()
            kept = {name: one for name, one in own if name not in self._removed}
            return (Notes, (), kept)
        return NotImplemented

    def _note(self, variable: Variable) -> None:
        self._tags.add(id(variable.tag))


class CompatUnpickler(pickle.Unpickler):
    r"""An unpickler for pickles that Python 2 wrote, with NumPy arrays in them.

    >>> import io
    >>> CompatUnpickler(io.BytesIO(b"U\x01\xe9.")).load()
    'é'
    """

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__(file, encoding="latin1")


def _nothing() -> None:
    """What stands in the place of what is left out."""
