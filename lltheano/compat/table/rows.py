"""The rows of the table: a name of Theano's is served by one of ours, or is gone for a reason."""

from lltheano_ir.records import record

__all__ = ["Gone", "Row", "Served", "gone", "serve"]


@record(frozen=True, slots=True)
class Served:
    """Names of one of Theano's modules that one of ours has.

    Attributes
    ----------
    module
        Theano's module.
    ours
        The module that has the names.
    names
        Theano's names with ours. None serves all that our module has, other modules excepted.
    """

    module: str
    ours: str
    names: dict[str, str] | None


@record(frozen=True, slots=True)
class Gone:
    """Names that nothing serves; without `names`, everything below the module.

    `instead` says why, and what to use in their place.
    """

    module: str
    names: tuple[str, ...]
    instead: str


Row = Served | Gone


def serve(module: str, ours: str, names: str | None = None) -> Served:
    """Return a row for Theano's `module`: `names` separated by spaces, `theirs=ours` where they
    differ, None for all that our module has.

    >>> serve("theano.compat", "builtins", "zip izip=zip").names
    {'zip': 'zip', 'izip': 'zip'}
    """
    if names is None:
        return Served(module, ours, None)
    pairs = (word.partition("=") for word in names.split())
    return Served(module, ours, {theirs: own or theirs for theirs, _, own in pairs})


def gone(module: str, names: str, instead: str) -> Gone:
    """Return a row for `names`, separated by spaces, that nothing serves, and what to use.

    An empty string is the whole of the module, which then cannot be imported.
    """
    return Gone(module, tuple(names.split()), instead)
