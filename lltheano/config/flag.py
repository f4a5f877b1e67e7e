"""One flag: its name, its value unless set, its check, and what it does; and the usual checks."""

from collections.abc import Callable
from typing import Any

from lltheano.errors import ConfigError
from lltheano_ir.records import record

__all__ = ["Convert", "Flag", "boolean", "integer", "number", "one_of", "text"]

Convert = Callable[[Any], Any]
"""Returns the value that a flag takes for what it was set to; ValueError with what it takes."""


@record(frozen=True, slots=True)
class Flag:
    """A flag.

    Attributes
    ----------
    name
        Its name, with a dot after each section.
    default
        Its value unless it is set; or a function that finds it.
    convert
        Its check.
    summary
        What it does.
    mutable
        Whether a running program may set it.
    inert
        Why it changes nothing here; empty for a flag that does.
    """

    name: str
    default: Any
    convert: Convert
    summary: str
    mutable: bool = True
    inert: str = ""

    @property
    def fullname(self) -> str:
        """The name, as Theano's programs ask for it."""
        return self.name

    @property
    def doc(self) -> str:
        """The summary, as Theano's programs ask for it."""
        return f"{self.summary} (no effect: {self.inert})" if self.inert else self.summary

    def converted(self, value: object) -> Any:
        """Return `value` as the flag holds it; ConfigError when it cannot."""
        try:
            return self.convert(value)
        except (TypeError, ValueError) as error:
            raise ConfigError(f"config.{self.name} cannot be {value!r}: {error}") from None


def one_of(*choices: str) -> Convert:
    """Return the check of a flag that takes one of some words.

    >>> one_of("raise", "warn")("warn")
    'warn'
    """

    def convert(value: object) -> str:
        if str(value) in choices:
            return str(value)
        raise ValueError(f"it takes {', '.join(choices)}")

    return convert


def boolean(value: object) -> bool:
    """Return the truth value that `value` spells.

    >>> boolean("True"), boolean("0"), boolean(False)
    (True, False, False)
    """
    words = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
    word = str(value).strip().lower()
    if word not in words:
        raise ValueError("it takes True or False")
    return words[word]


def integer(*, least: int | None = None) -> Convert:
    """Return the check of a flag that takes a whole number, of at least `least`.

    >>> integer(least=1)("20")
    20
    """

    def convert(value: Any) -> int:
        wanted = "a whole number" if least is None else f"a whole number of at least {least}"
        try:
            result = int(value)
        except (TypeError, ValueError, OverflowError):
            raise ValueError(f"it takes {wanted}") from None
        if result != value and str(result) != str(value).strip():
            raise ValueError(f"it takes {wanted}")
        if least is not None and result < least:
            raise ValueError(f"it takes {wanted}")
        return result

    return convert


def number(value: Any) -> float:
    """Return `value` as a float.

    >>> number("0.5")
    0.5
    """
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        raise ValueError("it takes a number") from None


def text(value: object) -> str:
    """Return `value` as a string.

    >>> text("any")
    'any'
    """
    return str(value)
