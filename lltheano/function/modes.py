"""What `function(mode=...)` takes: `Mode`s, and their names.

There is one pipeline, and it compiles in tens of milliseconds, so a mode that would trade speed of
the result for speed of compilation has nothing left to trade: "FAST_RUN" and "FAST_COMPILE" are the
same here. What a mode does choose is which passes run. Theano chooses among its optimisations by
tags, and so does `Mode` among our passes; `PASS_TAGS` says which pass has which. Nothing depends on
a linker here.
"""

from typing import TYPE_CHECKING, ClassVar, Final

from lltheano import dispatch
from lltheano.config import config
from lltheano_ir.records import record

if TYPE_CHECKING:
    from lltheano_ir.program import Program

__all__ = [
    "FAST_COMPILE",
    "FAST_RUN",
    "LINKERS",
    "OPTIMIZERS",
    "PASS_TAGS",
    "Mode",
    "PassQuery",
    "get_default_mode",
    "get_mode",
    "predefined_modes",
    "register_mode",
]

LINKERS: Final = ("cvm", "c|py", "py", "c", "c|py_nogc", "vm", "vm_nogc", "cvm_nogc")
"""The names of Theano's linkers; functions are linked in one way here, whatever the name."""

_ALWAYS = frozenset({"fast_run", "fast_compile"})

PASS_TAGS: Final[dict[str, frozenset[str]]] = {
    "canonicalise": _ALWAYS | {"canonicalise", "canonicalize", "specialize", "constant_folding"},
    "stabilise": _ALWAYS | {"stabilise", "stabilize"},
    "cse": _ALWAYS | {"cse", "merge"},
    "fuse": _ALWAYS | {"fuse", "fusion", "elemwise_fusion", "local_elemwise_fusion"},
    "interchange": _ALWAYS | {"interchange"},
    "inplace": _ALWAYS | {"inplace", "inplace_elemwise_optimizer"},
    "collapse": _ALWAYS | {"collapse"},
}
"""The passes that can be left out, and the tags by which modes choose them."""

_EVERYTHING = ("o1", "o2", "o3", "o4", "fast_run", "fast_compile", "unsafe")


@record(frozen=True, slots=True)
class PassQuery:
    """Which passes run: those with any tag of `include`, every tag of `require`, and none of
    `exclude`.

    >>> sorted(PassQuery(include=frozenset({"merge"})).left_out)
    ['canonicalise', 'collapse', 'fuse', 'inplace', 'interchange', 'stabilise']
    """

    include: frozenset[str]
    require: frozenset[str] = frozenset()
    exclude: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        for tags in (self.include, self.require, self.exclude):
            for tag in tags:
                if not isinstance(tag, str):
                    raise TypeError(f"a tag must be a string; got {tag!r}")

    @property
    def left_out(self) -> frozenset[str]:
        """The passes that do not run."""
        return frozenset(name for name, tags in PASS_TAGS.items() if not self.takes(tags))

    def takes(self, tags: frozenset[str]) -> bool:
        """Whether what has these tags is run."""
        wanted = bool(tags & self.include) and tags >= self.require
        return wanted and not tags & self.exclude


_ALL = PassQuery(include=frozenset({"fast_run"}))

OPTIMIZERS: Final[dict[str, PassQuery]] = {
    **dict.fromkeys(_EVERYTHING, _ALL),
    "merge": PassQuery(include=frozenset({"merge"})),
    "None": PassQuery(include=frozenset()),
}
"""What the names of Theano's optimizers mean: all passes, merging alone, or none."""


