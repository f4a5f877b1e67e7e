"""`function_dump`: the arguments of `function` in a file, for somebody else to look at."""

from pathlib import Path
from typing import Any

from lltheano.serialization.picklers import StripPickler

__all__ = ["function_dump"]


def function_dump(  # noqa: PLR0913, PLR0917 - Theano's signature
    filename: str,
    inputs: Any,
    outputs: Any = None,
    mode: Any = None,
    updates: Any = None,
    givens: Any = None,
    no_default_updates: Any = False,
    accept_inplace: bool = False,
    name: str | None = None,
    rebuild_strict: bool = True,
    allow_input_downcast: bool | None = None,
    profile: Any = None,
    on_unused_input: str | None = None,
    extra_tag_to_remove: Any = None,
) -> None:
    """Write the arguments of a call of `function` to a file, for a report of a fault.

    The file holds a pickled dict: `function(**pickle.load(file))` makes the function. Nothing is
    compiled here. The arguments are those of `function`, and `extra_tag_to_remove` is that of
    `StripPickler`.

    >>> import pickle, tempfile
    >>> import lltheano.tensor as T
    >>> from lltheano import function
    >>> x = T.dscalar("x")
    >>> with tempfile.NamedTemporaryFile() as file:
    ...     function_dump(file.name, [x], x * 2)
    ...     arguments = pickle.load(file)
    >>> float(function(**arguments)(3.0))
    6.0
    """
    arguments = {
        "inputs": inputs,
        "outputs": outputs,
        "mode": mode,
        "updates": updates,
        "givens": givens,
        "no_default_updates": no_default_updates,
        "accept_inplace": accept_inplace,
        "name": name,
        "rebuild_strict": rebuild_strict,
        "allow_input_downcast": allow_input_downcast,
        "profile": profile,
        "on_unused_input": on_unused_input,
    }
    with Path(filename).open("wb") as file:
        StripPickler(file, protocol=-1, extra_tag_to_remove=extra_tag_to_remove).dump(arguments)
