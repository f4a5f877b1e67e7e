"""The values of the flags.

Invariants:

- A flag always holds a valid value: what it is set to is checked and converted first.
- Nothing is read from files or the environment before the first access, and then once.
- Assignments are process-wide and atomic. `change_flags` is not: it sets flags for the code it
  encloses and for every other thread meanwhile, so a threaded program sets its flags before it
  starts its threads.
"""

import difflib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ContextDecorator
from types import TracebackType
from typing import Any

from lltheano.config.flag import Flag
from lltheano.config.flag_types import FlagTypes
from lltheano.config.flags import MEANINGFUL_FLAGS
from lltheano.config.inert import INERT_FLAGS
from lltheano.config.sources import ENVIRONMENT, first_values
from lltheano.errors import ConfigError
from lltheano_ir.locks import ProcessLock

__all__ = ["FLAGS", "Configuration", "Section", "change_flags", "config"]

FLAGS = (*MEANINGFUL_FLAGS, *INERT_FLAGS)


class Section:
    """The flags whose names begin alike, as attributes.

    What the flags hold lies in the instance itself, so that reading a flag is reading an attribute;
    `__getattr__` is reached before the flags are loaded, and for those with a default that is
    found when it is asked for.
    """

    _root: "Configuration"
    _prefix: str

    def __init__(self, root: "Configuration", prefix: str) -> None:
        vars(self).update(_root=root, _prefix=prefix)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        root: Configuration = vars(self)["_root"]
        root.load()
        if name in vars(self):
            return vars(self)[name]
        return root.flag(self._prefix + name).default()

    def __setattr__(self, name: str, value: object) -> None:
        self._root.assign(self._prefix + name, value)

    def __dir__(self) -> list[str]:
        self._root.load()
        return sorted(super().__dir__())

    def __repr__(self) -> str:
        return f"<the flags {self._prefix}*>" if self._prefix else "<the configuration>"


