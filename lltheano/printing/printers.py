"""How a program has its own ops written by `pprint`: `pprint.assign(op, printer)`.

A printer has a method `process(variable, state)` that returns text; it has the operands written by
`state.pprinter.process(operand, state)`, in parentheses where what is around them, of
`state.precedence`, binds tighter. Precedences are Theano's: -2 of sums, -1 of products, 1 of
powers, and -1000 where nothing binds.
"""

import hashlib
import re
from collections.abc import Callable
from typing import Any

from lltheano.graph import Variable

__all__ = [
    "DefaultPrinter",
    "FunctionPrinter",
    "IgnorePrinter",
    "LeafPrinter",
    "OperatorPrinter",
    "PatternPrinter",
    "PrinterState",
    "binding",
    "condition_of",
    "default_printer",
    "hex_digest",
    "leaf_printer",
    "position_independent_str",
]

_NOTHING_BINDS = -1000
_ADDRESS = re.compile(r"0x[0-9a-fA-F]+")


class PrinterState:
    """What a printer is given besides the variable: `pprinter`, `precedence`, and what others set.

    >>> PrinterState(precedence=1).clone(precedence=2).precedence
    2
    """

    precedence: float = _NOTHING_BINDS
    pprinter: Any = None

    def __init__(self, props: Any = None, **more_props: Any) -> None:
        given = vars(props) if isinstance(props, PrinterState) else props or {}
        vars(self).update(given, **more_props)

    def clone(self, props: Any = None, **more_props: Any) -> "PrinterState":
        """Return another state, with some values changed."""
        return PrinterState({**vars(self), **(props or {}), **more_props})


def binding(precedence: float) -> float:
    """Return how tightly something of Theano's precedence binds, as `pprint` counts."""
    return 12 + precedence if precedence <= 0 else 13 + precedence


class OperatorPrinter:
    """Writes an op as an operator between its operands, or before the only one.

    Parameters
    ----------
    operator
        Its sign.
    precedence
        How tightly it binds.
    assoc
        "left", "right" or "either": which operand needs no parentheses when it is of the same
        operator; "none" of neither.

    Examples
    --------
    >>> import lltheano.tensor as T
    >>> from lltheano.printing import PPrinter
    >>> writer = PPrinter()
    >>> writer.assign(T.maximum, OperatorPrinter("max", -2))
    >>> x, y = T.dscalars("x", "y")
    >>> writer(T.maximum(x, y) * 2)
    '(x max y) * 2'
    """

    def __init__(self, operator: str, precedence: float, assoc: str = "left") -> None:
        self.operator = operator
        self.precedence = precedence
        self.assoc = assoc

    def process(self, output: Variable, pstate: Any) -> str:
        """Return the text for a variable."""
        operands = _operands(self, output)
        texts = [
            pstate.pprinter.process(
                operand, pstate.clone(precedence=self._needed(index, len(operands)))
            )
            for index, operand in enumerate(operands)
        ]
        text = f" {self.operator} ".join(texts) if len(texts) > 1 else f"{self.operator}{texts[0]}"
        return f"({text})" if binding(self.precedence) < binding(pstate.precedence) else text

    def _needed(self, index: int, count: int) -> float:
        free = {"left": index == 0, "right": index == count - 1, "either": True}
        return self.precedence + (0 if free.get(self.assoc, False) else 1e-6)


class FunctionPrinter:
    """Writes an op as calls of functions, one name for each of its outputs.

    >>> import lltheano.tensor as T
    >>> from lltheano.printing import PPrinter
    >>> writer = PPrinter()
    >>> writer.assign(T.maximum, FunctionPrinter("largest"))
    >>> writer(T.maximum(T.dscalar("x"), T.dscalar("y")))
    'largest(x, y)'
    """

    def __init__(self, *names: str) -> None:
        self.names = list(names)

    def process(self, output: Variable, pstate: Any) -> str:
        """Return the text for a variable."""
        operands = _operands(self, output)
        index = output.index or 0
        if index >= len(self.names):
            raise TypeError(f"{self.names} names no output {index} of {output.describe()}")
        inner = pstate.clone(precedence=_NOTHING_BINDS)
        texts = [pstate.pprinter.process(operand, inner) for operand in operands]
        return f"{self.names[index]}({', '.join(texts)})"


