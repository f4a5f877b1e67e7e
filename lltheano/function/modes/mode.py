"""What `function(mode=...)` takes: `Mode`s, and their names.

There is one pipeline, and it compiles in tens of milliseconds, so a mode that would trade speed of
the result for speed of compilation has nothing left to trade: "FAST_RUN" and "FAST_COMPILE" are the
same here. What a mode does choose is which passes run. Theano chooses among its optimisations by
tags, and so does `Mode` among our passes; `PASS_TAGS` in `lltheano.function.modes.passes` says
which pass has which. Nothing depends on a linker here.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final

from lltheano.config import config
from lltheano.function.modes.passes import OPT_FAST_RUN, PASS_TAGS, PassQuery, predefined_optimizers
from lltheano.graph.optimisers.query import Query
from lltheano.interfaces.layers import debugging, nan_guards
from lltheano_ir.passes.cancel import cancel

if TYPE_CHECKING:
    from lltheano.graph import Variable
    from lltheano_ir.program import Program

__all__ = [
    "FAST_COMPILE",
    "FAST_RUN",
    "LINKERS",
    "Mode",
    "get_default_mode",
    "get_mode",
    "predefined_linkers",
    "predefined_modes",
    "register_mode",
]

LINKERS: Final = ("cvm", "c|py", "py", "c", "c|py_nogc", "vm", "vm_nogc", "cvm_nogc")
"""The names of Theano's linkers; functions are linked in one way here, whatever the name."""

predefined_linkers: Final[dict[str, str]] = {name: name for name in LINKERS}
"""The names of linkers that a mode takes, each standing for itself."""