class Mode:
    """How a function is compiled: which passes run.

    Args:
        linker: one of `LINKERS`, without effect; None is `config.linker`.
        optimizer: one of `OPTIMIZERS`, a `PassQuery`, None for no passes, or "default" for
            `config.optimizer`.

    Modes are not changed once made: `including`, `excluding` and `requiring` return others. A tag
    that no pass has, such as the name of one of Theano's rewrites, excludes nothing and includes
    nothing.

    >>> Mode(optimizer="fast_run").excluding("fusion", "inplace")
    Mode(linker='cvm', without fuse, inplace)
    >>> import lltheano.tensor as T
    >>> from lltheano import function
    >>> x = T.dvector("x")
    >>> plain = function([x], T.exp(x) * 2, mode=Mode(optimizer=None))
    >>> float(plain([0.0])[0])
    2.0
    """

    checks_calls: ClassVar[bool] = False
    """Whether functions are made so that each call can be compared with the reference."""

    def __init__(
        self, linker: str | None = None, optimizer: str | PassQuery | None = "default"
    ) -> None:
        name = config.linker if linker is None else linker
        if name not in LINKERS:
            raise ValueError(f"linker must be one of {', '.join(LINKERS)}; got {linker!r}")
        self.linker: str = name
        self.optimizer = _read_optimizer(optimizer)

    @property
    def left_out(self) -> frozenset[str]:
        """The passes that do not run."""
        return self.optimizer.left_out

    def prepare(self, program: "Program") -> "Program":
        """Return the program to compile for `program`: itself."""
        return program

    def including(self, *tags: str) -> "Mode":
        """Return the mode with the passes that have one of `tags` too."""
        query = self.optimizer
        return self._with(PassQuery(query.include | set(tags), query.require, query.exclude))

    def excluding(self, *tags: str) -> "Mode":
        """Return the mode without the passes that have one of `tags`."""
        query = self.optimizer
        return self._with(PassQuery(query.include, query.require, query.exclude | set(tags)))

    def requiring(self, *tags: str) -> "Mode":
        """Return the mode with those of its passes that have all of `tags`."""
        query = self.optimizer
        return self._with(PassQuery(query.include, query.require | set(tags), query.exclude))

    def clone(self, link_kwargs: object = None, optimizer: str | PassQuery | None = "") -> "Mode":
        """Return the mode, with another `optimizer` where one is given.

        `link_kwargs` are options for Theano's linkers, and have no effect.
        """
        return self._with(self.optimizer if optimizer == "" else _read_optimizer(optimizer))

    def _with(self, query: PassQuery) -> "Mode":
        copy = object.__new__(type(self))
        vars(copy).update(vars(self), optimizer=query)
        return copy

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash((type(self), self.linker, self.optimizer))

    def __repr__(self) -> str:
        names = [name for name in PASS_TAGS if name in self.left_out]
        without = f", without {', '.join(names)}" if names else ""
        return f"{type(self).__name__}(linker={self.linker!r}{without})"


def _read_optimizer(optimizer: object) -> PassQuery:
    if isinstance(optimizer, PassQuery):
        return optimizer
    name = config.optimizer if optimizer == "default" else str(optimizer)
    if name not in OPTIMIZERS:
        known = ", ".join(map(repr, OPTIMIZERS))
        raise ValueError(
            f"optimizer must be one of {known}, 'default', None or a PassQuery; got {optimizer!r}"
        )
    return OPTIMIZERS[name]


FAST_RUN: Final = Mode("cvm", "fast_run")
FAST_COMPILE: Final = Mode("cvm", "fast_compile")

predefined_modes: dict[str, Mode] = {"FAST_RUN": FAST_RUN, "FAST_COMPILE": FAST_COMPILE}
"""The modes that can be asked for by name, beside "Mode", which is the default one."""


_MADE_WHEN_ASKED = ("DebugMode", "NanGuardMode")
"""Modes whose classes few programs need; each is made as the configuration says at the time."""


def register_mode(name: str, mode: Mode) -> None:
    """Let `name` ask for `mode`; ValueError when it is the name of another.

    >>> register_mode("unfused", FAST_RUN.excluding("fusion"))
    >>> get_mode("unfused")
    Mode(linker='cvm', without fuse)
    >>> del predefined_modes["unfused"]
    """
    if name in ("Mode", *_MADE_WHEN_ASKED) or predefined_modes.get(name, mode) != mode:
        raise ValueError(f"there already is a mode called {name!r}")
    predefined_modes[name] = mode


def get_mode(orig_string: str | Mode | None) -> Mode:
    """Return the mode that a name asks for; a mode is itself, and None is `config.mode`.

    Raises ValueError for a name that is no mode, TypeError for anything else.

    >>> get_mode(None) == get_mode("Mode"), get_mode("FAST_RUN") is FAST_RUN
    (True, True)
    """
    name = config.mode if orig_string is None else orig_string
    if isinstance(name, Mode):
        return name
    choices = ", ".join(map(repr, ("Mode", *predefined_modes, *_MADE_WHEN_ASKED)))
    if not isinstance(name, str):
        raise TypeError(f"mode must be None, a Mode or one of {choices}; got {type(name).__name__}")
    if name == "Mode":
        return _default_mode()
    if name in _MADE_WHEN_ASKED:
        made: Mode = dispatch.call(name)
        return made
    if name not in predefined_modes:
        raise ValueError(f"mode {name!r} is not available; choose a Mode or one of {choices}")
    return predefined_modes[name]


def get_default_mode() -> Mode:
    """Return the mode of functions that ask for none: what `config.mode` says.

    >>> get_default_mode()
    Mode(linker='cvm')
    """
    return get_mode(None)


def _default_mode() -> Mode:
    """The mode that `config.linker`, `config.optimizer` and the flags beside them describe."""
    return (
        Mode()
        .including(*_tags(config.optimizer_including))
        .excluding(*_tags(config.optimizer_excluding))
        .requiring(*_tags(config.optimizer_requiring))
    )


def _tags(text: str) -> list[str]:
    return [one for one in text.split(":") if one]
