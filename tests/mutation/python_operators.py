"""Changes of Python source: comparisons, arithmetic, conditions, constants, tables, statements.

What only talks to people is left alone: docstrings, annotations, and the messages of errors.
"""

import ast
import re
from collections.abc import Iterator, Sequence
from functools import singledispatchmethod
from itertools import pairwise

from tests.mutation.edits import Edit

__all__ = ["python_edits"]

_COMPARISONS: dict[type[ast.cmpop], tuple[str, str]] = {
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.Is: ("is", "is not"),
    ast.IsNot: ("is not", "is"),
    ast.In: ("in", "not in"),
    ast.NotIn: ("not in", "in"),
}
_ARITHMETIC: dict[type[ast.operator], tuple[str, str]] = {
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "+"),
    ast.FloorDiv: ("//", "*"),
    ast.Mod: ("%", "+"),
    ast.BitAnd: ("&", "|"),
    ast.BitOr: ("|", "&"),
    ast.LShift: ("<<", ">>"),
    ast.RShift: (">>", "<<"),
}
_WORDS = {
    "<": "<=",
    "<=": "<",
    ">": ">=",
    ">=": ">",
    "==": "!=",
    "!=": "==",
    "add": "sub",
    "sub": "add",
    "max": "min",
    "min": "max",
    "lt": "le",
    "le": "lt",
    "gt": "ge",
    "ge": "gt",
    "eq": "ne",
    "ne": "eq",
    "and": "or",
    "or": "and",
    "uno": "ord",
}
"""Names of operations of the two IRs and of LLVM."""


def python_edits(source: str) -> Iterator[Edit]:
    """Every change of a module that leaves it readable."""
    yield from _Editor(source).module()