class Mode:
    """How a function is compiled: which passes run.

    Modes are not changed once made: `including`, `excluding`, `requiring` and `register` return
    others. A tag that neither a pass nor an optimiser has, such as the name of one of Theano's
    rewrites, excludes nothing and includes nothing.

    Parameters
    ----------
    linker
        One of `LINKERS`, without effect; None is `config.linker`.
    optimizer
        The name of one of `predefined_optimizers`, a `Query`, None for no passes, or "default" for
        `config.optimizer`. An optimiser of whole graphs is run on the graph of each function in the
        place of what is in `optdb`, and all passes after it.

    Attributes
    ----------
    optimizer
        The query by which passes are chosen, and what is in `optdb`.
    rewriter
        The optimiser of whole graphs, if one was given.
    provided_linker, provided_optimizer
        What was given for the two parameters.
    call_time, fn_time
        Zero: no calls are timed.

    Examples
    --------
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
    """Whether functions are made so that each call can be compared with the reference, by passes
    that are verified one by one.
    """
    call_time: ClassVar[float] = 0.0
    fn_time: ClassVar[float] = 0.0

    def __init__(self, linker: str | None = None, optimizer: Any = "default") -> None:
        name = config.linker if linker is None else linker
        if name not in LINKERS:
            raise ValueError(f"linker must be one of {', '.join(LINKERS)}; got {linker!r}")
        self.linker: str = name
        self.provided_linker = linker
        self.provided_optimizer = optimizer
        self.optimizer, self.rewriter = _read_optimizer(optimizer)

    @property
    def left_out(self) -> frozenset[str]:
        """The passes that do not run."""
        return self.optimizer.left_out

    def prepare(self, program: "Program") -> "Program":
        """Return the program to compile for `program`: itself, or with the tag `cancel` what is
        left of it when factors are cancelled that may be 0.
        """
        return cancel(program) if self.optimizer.takes(frozenset({"cancel"})) else program

    def watched(
        self, inputs: "Sequence[Variable]", outputs: "Sequence[Variable]"
    ) -> "list[Variable]":
        """Return what to compute for `outputs`: these."""
        return list(outputs)

    def including(self, *tags: str) -> "Mode":
        """Return the mode with the passes that have one of `tags` too."""
        return self._with(self.optimizer.including(*tags))

    def excluding(self, *tags: str) -> "Mode":
        """Return the mode without the passes that have one of `tags`."""
        return self._with(self.optimizer.excluding(*tags))

    def requiring(self, *tags: str) -> "Mode":
        """Return the mode with those of its passes that have all of `tags`."""
        return self._with(self.optimizer.requiring(*tags))

    def register(self, *optimizations: tuple[Any, float]) -> "Mode":
        """Return the mode with optimisers of its own, pairs of an optimiser and a position among
        those in `optdb`.

        >>> import lltheano.tensor as T
        >>> from lltheano import function
        >>> from lltheano.graph import OpSub, in2out
        >>> x = T.dscalar("x")
        >>> mode = Mode().register((in2out(OpSub(T.exp, T.log)), 50))
        >>> function([x], T.exp(x), mode=mode)(1.0)
        array(0.)
        """
        given: tuple[Any, ...] = optimizations
        for pair in given:
            if not isinstance(pair, tuple) or len(pair) != 2:
                raise TypeError(f"register takes pairs (optimiser, position); got {pair!r}")
        if self.rewriter is not None:
            raise ValueError(
                f"{self!r} has an optimiser of its own; put others into one SeqOptimizer with it"
            )
        return self._with(self.optimizer.register(*optimizations))

    def clone(self, link_kwargs: object = None, optimizer: Any = "") -> "Mode":
        """Return the mode, with another `optimizer` where one is given.

        `link_kwargs` are options for Theano's linkers, and have no effect.
        """
        if optimizer == "":
            return self._with(self.optimizer)
        query, rewriter = _read_optimizer(optimizer)
        copy = self._with(query)
        copy.rewriter, copy.provided_optimizer = rewriter, optimizer
        return copy

    def _with(self, query: PassQuery) -> "Mode":
        copy = object.__new__(type(self))
        vars(copy).update(vars(self), optimizer=query, provided_optimizer=query)
        return copy

    def _key(self) -> dict[str, Any]:
        given = ("provided_linker", "provided_optimizer")
        return {name: one for name, one in vars(self).items() if name not in given}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Mode) and type(self) is type(other) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash((type(self), self.linker, self.optimizer))

    def __repr__(self) -> str:
        names = [name for name in PASS_TAGS if name in self.left_out]
        without = f", without {', '.join(names)}" if names else ""
        by = f", rewriting by {self.rewriter}" if self.rewriter is not None else ""
        return f"{type(self).__name__}(linker={self.linker!r}{without}{by})"


def _read_optimizer(optimizer: Any) -> tuple[PassQuery, Any]:
    """The query and the optimiser of whole graphs that are meant."""
    given = optimizer
    if given is None or isinstance(given, str):
        name = config.optimizer if given == "default" else str(given)
        if name not in predefined_optimizers:
            known = ", ".join(map(repr, predefined_optimizers))
            raise ValueError(
                f"optimizer must be one of {known}, 'default', None, a Query or an optimiser of"
                f" graphs; got {optimizer!r}"
            )
        given = predefined_optimizers[name]
    if isinstance(given, PassQuery):
        return given, None
    if isinstance(given, Query):
        return PassQuery(**vars(given)), None
    if hasattr(given, "optimize"):
        return OPT_FAST_RUN, given
    raise ValueError(f"optimizer must be a name, a Query or an optimiser of graphs; got {given!r}")


FAST_RUN: Final = Mode("cvm", "fast_run")
FAST_COMPILE: Final = Mode("cvm", "fast_compile")

_modes: dict[str, Mode] = {"FAST_RUN": FAST_RUN, "FAST_COMPILE": FAST_COMPILE}

_MADE_WHEN_ASKED = ("DebugMode", "NanGuardMode")
"""Modes whose classes few programs need; each is made as the configuration says at the time."""

_DEBUG_MODE = "DEBUG_MODE"
"""The name of one DebugMode, which stays the same: a program may set its attributes."""

if TYPE_CHECKING:
    predefined_modes: dict[str, Mode]


def __getattr__(name: str) -> Any:
    """`predefined_modes`: those that can be asked for by name, beside "Mode", the default one."""
    if name != "predefined_modes":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
    _debug_mode()
    return _modes


def _debug_mode() -> Mode:
    if _DEBUG_MODE not in _modes:
        _modes[_DEBUG_MODE] = debugging.DebugMode()
    return _modes[_DEBUG_MODE]


def register_mode(name: str, mode: Mode) -> None:
    """Let `name` ask for `mode`; ValueError when it is the name of another.

    >>> register_mode("unfused", FAST_RUN.excluding("fusion"))
    >>> get_mode("unfused")
    Mode(linker='cvm', without fuse)
    >>> from lltheano.function.modes.mode import predefined_modes
    >>> del predefined_modes["unfused"]
    """
    taken = name in ("Mode", _DEBUG_MODE, *_MADE_WHEN_ASKED)
    if taken or _modes.get(name, mode) != mode:
        raise ValueError(f"there already is a mode called {name!r}")
    _modes[name] = mode


def get_mode(orig_string: str | Mode | None) -> Mode:
    """Return the mode that a name asks for; a mode is itself, and None is `config.mode`.

    Raises ValueError for a name that is no mode, TypeError for anything else.

    >>> get_mode(None) == get_mode("Mode"), get_mode("FAST_RUN") is FAST_RUN
    (True, True)
    """
    name = config.mode if orig_string is None else orig_string
    if isinstance(name, Mode):
        return name
    known = dict.fromkeys(("Mode", *_modes, _DEBUG_MODE, *_MADE_WHEN_ASKED))
    choices = ", ".join(map(repr, known))
    if not isinstance(name, str):
        raise TypeError(f"mode must be None, a Mode or one of {choices}; got {type(name).__name__}")
    if name == "Mode":
        return _default_mode()
    if name == "DebugMode":
        return debugging.DebugMode()
    if name == "NanGuardMode":
        return nan_guards.NanGuardMode()
    if name == _DEBUG_MODE:
        return _debug_mode()
    if name not in _modes:
        raise ValueError(f"mode {name!r} is not available; choose a Mode or one of {choices}")
    return _modes[name]


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
    return [word for word in text.split(":") if word]
