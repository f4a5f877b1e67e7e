"""`pprint` and `pp`: a graph as one expression, much as a person would write it."""

import re
from collections.abc import Callable, Sequence
from typing import Any, cast

from lltheano.graph import Apply, Constant, Variable, applies, inputs
from lltheano.printing.graphs import shown_leaf
from lltheano.printing.printers import PrinterState, binding, condition_of
from lltheano.tensor.elementwise.op import Elementwise
from lltheano.tensor.reducers.ops import CAReduce, axes_of
from lltheano.tensor.shapes.dimshuffle import DimShuffle

__all__ = ["PPrinter", "pp", "pprint"]

_ATOM = 100
_POWER = 14
_INFIX = {
    "pow": ("**", _POWER),
    "mul": ("*", 11),
    "true_div": ("/", 11),
    "int_div": ("//", 11),
    "mod": ("%", 11),
    "add": ("+", 10),
    "sub": ("-", 10),
    "left_shift": ("<<", 9),
    "right_shift": (">>", 9),
    "and_": ("&", 8),
    "xor": ("^", 7),
    "or_": ("|", 6),
    "lt": ("<", 5),
    "le": ("<=", 5),
    "gt": (">", 5),
    "ge": (">=", 5),
    "eq": ("==", 5),
    "neq": ("!=", 5),
}
"""Python's operators, with how tightly each binds."""
_PREFIX = {"neg": ("-", 12), "invert": ("~", 12)}
_LONG = 24
"""A part of more characters than this is written once."""

_Part = tuple[str, float]
"""A text, and how tightly what is outermost in it binds."""


class PPrinter:
    """Writes graphs as expressions; `pprint` and `pp` are the one instance.

    Called with a variable it returns the expression; with a list of variables, one expression a
    line; with inputs and outputs, `inputs -> outputs`. Python's operators are used with no more
    parentheses than they need, and functions by their names. New axes in front, which broadcasting
    adds anyhow, are left out. A part that occurs more than once, and is long or has a name, is
    written once, as a line of its own before the expression.

    >>> import lltheano.tensor as T
    >>> x, w = T.dvectors("x", "w")
    >>> PPrinter()((w * x - 1) ** 2 + T.exp(-x[1:].sum()))
    '(w * x - 1) ** 2 + exp(-sum(x[1:]))'
    """

    def __init__(self) -> None:
        self.printers: list[tuple[Any, Any]] = []

    def assign(self, condition: Any, printer: Any) -> None:
        """Have variables written by a printer of `lltheano.printing.printers`, or one like them.

        TypeError for a printer without.

        Parameters
        ----------
        condition
            An op, for what it computes; or a function of a `PrinterState` and a variable. What was
            assigned last is asked first.
        printer
            Has a method `process(variable, state)`.
        """
        if not hasattr(printer, "process"):
            raise TypeError(f"a printer has a method process(variable, state); got {printer!r:.80}")
        self.printers.insert(0, (condition_of(condition), printer))

    def clone(self) -> "PPrinter":
        """Return another writer with the same printers."""
        copy = PPrinter()
        copy.printers = list(self.printers)
        return copy

    def clone_assign(self, condition: Any, printer: Any) -> "PPrinter":
        """Return another writer with one printer more."""
        copy = self.clone()
        copy.assign(condition, printer)
        return copy

    def __call__(self, *args: Any) -> str:
        """Return the text for a variable, or a list of them, or inputs and outputs."""
        if len(args) == 2:
            return self.process_graph(*args)
        if len(args) != 1:
            raise TypeError(f"pprint takes a variable, or inputs and outputs; got {len(args)}")
        (given,) = args
        outputs = list(given) if isinstance(given, list | tuple) else [given]
        return "\n".join(_written(outputs, self.printers))

    def process(self, r: Any, pstate: Any = None) -> str:
        """Return the text for a variable or a list of variables."""
        return self(r)

    def process_graph(self, inputs: Any, outputs: Any) -> str:
        """Return the names of the inputs, and the outputs in terms of them."""
        variables = list(inputs) if isinstance(inputs, list | tuple) else [inputs]
        wanted = list(outputs) if isinstance(outputs, list | tuple) else [outputs]
        *parts, last = _written(wanted, self.printers, joined=True)
        names = ", ".join(shown_leaf(variable) for variable in variables)
        return "\n".join([*parts, f"{names} -> {last}"])

    def __repr__(self) -> str:
        return "pprint"


pprint = PPrinter()
pp = pprint


class _Operands:
    """What a printer has its operands written by: they are written already."""

    def __init__(self, texts: "dict[Variable, _Part]") -> None:
        self._texts = texts

    def process(self, r: Variable, pstate: Any) -> str:
        return _bound(self._texts.get(r) or _leaf(r), binding(pstate.precedence))