class _Editor:
    """Walks a module's syntax and proposes changes of its text."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._starts = [0]
        for line in source.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))

    def module(self) -> Iterator[Edit]:
        yield from self._body(ast.parse(self._source).body)

    def _offset(self, line: int, column: int) -> int:
        start, end = self._starts[line - 1], self._starts[line]
        return start + len(self._source[start:end].encode()[:column].decode())

    def _span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        start = self._offset(node.lineno, node.col_offset)
        return start, self._offset(node.end_lineno, node.end_col_offset)

    def _text(self, node: ast.expr | ast.stmt) -> str:
        start, end = self._span(node)
        return self._source[start:end]

    def _replace(self, operator: str, node: ast.expr | ast.stmt, after: str) -> Edit:
        return Edit(operator, self._span(node)[0], self._text(node), after)

    def _between(
        self, operator: str, left: ast.expr, right: ast.expr, swap: tuple[str, str]
    ) -> Iterator[Edit]:
        """Another token between two expressions, if it stands there just once."""
        start, end = self._span(left)[1], self._span(right)[0]
        words = [re.escape(word) for word in swap[0].split()]
        token = r"\s+".join(words)
        pattern = rf"\b{token}\b" if swap[0].isalpha() or " " in swap[0] else token
        matches = list(re.finditer(pattern, self._source[start:end]))
        if len(matches) == 1:
            yield Edit(operator, start + matches[0].start(), matches[0][0], swap[1])

    def _body(self, body: Sequence[ast.stmt]) -> Iterator[Edit]:
        for statement in body:
            yield from self._visit(statement)

    def _children(self, node: ast.AST) -> Iterator[Edit]:
        for name, value in ast.iter_fields(node):
            if name in ("annotation", "returns", "decorator_list"):
                continue
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    yield from self._visit(child)

    @singledispatchmethod
    def _visit(self, node: ast.AST) -> Iterator[Edit]:
        yield from self._children(node)

    @_visit.register(ast.Import | ast.ImportFrom | ast.Raise | ast.Assert | ast.JoinedStr)
    def _left_alone(self, node: ast.AST) -> Iterator[Edit]:
        yield from ()

    @_visit.register
    def _expression(self, node: ast.Expr) -> Iterator[Edit]:
        if isinstance(node.value, ast.Constant):
            return
        if isinstance(node.value, ast.Call):
            yield self._replace("statement left out", node, "pass")
        yield from self._children(node)

    @_visit.register
    def _augmented(self, node: ast.AugAssign) -> Iterator[Edit]:
        yield self._replace("statement left out", node, "pass")
        yield from self._children(node)

    @_visit.register
    def _assignment(self, node: ast.Assign) -> Iterator[Edit]:
        if ast.unparse(node.targets[0]) != "__all__":
            yield from self._visit(node.value)

    @_visit.register
    def _compare(self, node: ast.Compare) -> Iterator[Edit]:
        sides = [node.left, *node.comparators]
        for operator, (left, right) in zip(node.ops, pairwise(sides), strict=True):
            yield from self._between("other comparison", left, right, _COMPARISONS[type(operator)])
        yield from self._children(node)

    @_visit.register
    def _arithmetic(self, node: ast.BinOp) -> Iterator[Edit]:
        swap = _ARITHMETIC.get(type(node.op))
        if swap is not None and not self._is_type(node):
            yield from self._between("other arithmetic", node.left, node.right, swap)
        yield from self._children(node)

    @staticmethod
    def _is_type(node: ast.BinOp) -> bool:
        """Whether it is a union of types, as in `isinstance(x, A | B)`."""
        return isinstance(node.op, ast.BitOr) and ast.unparse(node.right)[:1].isupper()

    @_visit.register
    def _boolean(self, node: ast.BoolOp) -> Iterator[Edit]:
        swap = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        for left, right in pairwise(node.values):
            yield from self._between("other connective", left, right, swap)
        yield from self._children(node)

    @_visit.register
    def _unary(self, node: ast.UnaryOp) -> Iterator[Edit]:
        if isinstance(node.op, ast.Not | ast.USub):
            yield self._replace("sign left out", node, f"({self._text(node.operand)})")
        yield from self._children(node)

    @_visit.register
    def _constant(self, node: ast.Constant) -> Iterator[Edit]:
        if isinstance(node.value, bool):
            yield self._replace("other constant", node, str(not node.value))
        elif isinstance(node.value, int):
            yield self._replace("constant plus one", node, str(node.value + 1))
        elif isinstance(node.value, str) and node.value in _WORDS:
            after = self._text(node).replace(node.value, _WORDS[node.value])
            yield self._replace("other operation", node, after)

    @_visit.register
    def _branch(self, node: ast.If) -> Iterator[Edit]:
        if ast.unparse(node.test) == "TYPE_CHECKING":
            return
        yield self._replace("condition negated", node.test, f"not ({self._text(node.test)})")
        yield from self._children(node)

    @_visit.register
    def _choice(self, node: ast.IfExp) -> Iterator[Edit]:
        yield self._replace("condition negated", node.test, f"(not ({self._text(node.test)}))")
        yield from self._children(node)

    @_visit.register
    def _jump(self, node: ast.Continue) -> Iterator[Edit]:
        yield self._replace("other jump", node, "break")

    @_visit.register
    def _call(self, node: ast.Call) -> Iterator[Edit]:
        *_, first, second = (None, None, *node.args)
        known = isinstance(node.func, ast.Name) and node.func.id in ("isinstance", "getattr")
        if first is not None and second is not None and not known:
            yield from self._exchanged(first, second)
        yield from self._children(node)

    def _exchanged(self, first: ast.expr, second: ast.expr) -> Iterator[Edit]:
        """The last two arguments of a call in each other's place."""
        starred = isinstance(first, ast.Starred) or isinstance(second, ast.Starred)
        if starred or self._text(first) == self._text(second):
            return
        (start, middle), (after, end) = self._span(first), self._span(second)
        swapped = self._text(second) + self._source[middle:after] + self._text(first)
        yield Edit("arguments exchanged", start, self._source[start:end], swapped)

    @_visit.register(ast.Tuple | ast.List | ast.Set)
    def _elements(self, node: ast.Tuple | ast.List | ast.Set) -> Iterator[Edit]:
        elements = node.elts
        if len(elements) >= 3 and isinstance(elements[0], ast.Constant | ast.Name | ast.Call):
            for element, following in pairwise(elements):
                start, end = self._span(element)[0], self._span(following)[0]
                yield Edit("element left out", start, self._source[start:end], "")
        yield from self._children(node)