class PatternPrinter:
    """Writes an op by a pattern for each of its outputs, with `%(0)s` for the first operand.

    Parameters
    ----------
    patterns
        Each is a pattern, or a pair of a pattern and the precedences of the operands.

    Examples
    --------
    >>> import lltheano.tensor as T
    >>> from lltheano.printing import PPrinter
    >>> writer = PPrinter()
    >>> writer.assign(T.maximum, PatternPrinter("the larger of %(0)s and %(1)s"))
    >>> writer(T.maximum(T.dscalar("x"), T.dscalar("y")))
    'the larger of x and y'
    """

    def __init__(self, *patterns: Any) -> None:
        self.patterns = [
            (pattern, ()) if isinstance(pattern, str) else (pattern[0], pattern[1:])
            for pattern in patterns
        ]

    def process(self, output: Variable, pstate: Any) -> str:
        """Return the text for a variable."""
        operands = _operands(self, output)
        pattern, precedences = self.patterns[output.index or 0]
        texts = {}
        for index, operand in enumerate(operands):
            binds = precedences[index] if index < len(precedences) else _NOTHING_BINDS
            texts[str(index)] = pstate.pprinter.process(operand, pstate.clone(precedence=binds))
        return str(pattern % texts)


class IgnorePrinter:
    """Writes an op of one operand as that operand.

    >>> import lltheano.tensor as T
    >>> from lltheano.printing import PPrinter
    >>> writer = PPrinter()
    >>> writer.assign(T.exp, IgnorePrinter())
    >>> writer(T.exp(T.dscalar("x")))
    'x'
    """

    def process(self, output: Variable, pstate: Any) -> str:
        """Return the text for the operand."""
        (operand, *others) = _operands(self, output)
        if others:
            raise TypeError(f"{output.describe()} has {1 + len(others)} operands, and one is shown")
        return str(pstate.pprinter.process(operand, pstate))


class DefaultPrinter:
    """Writes any op as a call.

    >>> import lltheano.tensor as T
    >>> from lltheano.printing import PPrinter
    >>> writer = PPrinter()
    >>> writer.assign(T.add, default_printer)
    >>> writer(T.dscalar("x") + T.dscalar("y"))
    'add(x, y)'
    """

    def process(self, output: Variable, pstate: Any) -> str:
        """Return the text for a variable."""
        if output.owner is None:
            return leaf_printer.process(output, pstate)
        inner = pstate.clone(precedence=_NOTHING_BINDS)
        texts = [pstate.pprinter.process(operand, inner) for operand in output.owner.inputs]
        return f"{output.owner.op}({', '.join(texts)})"


class LeafPrinter:
    """Writes a leaf by its name, or as it shows itself.

    >>> import lltheano.tensor as T
    >>> leaf_printer.process(T.dscalar("x"), None)
    'x'
    """

    def process(self, output: Variable, pstate: Any) -> str:
        """Return the text for a leaf."""
        return output.name if output.name is not None else str(output)


leaf_printer = LeafPrinter()
default_printer = DefaultPrinter()


def _operands(printer: Any, output: Variable) -> list[Variable]:
    if output.owner is None:
        raise TypeError(f"{type(printer).__name__} writes what an op computes, not {output}")
    return output.owner.inputs


def condition_of(condition: Any) -> Callable[[Any, Variable], bool]:
    """Return a condition on a state and a variable: an op stands for what it computes."""
    if callable(condition) and not hasattr(condition, "make_node"):
        asked: Any = condition
        return lambda state, one: bool(asked(state, one))
    return lambda state, one: one.owner is not None and one.owner.op == condition


def hex_digest(x: Any) -> str:
    """Return what tells an array from others: its elements, sizes, dtype and strides.

    >>> import numpy as np
    >>> hex_digest(np.zeros(2)) == hex_digest(np.zeros(2)) != hex_digest(np.ones(2))
    True
    """
    digest = hashlib.sha256(x.tobytes()).hexdigest()
    strides = "strides=[" + "".join(f"{stride}," for stride in x.strides) + "]"
    shape = "shape=[" + "".join(f"{size}," for size in x.shape) + "]"
    return f"{digest}{strides}{shape}{x.dtype}"


def position_independent_str(obj: Any) -> str:
    """Return an object as text without the addresses of things in memory.

    >>> position_independent_str(object())
    '<object object at 0x...>'
    """
    if isinstance(obj, Variable):
        return f"{type(obj).__name__}{{{obj.type!r}}}"
    return _ADDRESS.sub("0x...", str(obj))