def _printed(
    variable: Variable, printers: Sequence[tuple[Any, Any]], texts: "dict[Variable, _Part]"
) -> "_Part | None":
    """What the first printer gives that is for a variable; None when there is none."""
    state = PrinterState(pprinter=_Operands(texts))
    for condition, printer in printers:
        if condition(state, variable):
            binds = getattr(printer, "precedence", None)
            text = printer.process(variable, state)
            return text, _ATOM if binds is None else binding(binds)
    return None


def _written(
    outputs: Sequence[Any], printers: Sequence[tuple[Any, Any]], *, joined: bool = False
) -> list[str]:
    """The lines of the parts that are written once, then those of the outputs."""
    for output in outputs:
        if not isinstance(output, Variable):
            raise TypeError(f"pprint takes symbolic variables, got {output!r:.80}")
    nodes = applies(outputs)
    uses: dict[Variable, int] = {}
    for output in (*outputs, *(operand for node in nodes for operand in node.inputs)):
        uses[output] = uses.get(output, 0) + 1
    texts: dict[Variable, _Part] = {}
    lines: list[str] = []
    for leaf in inputs(outputs) if printers else ():
        written = _printed(leaf, printers, texts)
        if written is not None:
            texts[leaf] = written
    for node in nodes:
        found = _apply(node, [texts.get(operand) or _leaf(operand) for operand in node.inputs])
        for output in node.outputs:
            part = found if node.nout == 1 else (f"{found[0]}[{output.index}]", _ATOM)
            part = _printed(output, printers, texts) or part
            if uses.get(output, 0) > 1 and (output.name is not None or len(part[0]) > _LONG):
                name = output.name or f"t{len(lines)}"
                lines.append(f"{name} = {part[0]}")
                part = (name, _ATOM)
            texts[output] = part
    shown = [(texts.get(output) or _leaf(output))[0] for output in outputs]
    return [*lines, ", ".join(shown)] if joined else [*lines, *shown]


def _leaf(variable: Variable) -> _Part:
    text = shown_leaf(variable)
    return text, 12 if text.startswith("-") else _ATOM


def _bound(part: _Part, least: float) -> str:
    """A part in parentheses where what is around it binds tighter."""
    text, binds = part
    return text if binds >= least else f"({text})"


def _apply(node: Apply, parts: Sequence[_Part]) -> _Part:
    op = node.op
    if isinstance(op, Elementwise):
        return _elementwise(op.name, parts)
    for kind, write in _WRITERS:
        if isinstance(op, kind):
            return write(node, parts)
    write_by_name = _BY_NAME.get(type(op).__name__)
    if write_by_name is not None:
        return write_by_name(node, parts)
    return _call(str(op), [text for text, _ in parts])


def _call(name: str, arguments: Sequence[str]) -> _Part:
    return f"{name}({', '.join(arguments)})", _ATOM


def _elementwise(name: str, parts: Sequence[_Part]) -> _Part:
    if name in _PREFIX:
        sign, binds = _PREFIX[name]
        return f"{sign}{_bound(parts[0], binds)}", binds
    if name == "abs_":
        return _call("abs", [parts[0][0]])
    if name == "sqr":
        return f"{_bound(parts[0], 15)} ** 2", 14
    if name in _INFIX and len(parts) == 1:
        return parts[0]
    if name not in _INFIX:
        return _call(name, [text for text, _ in parts])
    symbol, binds = _INFIX[name]
    # Powers group from the right, all others from the left; comparisons do not chain.
    first, others = (binds + 1, binds) if binds == _POWER else (binds, binds + 1)
    if binds == 5:
        first = binds + 1
    texts = [_bound(parts[0], first), *(_bound(part, others) for part in parts[1:])]
    return f" {symbol} ".join(texts), binds


_REDUCTIONS = {"add": "sum", "mul": "prod", "and": "all", "or": "any"}


def _reduction(node: Apply, parts: Sequence[_Part]) -> _Part:
    op: Any = node.op
    x: Any = node.inputs[0]
    name = _REDUCTIONS.get(op.kind, str(op.kind))
    axes = axes_of(x, op.axis)
    where = [] if len(axes) == x.ndim else [f"axis={axes[0] if len(axes) == 1 else axes}"]
    return _call(name, [parts[0][0], *where])


def _dimshuffle(node: Apply, parts: Sequence[_Part]) -> _Part:
    op: Any = node.op
    x: Any = node.inputs[0]
    kept = tuple(axis for axis in op.order if axis is not None)
    new = len(op.order) - len(kept)
    if op.order[new:] == tuple(range(x.ndim)):
        return parts[0]
    inner = _bound(parts[0], _ATOM)
    if op.order == (1, 0):
        return f"{inner}.T", _ATOM
    order = ", ".join("'x'" if axis is None else str(axis) for axis in op.order)
    return f"{inner}.dimshuffle({order})", _ATOM


