"""The configuration: one object with an attribute per flag, read from `LLTHEANO_FLAGS` on first
use.

    LLTHEANO_FLAGS="floatX=float32,on_unused_input=warn" python program.py

Invariants:

- A flag always holds a valid value: what it is set to is checked and converted first.
- Nothing is read from the environment before the first access, and it is read once.
- Assignments are process-wide and atomic. `change_flags` is not: it sets flags for the code it
  encloses and for every other thread meanwhile, so a threaded program sets its flags before it
  starts its threads.
"""

import difflib
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ContextDecorator
from types import TracebackType
from typing import Any

from lltheano.errors import ConfigError
from lltheano_ir.records import record

__all__ = ["FLAGS", "Configuration", "Flag", "change_flags", "config", "parse_flags"]

ENVIRONMENT = "LLTHEANO_FLAGS"

Convert = Callable[[object], Any]


@record(frozen=True, slots=True)
class Flag:
    """A flag: its dotted name, the value it has unless set, its check, and one line on what it
    does.
    """

    name: str
    default: Any
    convert: Convert
    summary: str
    mutable: bool = True


def _one_of(*choices: str) -> Convert:
    def convert(value: object) -> str:
        if str(value) in choices:
            return str(value)
        raise ValueError(f"it takes {', '.join(choices)}")

    return convert


FLAGS = (
    Flag(
        "floatX",
        "float64",
        _one_of("float64", "float32", "float16"),
        "dtype of floats where none is named",
    ),
    Flag(
        "cast_policy",
        "custom",
        _one_of("custom", "numpy+floatX"),
        "how Python numbers are typed: the least dtype that holds them, or int64 and floatX",
    ),
    Flag(
        "autocast_float",
        "smallest",
        _one_of("smallest", "floatX", "float16", "float32", "float64"),
        "dtype of Python floats: the least of float32 and float64 that holds them exactly, or this",
    ),
    Flag("device", "cpu", _one_of("cpu"), "the device that computes", mutable=False),
    Flag(
        "on_unused_input",
        "raise",
        _one_of("raise", "warn", "ignore"),
        "what function() does about an input that no result needs",
    ),
    Flag(
        "allow_input_downcast",
        "None",
        _one_of("None", "True", "False"),
        "whether arguments may lose precision where function() does not say",
    ),
    Flag(
        "warn_float64",
        "ignore",
        _one_of("ignore", "warn", "raise"),
        "what to do when a float64 variable is made",
    ),
)


def parse_flags(text: str) -> dict[str, str]:
    """Read Theano's syntax: `name=value` pairs with commas between them.

    >>> parse_flags("floatX=float32, device=cpu")
    {'floatX': 'float32', 'device': 'cpu'}
    """
    pairs: dict[str, str] = {}
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        name, equals, value = part.partition("=")
        if not equals:
            raise ConfigError(
                f"{ENVIRONMENT} has {part!r}; it takes name=value pairs with commas between them"
            )
        pairs[name.strip()] = value.strip()
    return pairs


class Configuration:
    """The flags as attributes.

    >>> config.floatX
    'float64'
    >>> with config.change_flags(floatX="float32"):
    ...     config.floatX
    'float32'
    """

    _flags: Mapping[str, Flag]
    _values: dict[str, Any] | None
    _lock: threading.Lock

    def __init__(self, flags: tuple[Flag, ...]) -> None:
        vars(self).update(
            _flags={flag.name: flag for flag in flags}, _values=None, _lock=threading.Lock()
        )

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        self._flag(name)
        return self._loaded()[name]

    def __setattr__(self, name: str, value: object) -> None:
        flag = self._flag(name)
        if not flag.mutable and _converted(flag, value) != self._loaded()[name]:
            raise ConfigError(f"config.{name} can be set in {ENVIRONMENT} only")
        self._loaded()[name] = _converted(flag, value)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self._flags})

    def __iter__(self) -> Iterator[str]:
        return iter(self._flags)

    def __str__(self) -> str:
        return "\n".join(
            f"{name} = {value}    # {self._flags[name].summary}"
            for name, value in self._loaded().items()
        )

    def change_flags(self, **changes: object) -> "change_flags":
        """Return a context manager, usable as a decorator too, that sets flags and puts them back.

        The values are checked here, before anything is set; ConfigError when one is refused.
        """
        return change_flags(self, **changes)

    def _flag(self, name: str) -> Flag:
        try:
            return self._flags[name]
        except KeyError:
            raise _UnknownFlagError(_unknown(name, self._flags)) from None

    def _loaded(self) -> dict[str, Any]:
        if self._values is None:
            with self._lock:
                if self._values is None:
                    vars(self)["_values"] = self._read_environment()
        values = self._values
        assert values is not None
        return values

    def _read_environment(self) -> dict[str, Any]:
        values = {flag.name: flag.default for flag in self._flags.values()}
        for name, text in parse_flags(os.environ.get(ENVIRONMENT, "")).items():
            if name not in self._flags:
                raise ConfigError(f"{ENVIRONMENT}: {_unknown(name, self._flags)}")
            values[name] = _converted(self._flags[name], text)
        return values


class _UnknownFlagError(ConfigError, AttributeError):
    """A flag was read or set that does not exist; hasattr() may be used to ask."""


def _unknown(name: str, flags: Mapping[str, Flag]) -> str:
    near = difflib.get_close_matches(name, flags, n=3) or sorted(flags)
    return f"there is no flag {name!r}; did you mean {', '.join(near)}?"


def _converted(flag: Flag, value: object) -> Any:
    try:
        return flag.convert(value)
    except ValueError as error:
        raise ConfigError(f"config.{flag.name} cannot be {value!r}: {error}") from None


class change_flags(ContextDecorator):  # noqa: N801 - Theano's name, used as a function
    """Set flags for a block or for each call of a decorated function, and put them back after it.

    >>> @change_flags(floatX="float32")
    ... def build():
    ...     return config.floatX
    >>> build(), config.floatX
    ('float32', 'float64')
    """

    def __init__(self, configuration: Configuration | None = None, **changes: object) -> None:
        self._config = config if configuration is None else configuration
        self._changes = {
            name: _converted(self._config._flag(name), value) for name, value in changes.items()
        }
        self._saved: list[dict[str, Any]] = []

    def __enter__(self) -> Configuration:
        self._saved.append({name: getattr(self._config, name) for name in self._changes})
        self._set(self._changes)
        return self._config

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._set(self._saved.pop())

    def _set(self, values: Mapping[str, Any]) -> None:
        for name, value in values.items():
            setattr(self._config, name, value)


config = Configuration(FLAGS)
