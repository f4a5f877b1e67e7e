"""Which of the compiler's passes run, chosen by tags as Theano chooses among its optimisations."""

from typing import Any, Final

from lltheano.graph.optimisers.query import Query

__all__ = [
    "OPT_FAST_COMPILE",
    "OPT_FAST_RUN",
    "OPT_FAST_RUN_STABLE",
    "OPT_MERGE",
    "OPT_NONE",
    "OPT_O2",
    "OPT_O3",
    "OPT_STABILIZE",
    "OPT_UNSAFE",
    "PASS_POSITIONS",
    "PASS_TAGS",
    "PassQuery",
    "predefined_optimizers",
    "register_optimizer",
]

_ALWAYS = frozenset({"fast_run", "fast_compile", "stable"})

PASS_TAGS: Final[dict[str, frozenset[str]]] = {
    "canonicalise": _ALWAYS | {"canonicalise", "canonicalize", "specialize", "constant_folding"},
    "stabilise": _ALWAYS | {"stabilise", "stabilize"},
    "cse": _ALWAYS | {"cse", "merge"},
    "sink": _ALWAYS | {"sink", "ifelse", "ifelse_lift"},
    "batch": _ALWAYS | {"batch", "scan_pushout", "scan_pushout_dot1"},
    "fuse": _ALWAYS | {"fuse", "fusion", "elemwise_fusion", "local_elemwise_fusion"},
    "interchange": _ALWAYS | {"interchange"},
    "copies": _ALWAYS | {"copies"},
    "carry": _ALWAYS | {"carry"},
    "inplace": _ALWAYS | {"inplace", "inplace_elemwise_optimizer"},
    "tile": _ALWAYS | {"tile"},
    "collapse": _ALWAYS | {"collapse"},
    "inline": _ALWAYS | {"inline"},
    "hoist": _ALWAYS | {"hoist"},
    "threads": _ALWAYS | {"threads", "openmp"},
}
"""The passes that can be left out, and the tags by which modes choose them."""

PASS_POSITIONS: Final[dict[str, float]] = {
    "cse": 0.0,
    "canonicalise": 1.0,
    "stabilise": 1.5,
    "sink": 48.5,
    "batch": 48.7,
    "fuse": 49.0,
    "interchange": 49.5,
    "copies": 74.0,
    "carry": 74.5,
    "inplace": 75.0,
    "tile": 79.0,
    "collapse": 80.0,
    "inline": 80.5,
    "hoist": 81.0,
    "threads": 82.0,
}
"""Where a query's `position_cutoff` sees them: where Theano's programs have optimisations like
them.
"""


class PassQuery(Query):
    """Which passes run: those with any tag of `include`, every tag of `require`, and none of
    `exclude`. The parameters are those of `lltheano.graph.Query`.

    >>> "cse" in PassQuery(include={"merge"}).left_out
    False
    >>> print(*sorted(PassQuery(include={"fast_run"}, exclude={"merge", "fusion"}).left_out))
    cse fuse
    """

    @property
    def left_out(self) -> frozenset[str]:
        """The passes that do not run."""
        return frozenset(name for name, tags in PASS_TAGS.items() if not self._runs(name, tags))

    def _runs(self, name: str, tags: frozenset[str]) -> bool:
        return self.takes(tags) and PASS_POSITIONS[name] < self.position_cutoff


OPT_NONE: Final = PassQuery(())
OPT_MERGE: Final = PassQuery(("merge",))
OPT_FAST_RUN: Final = PassQuery(("fast_run",))
OPT_FAST_RUN_STABLE: Final = OPT_FAST_RUN.requiring("stable")
OPT_FAST_COMPILE: Final = PassQuery(("fast_compile",))
OPT_STABILIZE: Final = PassQuery(("fast_run",), position_cutoff=1.5000001)
OPT_O2: Final = PassQuery(("fast_compile", "fast_run"))
OPT_O3: Final = PassQuery(("fast_run",))
OPT_UNSAFE: Final = PassQuery(("fast_run", "unsafe"))

predefined_optimizers: dict[str, Any] = {
    "o1": OPT_FAST_COMPILE,
    "o2": OPT_O2,
    "o3": OPT_O3,
    "o4": OPT_FAST_RUN,
    "fast_run": OPT_FAST_RUN,
    "fast_run_stable": OPT_FAST_RUN_STABLE,
    "fast_compile": OPT_FAST_COMPILE,
    "stabilize": OPT_STABILIZE,
    "unsafe": OPT_UNSAFE,
    "merge": OPT_MERGE,
    "None": OPT_NONE,
}
"""What the names of optimizers mean: all passes, merging alone, or none; `register_optimizer` adds
to them.
"""


def register_optimizer(name: str, opt: Any) -> None:
    """Let `Mode(optimizer=name)` mean a query, or an optimiser of whole graphs.

    ValueError when the name is taken.

    >>> register_optimizer("unfused", OPT_FAST_RUN.excluding("fusion"))
    >>> from lltheano.function.modes.mode import Mode
    >>> Mode(optimizer="unfused")
    Mode(linker='cvm', without fuse)
    >>> del predefined_optimizers["unfused"]
    """
    if name in predefined_optimizers:
        raise ValueError(f"there already is an optimizer called {name!r}")
    predefined_optimizers[name] = opt