_WRITERS: tuple[tuple[type, Callable[[Apply, Sequence[_Part]], _Part]], ...] = (
    (CAReduce, _reduction),
    (DimShuffle, _dimshuffle),
)


def _index(node: Apply, rest: Sequence[_Part]) -> str:
    """An indexing expression, with variables in the places of their marks."""
    given = iter(rest)

    def filled(mark: re.Match[str]) -> str:
        return "None" if mark[0] == "new" else next(given)[0]

    template = str(cast(Any, node.op).form(node.inputs[0]))
    template = re.sub(r"(, :)+]$", "]", template)
    return re.sub(r"\?|\barray\b|\bmask\d*|\bnew\b", filled, template)


def _part(node: Apply, parts: Sequence[_Part]) -> _Part:
    return f"{_bound(parts[0], _ATOM)}{_index(node, parts[1:])}", _ATOM


def _updated(node: Apply, parts: Sequence[_Part]) -> _Part:
    op: Any = node.op
    name = "set_subtensor" if op.set_instead_of_inc else "inc_subtensor"
    part = f"{_bound(parts[0], _ATOM)}{_index(node, parts[2:])}"
    return _call(name, [part, parts[1][0]])


def _size(node: Apply, parts: Sequence[_Part]) -> _Part:
    op: Any = node.op
    return f"{_bound(parts[0], _ATOM)}.shape[{op.i}]", _ATOM


def _sizes_after(name: str) -> Callable[[Apply, Sequence[_Part]], _Part]:
    """A function of a tensor and a tuple of sizes."""

    def write(node: Apply, parts: Sequence[_Part]) -> _Part:
        sizes = [text for text, _ in parts[1:]]
        shape = f"({', '.join(sizes)}{',' if len(sizes) == 1 else ''})"
        return _call(name, [parts[0][0], shape])

    return write


def _join(node: Apply, parts: Sequence[_Part]) -> _Part:
    axis: Any = node.inputs[0]
    listed = f"[{', '.join(text for text, _ in parts[1:])}]"
    known = isinstance(axis, Constant)
    if known and axis.data == 0 and all(_is_one_part(operand) for operand in node.inputs[1:]):
        return _call("stack", [listed])
    return _call("concatenate", [listed, f"axis={axis.data if known else parts[0][0]}"])


def _is_one_part(variable: Variable) -> bool:
    """Whether a new first axis is what there is of it along that axis."""
    op: Any = variable.owner.op if variable.owner is not None else None
    return isinstance(op, DimShuffle) and op.order[:1] == (None,)


def _cast(node: Apply, parts: Sequence[_Part]) -> _Part:
    if isinstance(node.inputs[0], Constant):
        return parts[0]
    return _call("cast", [parts[0][0], repr(cast(Any, node.outputs[0]).dtype)])


def _function(name: str) -> Callable[[Apply, Sequence[_Part]], _Part]:
    """A function of all operands."""
    return lambda node, parts: _call(name, [text for text, _ in parts])


_BY_NAME: dict[str, Callable[[Apply, Sequence[_Part]], _Part]] = {
    **dict.fromkeys(("Subtensor", "AdvancedSubtensor", "AdvancedSubtensor1"), _part),
    **dict.fromkeys(("IncSubtensor", "AdvancedIncSubtensor", "AdvancedIncSubtensor1"), _updated),
    "Alloc": _sizes_after("alloc"),
    "Cast": _cast,
    "Dot": _function("dot"),
    "Fill": _function("fill"),
    "Iota": _function("arange"),
    "Join": _join,
    "Rebroadcast": lambda node, parts: parts[0],
    "Reshape": _sizes_after("reshape"),
    # What the sizes or the elements must be is said where it fails.
    "Requirement": lambda node, parts: parts[0],
    "Shape": lambda node, parts: (f"{_bound(parts[0], _ATOM)}.shape", _ATOM),
    "Shape_i": _size,
    **{
        kind: _function(name)
        for kind, name in {
            "AllocDiag": "diag",
            "Cholesky": "cholesky",
            "Det": "det",
            "Eigh": "eigh",
            "Expm": "expm",
            "ExtractDiag": "diagonal",
            "MatrixInverse": "matrix_inverse",
            "MatrixPinv": "pinv",
            "QRFull": "qr",
            "SVD": "svd",
            "Softmax": "softmax",
            "Solve": "solve",
            "Sort": "sort",
        }.items()
    },
}
"""How the ops of the tensor language are written, by class; named, since most programs have no
need of the modules that define them.
"""
