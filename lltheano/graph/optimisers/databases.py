"""Databases of optimisers: each has a name and tags, and a query chooses among them."""

import sys
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, TextIO

from lltheano.config import config
from lltheano.graph.optimisers.groups import EquilibriumOptimizer, LocalOptGroup, SeqOptimizer
from lltheano.graph.optimisers.navigate import NavigatorOptimizer, TopoOptimizer
from lltheano.graph.optimisers.query import Query
from lltheano.graph.optimisers.rewriting import LocalOptimizer, Optimizer

__all__ = ["DB", "EquilibriumDB", "LocalGroupDB", "ProxyDB", "SequenceDB"]


class DB:
    """Optimisers, and other databases, by name and tags.

    >>> import lltheano.tensor as T
    >>> from lltheano.graph import OpRemove, OpSub
    >>> rules = DB()
    >>> rules.register("no_exp", OpRemove(T.exp), "fast_run", "exact")
    >>> rules.register("sin", OpSub(T.exp, T.sin), "fast_run")
    >>> [str(one) for one in rules.query("+fast_run", "-exact")]
    ['exp -> sin']
    """

    def __init__(self) -> None:
        self.name: str | None = None
        self._members: dict[str, Any] = {}
        self._own_tags: dict[str, dict[str, None]] = {}

    @property
    def names(self) -> list[str]:
        """What is registered."""
        return list(self._members)

    def register(self, name: str, obj: Any, *tags: str, use_db_name_as_tag: bool = True) -> None:
        """Add an optimiser, a rule, or another database.

        With `use_db_name_as_tag` the name of this database is one of its tags.

        TypeError for anything else; ValueError when the name is taken, or is a tag of others.
        """
        if not isinstance(obj, DB | Optimizer | LocalOptimizer) and not hasattr(obj, "transform"):
            raise TypeError(f"{name}: an optimiser or a local optimiser is needed, got {obj!r:.80}")
        if name in self._members:
            raise ValueError(f"an optimiser is registered as {name!r} already")
        if any(name in names for names in self._own_tags.values()):
            raise ValueError(f"{name!r} is a tag of what is registered already")
        own = (self.name,) if use_db_name_as_tag and self.name is not None else ()
        if getattr(obj, "name", None) is None:
            vars(obj)["name"] = name
        self._members[name] = obj
        self._own_tags[name] = {}
        self.add_tags(name, *tags, *own)

    def remove(self, name: str) -> None:
        """Forget what is registered by that name; KeyError when nothing is."""
        if name not in self._members:
            raise KeyError(f"no optimiser is registered as {name!r}")
        del self._members[name], self._own_tags[name]

    def add_tags(self, name: str, *tags: str) -> None:
        """Give what is registered by that name other tags; ValueError for one that is a name."""
        for tag in tags:
            if tag in self._members and tag != name:
                raise ValueError(f"the tag {tag!r} is the name of what is registered")
        self._own_tags[name].update(dict.fromkeys(tags))

    def remove_tags(self, name: str, *tags: str) -> None:
        """Take tags away."""
        for tag in tags:
            self._own_tags[name].pop(tag, None)

    def tags_of(self, name: str) -> set[str]:
        """Return the tags of what is registered by a name, with the name and its class's name."""
        return {name, type(self._members[name]).__name__, *self._own_tags[name]}

    def query(self, *tags: Any, **kwtags: Any) -> Any:
        """Return what is chosen by a `Query`, or by tags after "+", "-" (not) and "&" (required).

        `kwtags` are queries for databases inside this one, by their names.
        """
        return [one for _, one in self._chosen(self._read(tags, kwtags))]

    def _read(self, tags: tuple[Any, ...], subqueries: Mapping[str, Query]) -> Query:
        if tags and isinstance(tags[0], Query):
            if len(tags) > 1 or subqueries:
                raise TypeError("a Query is asked alone")
            result: Query = list(tags)[0]  # noqa: RUF015 - pyright takes a tuple that it narrows for empty
            return result
        signed: list[Any] = list(tags)
        wrong = [
            one for one in signed if not isinstance(one, str) or one[:1] not in ("+", "-", "&")
        ]
        if wrong:
            raise ValueError(f"a tag begins with '+', '-' or '&'; got {wrong[0]!r}")
        include, exclude, require = (
            [one[1:] for one in signed if one.startswith(sign)] for sign in ("+", "-", "&")
        )
        return Query(include, require, exclude, subqueries)

    def _chosen(self, query: Query) -> list[tuple[str, Any]]:
        """What a query chooses, by name; a database gives what it chooses itself."""
        results: list[tuple[str, Any]] = []
        inner = query.without_extra()
        for name, one in self._members.items():
            if self._takes(name, one, query):
                member = one
                if isinstance(one, DB):
                    member = one.query(query.subquery.get(name, inner))
                    if not isinstance(member, list):
                        member.name = name
                results.append((name, member))
        return results

    def _takes(self, name: str, one: Any, query: Query) -> bool:
        return query.takes(self.tags_of(name))

    def __getitem__(self, name: str) -> Any:
        """Return the only thing of that name or tag.

        KeyError when there is none, ValueError when there are several.
        """
        if name in self._members:
            return self._members[name]
        results = [
            self._members[member] for member in self._members if name in self.tags_of(member)
        ]
        if not results:
            raise KeyError(f"nothing is registered as {name!r}")
        if len(results) > 1:
            raise ValueError(f"{len(results)} optimisers have the tag {name!r}; ask by query")
        return results[0]

    def __contains__(self, name: object) -> bool:
        return name in self._members or any(name in tags for tags in self._own_tags.values())

    def print_summary(self, stream: TextIO | None = None) -> None:
        """Write the names and tags of all that is registered."""
        out = sys.stdout if stream is None else stream
        out.write(f"{type(self).__name__} {self.name or ''}\n")
        for name, tags in self._own_tags.items():
            out.write(f"  {name}: {', '.join(tags)}\n")


