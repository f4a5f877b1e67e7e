"""Where shared variables may live: the one list of memory spaces."""

from collections.abc import Mapping

from lltheano.runtime.storages.pool_storage import HOST
from lltheano.runtime.storages.storage import MemorySpace

__all__ = ["SPACES", "memory_space"]

SPACES: Mapping[str, MemorySpace] = {one.name: one for one in (HOST,)}
"""All memory spaces, by what users call them."""


def memory_space(name: str) -> MemorySpace:
    """The memory space that users call by that name.

    Raises
    ------
    ValueError
        There is none; the message says which there are.

    >>> memory_space("cpu").is_host
    True
    >>> memory_space("gpu")
    Traceback (most recent call last):
        ...
    ValueError: there is no memory space 'gpu'; there is 'cpu'
    """
    if name not in SPACES:
        raise ValueError(
            f"there is no memory space {name!r}; there is {', '.join(map(repr, SPACES))}"
        )
    return SPACES[name]
