"""The names that `function(mode=...)` takes, and what each means here.

There is one pipeline: it compiles in tens of milliseconds, so a mode that would trade speed of the
result for speed of compilation has nothing left to trade. Names of Theano's modes that promise
something that this library does not do (a checking mode, say) are refused rather than quietly run
as something else.
"""

from typing import Final

__all__ = ["MODES", "check_mode"]

MODES: Final = ("FAST_RUN", "FAST_COMPILE", "Mode")
"""Accepted names; all three run every pass. `"Mode"` is Theano's name for the default."""


def check_mode(mode: object) -> str:
    """Return the name of the mode that `mode` asks for; None asks for the default.

    Raises ValueError for a name that is no mode here, TypeError for anything but a name.

    >>> check_mode(None), check_mode("FAST_COMPILE")
    ('FAST_RUN', 'FAST_COMPILE')
    """
    if mode is None:
        return MODES[0]
    choices = ", ".join(repr(name) for name in MODES)
    if not isinstance(mode, str):
        raise TypeError(f"mode must be None or one of {choices}; got {type(mode).__name__}")
    if mode not in MODES:
        raise ValueError(f"mode {mode!r} is not available; choose one of {choices}")
    return mode
