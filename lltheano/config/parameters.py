"""Flags of a program's own, and the other names of Theano's `configparser` and `configdefaults`."""

import functools
import struct
from collections.abc import Callable, Iterator, Sequence
from typing import Any, overload

from lltheano.config.configuration import Configuration, config
from lltheano.config.flag import Convert, Flag, boolean, integer, number, one_of, text
from lltheano.errors import ConfigError
from lltheano_ir.records import record

__all__ = [
    "AddConfigVar",
    "BoolParam",
    "ConfigParam",
    "EnumStr",
    "FloatParam",
    "IntParam",
    "StrParam",
    "TypedParam",
    "local_bitwidth",
    "python_int_bitwidth",
]

Valid = Callable[[Any], bool] | None


@record(frozen=True, slots=True)
class ConfigParam:
    """What a flag may hold.

    Attributes
    ----------
    default
        Its value unless it is set; or a function of no arguments that finds it.
    filter
        Returns a value as the flag holds it, or raises ValueError; None takes everything.
    allow_override
        Whether a running program may set it.
    """

    default: Any
    filter: Convert | None = None
    allow_override: bool = True


def AddConfigVar(  # noqa: N802 - Theano's name
    name: str,
    doc: str,
    configparam: ConfigParam,
    root: Configuration = config,
    in_c_key: bool = True,
) -> None:
    """Add a flag of the program's own; ConfigError, a ValueError, when there is one of that name,
    or when it does not take its own default.

    Parameters
    ----------
    name
        Its name, with a dot after each section.
    doc
        What it does, on one line.
    configparam
        What it may hold, such as `StrParam("default")`.
    root
        The configuration that it is added to.
    in_c_key
        Taken for Theano's sake: no flag is part of the key of compiled code here, for what a flag
        changes shows in the program.

    Examples
    --------
    >>> AddConfigVar("greeter.word", "what to say", StrParam("hello"))
    >>> config.greeter.word
    'hello'
    """
    convert = configparam.filter or _as_it_is
    default = configparam.default
    if not callable(default):
        try:
            default = convert(default)
        except (TypeError, ValueError) as error:
            raise ConfigError(f"the default of {name} cannot be {default!r}: {error}") from None
    root.add(Flag(name, default, convert, doc, configparam.allow_override))


def _as_it_is(value: Any) -> Any:
    return value


def TypedParam(  # noqa: N802 - Theano's name
    default: Any, mytype: Callable[[Any], Any], is_valid: Valid = None, allow_override: bool = True
) -> ConfigParam:
    """Return a parameter whose values `mytype` makes of what is given, where `is_valid` holds.

    >>> TypedParam(2, int).filter("3")
    3
    """
    return ConfigParam(default, _checked(mytype, is_valid), allow_override)


def StrParam(  # noqa: N802 - Theano's name
    default: Any, is_valid: Valid = None, allow_override: bool = True
) -> ConfigParam:
    """Return a parameter that holds a string for which `is_valid` holds."""
    return ConfigParam(default, _checked(text, is_valid), allow_override)


def IntParam(  # noqa: N802 - Theano's name
    default: Any, is_valid: Valid = None, allow_override: bool = True
) -> ConfigParam:
    """Return a parameter that holds an int for which `is_valid` holds."""
    return ConfigParam(default, _checked(integer(), is_valid), allow_override)


def FloatParam(  # noqa: N802 - Theano's name
    default: Any, is_valid: Valid = None, allow_override: bool = True
) -> ConfigParam:
    """Return a parameter that holds a float for which `is_valid` holds."""
    return ConfigParam(default, _checked(number, is_valid), allow_override)


def BoolParam(  # noqa: N802 - Theano's name
    default: Any, is_valid: Valid = None, allow_override: bool = True
) -> ConfigParam:
    """Return a parameter that holds a bool for which `is_valid` holds."""
    return ConfigParam(default, _checked(boolean, is_valid), allow_override)


def EnumStr(  # noqa: N802 - Theano's name
    default: str, *options: str, convert: Convert | None = None, allow_override: bool = True
) -> ConfigParam:
    """Return a parameter that holds `default` or one of `options`; `convert` is applied first.

    >>> EnumStr("low", "high").filter("medium")
    Traceback (most recent call last):
    ValueError: it takes low, high
    """
    check = one_of(default, *options)
    return ConfigParam(
        default, check if convert is None else lambda value: check(convert(value)), allow_override
    )


def _checked(convert: Convert, is_valid: Valid) -> Convert:
    def check(value: Any) -> Any:
        result = convert(value)
        if is_valid is not None and not is_valid(result):
            raise ValueError("the flag does not take it")
        return result

    return check


class _Variable:
    """A flag as Theano's programs find it in the list: they read and set it as a descriptor."""

    def __init__(self, flag: Flag) -> None:
        self.fullname = flag.fullname
        self.doc = flag.doc
        self.default = flag.default
        self.allow_override = flag.mutable

    def __get__(self, instance: object, owner: object = None) -> Any:
        section, name = self._place()
        return self if instance is None else getattr(section, name)

    def __set__(self, instance: object, value: Any) -> None:
        section, name = self._place()
        setattr(section, name, value)

    def _place(self) -> tuple[Any, str]:
        """The section that has the flag, and its name there."""
        *sections, name = self.fullname.split(".")
        return functools.reduce(getattr, sections, config), name


class _Flags(Sequence[_Variable]):
    """The flags of the configuration, as they are at the moment."""

    def __iter__(self) -> Iterator[_Variable]:
        return map(_Variable, config.flags())

    def __len__(self) -> int:
        return len(config.flags())

    @overload
    def __getitem__(self, index: int) -> _Variable: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[_Variable]: ...

    def __getitem__(self, index: int | slice) -> _Variable | Sequence[_Variable]:
        return [*self][index]


_config_var_list = _Flags()


def local_bitwidth() -> int:
    """Return the width of a pointer of this Python, in bits.

    >>> local_bitwidth() in (32, 64)
    True
    """
    return struct.calcsize("P") * 8


def python_int_bitwidth() -> int:
    """Return the width of a C long, in bits."""
    return struct.calcsize("l") * 8
