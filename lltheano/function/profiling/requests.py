"""What a person passes as `profile`, and the profiles that are printed when the process ends."""

import atexit
import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from lltheano.config import config
from lltheano.function.profiling.stats import ProfileStats

__all__ = ["print_global_stats", "profile_for"]

_to_print: list[ProfileStats] = []


def profile_for(profile: object) -> ProfileStats | None:
    """Return the profile of a function that is asked for one, or None for a function without.

    None is `config.profile`; a string becomes the name of a new profile.

    Raises
    ------
    TypeError
        It is neither of these, nor a bool or a `ProfileStats`.
    """
    if profile is None:
        profile = config.profile
    if isinstance(profile, str):
        return _noted(ProfileStats(profile))
    if profile is True:
        return _noted(ProfileStats())
    if isinstance(profile, ProfileStats):
        return _noted(profile)
    if profile is False:
        return None
    raise TypeError(
        "profile must be True, False, a name, or a ProfileStats to count in; got"
        f" {type(profile).__name__}"
    )


def _noted(stats: ProfileStats) -> ProfileStats:
    if not _to_print:
        atexit.register(_print_at_exit)
    if stats not in _to_print:
        _to_print.append(stats)
    return stats


def print_global_stats() -> None:
    """Print every profile of this process whose functions have been called."""
    with _destination() as file:
        for stats in _to_print:
            if stats.fct_callcount:
                stats.summary(file)


def _print_at_exit() -> None:
    waiting = [
        one for one in _to_print if one.atexit_print and one.fct_callcount and not one.was_shown
    ]
    if waiting:
        with _destination() as file:
            for stats in waiting:
                stats.summary(file)


@contextlib.contextmanager
def _destination() -> Iterator[TextIO]:
    """What `config.profiling.destination` names: a stream of the process, or a file."""
    name = config.profiling.destination
    if name in ("stderr", "stdout"):
        yield getattr(sys, name)
    else:
        with Path(name).open("a", encoding="utf-8") as file:
            yield file