class EquilibriumDB(DB):
    """A database whose query gives an `EquilibriumOptimizer` of what it chooses.

    Parameters
    ----------
    ignore_newtrees, tracks_on_change_inputs
        Those of `EquilibriumOptimizer`.

    Examples
    --------
    >>> import lltheano.tensor as T
    >>> from lltheano.graph import OpRemove
    >>> rules = EquilibriumDB()
    >>> rules.register("no_exp", OpRemove(T.exp), "fast_run")
    >>> rules.query("+fast_run").local_optimizers[0].op
    exp
    """

    def __init__(self, ignore_newtrees: bool = True, tracks_on_change_inputs: bool = False) -> None:
        super().__init__()
        self.ignore_newtrees = ignore_newtrees
        self.tracks_on_change_inputs = tracks_on_change_inputs
        self._final: set[str] = set()
        self._cleanup: set[str] = set()

    def register(
        self,
        name: str,
        obj: Any,
        *tags: str,
        final_opt: bool = False,
        cleanup: bool = False,
        use_db_name_as_tag: bool = True,
    ) -> None:
        """Add a rule or an optimiser; `final_opt` and `cleanup` are of `EquilibriumOptimizer`.

        ValueError for both at once.
        """
        if final_opt and cleanup:
            raise ValueError(f"{name} cannot be a final optimiser and one that cleans up")
        super().register(name, obj, *tags, use_db_name_as_tag=use_db_name_as_tag)
        if final_opt:
            self._final.add(name)
        if cleanup:
            self._cleanup.add(name)

    def query(self, *tags: Any, **kwtags: Any) -> EquilibriumOptimizer:
        """Return an optimiser that runs what is chosen until nothing changes."""
        chosen = self._chosen(self._read(tags, kwtags))
        apart = self._final | self._cleanup
        return EquilibriumOptimizer(
            [one for name, one in chosen if name not in apart],
            failure_callback=NavigatorOptimizer.warn_inplace,
            ignore_newtrees=self.ignore_newtrees,
            tracks_on_change_inputs=self.tracks_on_change_inputs,
            final_optimizers=[one for name, one in chosen if name in self._final],
            cleanup_optimizers=[one for name, one in chosen if name in self._cleanup],
        )