class Configuration(Section, FlagTypes):
    """All flags.

    >>> from lltheano.config import config
    >>> config.floatX, config.scan.allow_gc
    ('float64', False)
    >>> with config.change_flags(floatX="float32"):
    ...     config.floatX
    'float32'
    """

    def __init__(self, flags: Iterable[Flag]) -> None:
        super().__init__(self, "")
        vars(self).update(
            _flags={flag.name: flag for flag in flags}, _lock=ProcessLock(), _loaded=False
        )

    def __copy__(self) -> "Configuration":
        """The same: flags are the process's, and programs that put a copy back mean these."""
        return self

    def __deepcopy__(self, memo: object) -> "Configuration":
        return self

    def load(self) -> None:
        """Read the sources, unless that is done."""
        state = vars(self)
        with state["_lock"]:
            if not state["_loaded"]:
                values = self._first_values()
                for flag in self.flags():
                    self._store(flag, values.get(flag.name))
                state["_loaded"] = True

    def flags(self) -> tuple[Flag, ...]:
        """Return the flags, in order."""
        return tuple(vars(self)["_flags"].values())

    def flag(self, name: str) -> Flag:
        """Return the flag of that name; an error that is an AttributeError too when none is."""
        try:
            result: Flag = vars(self)["_flags"][name]
        except KeyError:
            raise _UnknownFlagError(_unknown(name, vars(self)["_flags"])) from None
        return result

    def value(self, name: str) -> Any:
        """Return what the flag of that name holds.

        >>> from lltheano.config import config
        >>> config.value("scan.allow_gc")
        False
        """
        self.flag(name)
        holder, attribute = self._place(name)
        return getattr(holder, attribute)

    def assign(self, name: str, value: object) -> None:
        """Set the flag of that name; ConfigError when it does not take the value."""
        flag = self.flag(name)
        converted = flag.converted(value)
        if not flag.mutable and converted != self.value(name):
            raise ConfigError(f"config.{name} can be set in {ENVIRONMENT} only")
        self.load()
        self._store(flag, converted)

    def add(self, flag: Flag) -> None:
        """Take another flag; ConfigError when there is one of its name.

        What the sources set it to is its value, as for every other flag.
        """
        if flag.name in vars(self)["_flags"]:
            raise ConfigError(f"there already is a flag {flag.name!r}")
        self.load()
        text = first_values(os.environ).get(flag.name)
        vars(self)["_flags"][flag.name] = flag
        self._store(flag, None if text is None else flag.converted(text[0]))

    def change_flags(self, args: Any = (), **changes: object) -> "change_flags":
        """Return a context manager, usable as a decorator too, that sets flags and puts them back.

        The values are checked here, before anything is set; ConfigError when one is refused.
        """
        return change_flags(args, _of=self, **changes)

    def __iter__(self) -> Iterator[str]:
        return iter(vars(self)["_flags"])

    def __str__(self) -> str:
        return "\n".join(
            f"{flag.name} = {self.value(flag.name)}    # {flag.doc}" for flag in self.flags()
        )

    def _store(self, flag: Flag, value: Any) -> None:
        """Put a value in its place; None is the default."""
        holder, attribute = self._place(flag.name)
        if value is None and callable(flag.default):
            return
        vars(holder)[attribute] = flag.default if value is None else value

    def _place(self, name: str) -> tuple[Section, str]:
        """The section that holds a flag, made when needed, and the attribute that it is there."""
        holder: Section = self
        *sections, attribute = name.split(".")
        for depth, section in enumerate(sections, 1):
            prefix = "".join(f"{one}." for one in sections[:depth])
            holder = vars(holder).setdefault(section, Section(self, prefix))
        return holder, attribute

    def _first_values(self) -> dict[str, Any]:
        values: dict[str, Any] = {}
        flags = vars(self)["_flags"]
        for name, (text, source) in first_values(os.environ).items():
            if name not in flags:
                raise ConfigError(f"{source}: {_unknown(name, flags)}")
            try:
                values[name] = flags[name].converted(text)
            except ConfigError as error:
                raise ConfigError(f"{source}: {error}") from None
        return values


class _UnknownFlagError(ConfigError, AttributeError):
    """A flag was read or set that does not exist; hasattr() may be used to ask."""


def _unknown(name: str, flags: Mapping[str, Flag]) -> str:
    near = difflib.get_close_matches(name, flags, n=3)
    hint = f"; did you mean {', '.join(near)}?" if near else "; print(lltheano.config) lists them"
    return f"there is no flag {name!r}{hint}"


class change_flags(ContextDecorator):  # noqa: N801 - Theano's name, used as a function
    """Set flags for a block or for each call of a decorated function, and put them back after it.

    The values are checked when this is made, before anything is set; ConfigError when a flag does
    not exist or does not take its value.

    Parameters
    ----------
    args
        Pairs (name, value), or a dict of them, for names with dots.
    kwargs
        The other flags.

    Examples
    --------
    >>> from lltheano.config import config
    >>> @change_flags([("NanGuardMode.big_is_error", False)], floatX="float32")
    ... def build():
    ...     return config.floatX, config.NanGuardMode.big_is_error
    >>> build(), config.floatX
    (('float32', False), 'float64')
    """

    def __init__(
        self,
        args: Mapping[str, Any] | Sequence[tuple[str, Any]] = (),
        *,
        _of: Configuration | None = None,
        **kwargs: object,
    ) -> None:
        self._config = config if _of is None else _of
        changes = {**dict(args), **kwargs}
        self._changes = {
            name: self._config.flag(name).converted(value) for name, value in changes.items()
        }
        self._saved: list[dict[str, Any]] = []

    def __enter__(self) -> Configuration:
        self._saved.append({name: self._config.value(name) for name in self._changes})
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
            self._config.assign(name, value)


config = Configuration(FLAGS)
