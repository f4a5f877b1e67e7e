"""Rules that are written as a pattern and what takes its place."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from lltheano.graph.core import Apply, Constant, Op, Variable
from lltheano.graph.optimisers.rewriting import LocalOptimizer

__all__ = ["PatternSub", "check_chain"]

_Found = dict[str, Variable]


class PatternSub(LocalOptimizer):
    """The rule in_pattern -> out_pattern.

    A pattern is a list or tuple of an op and a pattern for each of its inputs; a string, which
    stands for any variable, the same wherever it occurs; a number or a constant, which stands for a
    constant of that value; or a dict with the `pattern`, a `constraint` (called with the variable)
    that must hold, and `allow_multiple_clients`.

    Parameters
    ----------
    in_pattern
        What to look for; it begins with an op.
    out_pattern
        What takes its place, made of the strings of `in_pattern`.
    allow_multiple_clients
        Whether what lies inside the pattern may be used outside of it too; it is then computed
        twice.
    skip_identities_fn
        Called with a variable that does not match; gives what to look at instead, or None.
    name
        What the rule is called.
    tracks, get_nodes
        Ops to begin with instead of the outermost one, and a function that gives for an application
        of one of them those to look at.
    values_eq_approx
        Becomes `tag.values_eq_approx` of what takes the place.

    Examples
    --------
    >>> import lltheano.tensor as T
    >>> from lltheano.graph import FunctionGraph, TopoOptimizer
    >>> rule = PatternSub((T.log, (T.mul, "x", "y")), (T.add, (T.log, "x"), (T.log, "y")))
    >>> a, b = T.dscalars("a", "b")
    >>> graph = FunctionGraph([a, b], [T.log(a * b)])
    >>> TopoOptimizer(rule).optimize(graph)
    >>> graph
    [add(log(a), log(b))]
    """

    def __init__(
        self,
        in_pattern: Any,
        out_pattern: Any,
        allow_multiple_clients: bool = False,
        skip_identities_fn: Callable[[Variable], Any] | None = None,
        name: str | None = None,
        tracks: Sequence[Op] = (),
        get_nodes: Callable[[Apply], Sequence[Apply]] | None = None,
        values_eq_approx: Callable[..., bool] | None = None,
    ) -> None:
        self.in_pattern = in_pattern
        self.out_pattern = out_pattern
        inner = in_pattern["pattern"] if isinstance(in_pattern, dict) else in_pattern
        if not isinstance(inner, list | tuple) or not inner:
            raise TypeError(f"the pattern to look for must begin with an op, got {in_pattern!r}")
        self.op = inner[0]
        self.allow_multiple_clients = allow_multiple_clients
        self.skip_identities_fn = skip_identities_fn
        self.values_eq_approx = values_eq_approx
        self._tracks = tuple(tracks)
        self.get_nodes = get_nodes
        if (get_nodes is None) != (not self._tracks):
            raise ValueError("tracks and get_nodes are given together or not at all")
        self.name = name or f"{pattern_text(in_pattern)} -> {pattern_text(out_pattern)}"

    def op_key(self) -> Op:
        """Return the outermost op."""
        result: Op = self.op
        return result

    def tracks(self) -> Sequence[Any]:
        """Return the ops that it begins with."""
        return self._tracks or (self.op,)

    def transform(self, node: Apply, get_nodes: bool = True) -> Any:
        """Return what takes the place of the application, if the pattern is there."""
        if get_nodes and self.get_nodes is not None:
            for each in self.get_nodes(node):
                result = self.transform(each, get_nodes=False)
                if result:
                    return dict(zip(each.outputs, result, strict=True))
            return False
        if node.op != self.op or len(node.outputs) != 1:
            return False
        found_here = self._match(self.in_pattern, node.outputs[0], {}, several=True)
        if found_here is None:
            return False
        replacement = _built(self.out_pattern, found_here)
        if not isinstance(replacement, Variable) or replacement.type != node.outputs[0].type:
            return False
        if self.values_eq_approx is not None:
            replacement.tag.values_eq_approx = self.values_eq_approx
        replacement.source = node.source
        return [replacement]

    def _match(
        self, pattern: Any, variable: Variable, bindings: _Found, *, several: bool
    ) -> _Found | None:
        """What the strings of a pattern stand for in a variable; None where it does not match."""
        matched = self._match_here(pattern, variable, bindings, several=several)
        if matched is None and self.skip_identities_fn is not None:
            behind = self.skip_identities_fn(variable)
            if behind is not None:
                return self._match(pattern, behind, bindings, several=several)
        return matched

    def _match_here(
        self, pattern: Any, variable: Variable, bindings: _Found, *, several: bool
    ) -> _Found | None:
        if isinstance(pattern, dict):
            if not pattern.get("constraint", lambda one: True)(variable):
                return None
            allowed = pattern.get("allow_multiple_clients", several)
            return self._match(pattern["pattern"], variable, bindings, several=allowed)
        if isinstance(pattern, list | tuple):
            return self._match_op(pattern, variable, bindings, several=several)
        if isinstance(pattern, str):
            if bindings.setdefault(pattern, variable) is variable:
                return bindings
            same = _same_constant(bindings[pattern], variable)
            return bindings if same else None
        if isinstance(variable, Constant):
            value = pattern.data if isinstance(pattern, Constant) else pattern
            return bindings if _equal(value, variable.data) else None
        return bindings if pattern is variable else None

    def _match_op(
        self, pattern: Sequence[Any], variable: Variable, bindings: _Found, *, several: bool
    ) -> _Found | None:
        node = variable.owner
        if node is None or node.op != pattern[0] or len(node.inputs) != len(pattern) - 1:
            return None
        if not several and len(variable.clients) > 1:
            return None
        inner = self.allow_multiple_clients
        matched: _Found | None = dict(bindings)
        for part, operand in zip(pattern[1:], node.inputs, strict=True):
            matched = (
                self._match(part, operand, matched, several=inner) if matched is not None else None
            )
        return matched

    def __str__(self) -> str:
        return self.name


def _built(pattern: Any, bindings: Mapping[str, Variable]) -> Any:
    if isinstance(pattern, list | tuple):
        return pattern[0](*(_built(part, bindings) for part in pattern[1:]))
    if isinstance(pattern, str):
        return bindings[pattern]
    return pattern


def _same_constant(one: Variable, other: Variable) -> bool:
    both = isinstance(one, Constant) and isinstance(other, Constant)
    return both and one.signature() == other.signature()  # type: ignore[attr-defined]


def _equal(value: Any, data: Any) -> bool:
    return np.shape(value) == np.shape(data) and bool(np.all(np.equal(value, data)))


def pattern_text(pattern: Any) -> str:
    """Write a pattern much as a person would."""
    if isinstance(pattern, list | tuple):
        return f"{pattern[0]}({', '.join(map(pattern_text, pattern[1:]))})"
    if isinstance(pattern, dict):
        return f"{pattern_text(pattern['pattern'])} subject to {pattern.get('constraint')}"
    return str(pattern)


def check_chain(r: Any, *chain: Any) -> bool:
    """Whether a variable is computed by the first op, from the first input of that by the second,
    and so on.

    Parameters
    ----------
    r
        A variable, or the application that computes it.
    chain
        Ops, or classes of ops; None is a leaf.

    Examples
    --------
    >>> import lltheano.tensor as T
    >>> x = T.dscalar("x")
    >>> check_chain(T.exp(T.log(x)), T.exp, T.log, None), check_chain(T.exp(x), T.exp, T.log)
    (True, False)
    """
    one = r.outputs[0] if isinstance(r, Apply) else r
    for op in chain:
        node = one.owner if one is not None else None
        if op is None:
            return node is None
        if node is None:
            return False
        is_class = isinstance(op, type)
        if not (isinstance(node.op, op) if is_class else node.op == op):
            return False
        one = node.inputs[0] if node.inputs else None
    return True