class SequenceDB(DB):
    """A database whose query gives a `SeqOptimizer`, in the order of positions.

    Parameters
    ----------
    failure_callback
        That of `SeqOptimizer`; by default what `config.on_opt_error` says.

    Examples
    --------
    >>> import lltheano.tensor as T
    >>> from lltheano.graph import OpRemove, OpSub, TopoOptimizer
    >>> stages = SequenceDB()
    >>> stages.register("last", TopoOptimizer(OpRemove(T.exp)), 2, "fast_run")
    >>> stages.register("first", TopoOptimizer(OpSub(T.log, T.exp)), 1, "fast_run")
    >>> [one.name for one in stages.query("+fast_run")]
    ['first', 'last']
    """

    seq_opt: Callable[..., Any] = SeqOptimizer

    def __init__(self, failure_callback: Any = SeqOptimizer.warn) -> None:
        super().__init__()
        self.__position__: dict[str, float] = {}
        self.failure_callback = failure_callback

    @property
    def names(self) -> list[str]:
        """What is registered, in order."""
        return sorted(self._members, key=lambda one: self.__position__[one])

    def register(  # type: ignore[override]
        self,
        name: str,
        obj: Any,
        position: float = 1.0,
        *tags: str,
        use_db_name_as_tag: bool = True,
    ) -> None:
        """Add an optimiser at a position; those of lower positions run first.

        A rule about single applications is run until it changes nothing.
        """
        index: Any = position
        if not isinstance(index, int | float) or isinstance(index, bool):
            raise TypeError(f"{name}: the position must be a number, got {index!r}")
        whole = obj
        if not isinstance(obj, DB | Optimizer) and hasattr(obj, "transform"):
            whole = EquilibriumOptimizer([obj], ignore_newtrees=False)
            whole.name = str(obj)
        super().register(name, whole, *tags, use_db_name_as_tag=use_db_name_as_tag)
        self.__position__[name] = float(position)

    def remove(self, name: str) -> None:
        """Forget an optimiser; KeyError when there is none of that name."""
        super().remove(name)
        del self.__position__[name]

    def query(
        self, *tags: Any, position_cutoff: float | None = None, **kwtags: Any
    ) -> SeqOptimizer:
        """Return the optimisers that are chosen, in order.

        Those at `position_cutoff`, or after it, are left out; None is what the query says, or
        `config.optdb.position_cutoff`.
        """
        query = self._read(tags, kwtags)
        limit = config.optdb.position_cutoff if position_cutoff is None else position_cutoff
        limit = min(limit, query.position_cutoff)
        placed = [(self.__position__[name], one) for name, one in self._chosen(query)]
        placed += [(position, _whole(one)) for one, position in query.extra_optimizations]
        placed.sort(key=lambda pair: pair[0])
        chosen = [one for position, one in placed if position < limit]
        result: SeqOptimizer = type(self).seq_opt(chosen, failure_callback=self.failure_callback)
        return result


def _whole(one: Any) -> Any:
    return one if isinstance(one, Optimizer) else TopoOptimizer(one)


class LocalGroupDB(DB):
    """A database of rules whose query gives a `LocalOptGroup`: the first that applies.

    Parameters
    ----------
    apply_all_opts, profile
        Those of `LocalOptGroup`.
    local_opt
        The class of what the query gives.

    Examples
    --------
    >>> import lltheano.tensor as T
    >>> from lltheano.graph import OpRemove, OpSub
    >>> rules = LocalGroupDB()
    >>> rules.register("b", OpRemove(T.exp), "fast_run")
    >>> rules.register("a", OpSub(T.exp, T.sin), "fast_run", position=0)
    >>> [one.name for one in rules.query("+fast_run").opts]
    ['a', 'b']
    """

    def __init__(
        self,
        apply_all_opts: bool = False,
        profile: bool = False,
        local_opt: Callable[..., Any] = LocalOptGroup,
    ) -> None:
        super().__init__()
        self.apply_all_opts = apply_all_opts
        self.profile = profile
        self.local_opt = local_opt
        self.__position__: OrderedDict[str, float] = OrderedDict()

    def register(
        self,
        name: str,
        obj: Any,
        *tags: str,
        position: float | str = "last",
        use_db_name_as_tag: bool = True,
    ) -> None:
        """Add a rule; those of lower positions are asked first, and "last" is after all others."""
        super().register(name, obj, *tags, use_db_name_as_tag=use_db_name_as_tag)
        if position == "last":
            position = max(self.__position__.values(), default=0.0) + 1
        self.__position__[name] = float(position)

    def query(self, *tags: Any, **kwtags: Any) -> Any:
        """Return the rules that are chosen, as one."""
        chosen = self._chosen(self._read(tags, kwtags))
        chosen.sort(key=lambda pair: (self.__position__[pair[0]], pair[0]))
        rules = [one for _, one in chosen]
        return self.local_opt(*rules, apply_all_opts=self.apply_all_opts, profile=self.profile)


class ProxyDB(DB):
    """Stands for another database, so that it can be registered at several positions.

    >>> import lltheano.tensor as T
    >>> from lltheano.graph import OpRemove
    >>> rules = EquilibriumDB()
    >>> rules.register("no_exp", OpRemove(T.exp), "fast_run")
    >>> len(ProxyDB(rules).query("+fast_run").local_optimizers)
    1
    """

    def __init__(self, db: DB) -> None:
        if not isinstance(db, DB):
            raise TypeError(f"ProxyDB stands for a database, got {db!r:.80}")
        super().__init__()
        self.db = db

    def query(self, *tags: Any, **kwtags: Any) -> Any:
        """Return what the other database gives."""
        return self.db.query(*tags, **kwtags)
