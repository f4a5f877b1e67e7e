"""The tables of `docs/stability.md`: what is written, what is computed, and what is right.

`python -m tests.docs.stability` writes it anew after a rule was added or changed.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mpmath
import numpy as np

import lltheano.tensor as T
from lltheano import function
from lltheano.graph import Variable
from lltheano.lowering import lower
from lltheano_ir.interpret import interpret
from lltheano_ir.passes.canonicalise import canonicalise
from lltheano_ir.passes.stabilise import STABLE_RULES
from lltheano_ir.rewrite.driver import rewrite
from tests.docs.tables import with_table

__all__ = ["NO_POINT", "PAGE", "ROWS", "Row", "with_tables"]

PAGE = Path(__file__).parents[2] / "docs" / "stability.md"
mp: Any = mpmath.mp  # its functions are made at run time, unseen by type checkers

Exact = Callable[[list[Any]], Any]


@dataclass(frozen=True)
class Row:
    """An expression of a vector `x`, a point, the exact result there, and the rules that matter.

    With `gradient` it is the gradient of the expression's sum; where that needs no rule it is right
    as it is written, since derivatives are taken of logarithms.
    """

    expression: str
    point: tuple[float, ...]
    exact: Exact
    rules: tuple[str, ...]
    gradient: bool = False

    def variables(self) -> tuple[Any, Variable]:
        """The leaf and the result."""
        x = T.dvector("x")
        value = eval(self.expression, {"T": T, "x": x})
        return x, T.grad(value.sum(), x) if self.gradient else value

    def results(self) -> tuple[Any, Any, Any]:
        """As it is written, as it is computed, and exactly."""
        x, result = self.variables()
        point = np.array(self.point)
        (plain,), _ = interpret(lower([x], [result]), [point])
        computed = function([x], result)(point)
        with mp.workdps(1000):
            exact = self.exact([mp.mpf(one) for one in self.point])
            several = exact if isinstance(exact, list) else [exact]
            wanted = np.array([float(one) for one in several]).reshape(computed.shape)
        return plain, computed, wanted

    def fired(self) -> Counter[str]:
        """The rules that were applied."""
        x, result = self.variables()
        found: Counter[str] = Counter()
        rewrite(canonicalise(lower([x], [result])), STABLE_RULES, fired=found)
        return found


def each(formula: Callable[[Any], Any]) -> Exact:
    """A function of each element."""
    return lambda xs: [formula(x) for x in xs]


def total(xs: list[Any]) -> Any:
    """The sum of the exponentials."""
    return mp.fsum(mp.exp(x) for x in xs)


def softmax(xs: list[Any]) -> list[Any]:
    """Each exponential over the sum."""
    return [mp.exp(x) / total(xs) for x in xs]


def sigmoid(x: Any) -> Any:
    """1 / (1 + exp(-x))."""
    return 1 / (1 + mp.exp(-x))


_CROSS = "-T.log(T.nnet.softmax(x))[0, T.constant([2])]"
_BINARY = "T.nnet.binary_crossentropy(T.sigmoid(x), 1.0)"

ROWS = (
    Row("T.log(1 + x)", (1e-20,), each(mp.log1p), ("log-one-plus",)),
    Row("T.log(1 - x)", (1e-20,), each(lambda x: mp.log1p(-x)), ("log-one-minus",)),
    Row("T.exp(x) - 1", (1e-20,), each(mp.expm1), ("exp-minus-one",)),
    Row("T.log(T.exp(x))", (800.0,), each(lambda x: x), ("log-exp",)),
    Row("T.log(1 + T.exp(x))", (800.0,), each(lambda x: mp.log1p(mp.exp(x))),
        ("log-one-plus", "log1p-exp")),
    Row("T.log(1 + T.exp(x))", (-40.0,), each(lambda x: mp.log1p(mp.exp(x))),
        ("log-one-plus", "log1p-exp")),
    Row("T.log(1 + T.exp(x))", (800.0,), each(sigmoid), (), gradient=True),
    Row("T.exp(x) * T.sigmoid(-x)", (800.0,), each(sigmoid), ("exp-times-sigmoid",)),
    Row("x / (1 + T.exp(x))", (712.0,), each(lambda x: x * sigmoid(-x)), ("over-one-plus-exp",)),
    Row("1 / (1 + T.exp(-x))", (-712.0,), each(sigmoid), ("one-over-one-plus-exp",)),
    Row("1 / (1 + T.exp(-x))", (-710.0,), each(lambda x: sigmoid(x) * sigmoid(-x)),
        ("one-over-one-plus-exp",), gradient=True),
    Row("T.exp(x) / (1 + T.exp(x))", (800.0,), each(sigmoid), ("exp-over-one-plus-exp",)),
    Row("1 - T.sigmoid(x)", (40.0,), each(lambda x: sigmoid(-x)), ("one-minus-sigmoid",)),
    Row("1 - T.erf(x)", (10.0,), each(mp.erfc), ("one-minus-erf",)),
    Row("T.log(T.erfc(x))", (30.0,), each(lambda x: mp.log(mp.erfc(x))), ("log-erfc",)),
    Row("T.log(T.erfc(x))", (1e-20,), each(lambda x: mp.log(mp.erfc(x))), ("log-erfc",)),
    Row("T.log(T.erfc(x))", (30.0,),
        each(lambda x: -2 / mp.sqrt(mp.pi) * mp.exp(-x * x) / mp.erfc(x)), (), gradient=True),
    Row("T.exp(-(x * x)) / T.erfc(x)", (30.0,), each(lambda x: mp.exp(-x * x) / mp.erfc(x)),
        ("gauss-over-erfc",)),
    Row("T.exp((-x) * x) / T.erfc(x)", (30.0,), each(lambda x: mp.exp(-x * x) / mp.erfc(x)),
        ("product-of-exponentials",)),
    Row("T.exp(x**2) * T.erfc(x)", (30.0,), each(lambda x: mp.exp(x * x) * mp.erfc(x)),
        ("exp-times-erfc",)),
    Row("T.log(T.sigmoid(x))", (-800.0,), each(lambda x: mp.log(sigmoid(x))), ("log-sigmoid",)),
    Row("T.log(T.sigmoid(x))", (-800.0,), each(lambda x: sigmoid(-x)), (), gradient=True),
    Row("(x * T.exp(x)) / T.exp(x)", (800.0,), each(lambda x: x), ("cancel-factors",)),
    Row("T.log(1 - T.sigmoid(x))", (800.0,), each(lambda x: mp.log(sigmoid(-x))),
        ("one-minus-sigmoid", "log-sigmoid")),
    Row("T.log(T.exp(x).sum())", (1000.0, 999.0), lambda xs: mp.log(total(xs)), ("log-of-sum",)),
    Row("T.log(T.exp(x).sum())", (-1000.0, -999.0), lambda xs: mp.log(total(xs)),
        ("log-of-sum",)),
    Row("T.log(T.exp(x).sum())", (1000.0, 999.0), softmax, ("product-of-exponentials",),
        gradient=True),
    Row("T.exp(x) / T.exp(x).sum()", (1000.0, 999.0), softmax, ("product-of-exponentials",)),
    Row("(T.exp(x) / T.exp(x).sum())[0]", (1000.0, 999.0),
        lambda xs: [softmax(xs)[0] * softmax(xs)[1], -softmax(xs)[0] * softmax(xs)[1]],
        ("product-of-exponentials",), gradient=True),
    Row("T.log(T.nnet.softmax(x))[0]", (1000.0, 0.0),
        lambda xs: [mp.log(one) for one in softmax(xs)], ("log-of-product",)),
    Row(_CROSS, (1000.0, 0.0, -1000.0), lambda xs: [-mp.log(softmax(xs)[2])],
        ("log-of-product",)),
    Row("T.nnet.categorical_crossentropy(T.nnet.softmax(x), [2])", (1000.0, 0.0, -1000.0),
        lambda xs: [-mp.log(softmax(xs)[2])], ("log-moved", "log-of-product")),
    Row("T.nnet.categorical_crossentropy(T.nnet.softmax(x), [2])", (1000.0, 0.0, -1000.0),
        lambda xs: [p - (place == 2) for place, p in enumerate(softmax(xs))],
        (), gradient=True),
    Row("T.nnet.categorical_crossentropy(T.nnet.softmax(x), [[0.0, 0.5, 0.5]])",
        (1000.0, 0.0, -1000.0),
        lambda xs: [p - t for p, t in zip(softmax(xs), (0, 0.5, 0.5), strict=True)],
        (), gradient=True),
    Row(_BINARY, (-800.0,), each(lambda x: -mp.log(sigmoid(x))), ("log-sigmoid",)),
    Row(_BINARY, (-800.0,), each(lambda x: -sigmoid(-x)), (), gradient=True),
    Row("1 + T.erf(x)", (-10.0,), each(lambda x: mp.erfc(-x)), ("one-plus-erf",)),
    Row("T.exp(x) / (T.exp(x) + T.exp(-x))", (800.0,), each(lambda x: sigmoid(2 * x)),
        ("exp-over-two",)),
    Row("T.log1p(-T.sigmoid(x))", (800.0,), each(lambda x: mp.log(sigmoid(-x))),
        ("log1p-complement",)),
    Row("0.5 * (1 + T.tanh(x / 2))", (-50.0,), each(sigmoid), ("one-plus-tanh",)),
    Row("T.log(T.cosh(x))", (800.0,), each(lambda x: mp.log(mp.cosh(x))), ("log-cosh",)),
    Row("T.log(T.cosh(x))", (1e-10,), each(lambda x: mp.log(mp.cosh(x))), ("log-cosh",)),
    Row("T.log(T.cosh(x))", (800.0,), each(mp.tanh), (), gradient=True),
    Row("T.log(1 - T.tanh(x) ** 2)", (800.0,), each(lambda x: -2 * mp.log(mp.cosh(x))),
        ("log1p-complement", "log-cosh")),
    Row("T.log(T.sqrt(T.exp(x)))", (800.0,), each(lambda x: x / 2), ("log-of-power",)),
    Row("T.log2(T.exp(x))", (800.0,), each(lambda x: x / mp.log(2)), ("log-base",)),
    Row("T.log1p(2 * T.exp(x))", (800.0,), each(lambda x: mp.log1p(2 * mp.exp(x))),
        ("log-one-plus-exponential",)),
    Row("T.log(T.prod(T.sigmoid(x)))", (-800.0, -700.0),
        lambda xs: mp.fsum(mp.log(sigmoid(x)) for x in xs), ("log-moved",)),
    Row("T.log(0.3 * T.exp(-x) + 0.7 * T.exp(-2 * x))", (800.0,),
        each(lambda x: mp.log(0.3 * mp.exp(-x) + 0.7 * mp.exp(-2 * x))), ("log-of-sum",)),
    Row("x * T.log(x)", (0.0,), each(lambda x: mp.mpf(0)), ("x-log-x",)),
    Row("T.sqrt((x**2).sum())", (3e200, 4e200), lambda xs: mp.sqrt(mp.fsum(x * x for x in xs)),
        ("norm",)),
    Row("T.sqrt((x**2).sum())", (3e-200, 4e-200), lambda xs: mp.sqrt(mp.fsum(x * x for x in xs)),
        ("norm",)),
    Row("(x**2).sum() ** 0.5", (3e200, 4e200), lambda xs: mp.sqrt(mp.fsum(x * x for x in xs)),
        ("norm-forms", "norm")),
    Row("T.sqrt(T.dot(x, x))", (3e-200, 4e-200), lambda xs: mp.sqrt(mp.fsum(x * x for x in xs)),
        ("norm-forms", "norm")),
    Row("T.sqrt((x**2).sum())", (3e200, 4e200),
        lambda xs: [x / mp.sqrt(mp.fsum(y * y for y in xs)) for x in xs], ("norm",),
        gradient=True),
)  # fmt: skip

NO_POINT = {
    "neg-neg": "tidies up; exact",
    "exp-minus-softplus": "a logistic function, of which other rules know the complement",
    "merge-heights": "what one rule makes of tanh is known to another",
    "square": "one multiplication in place of a power",
    "reciprocal": "one division in place of a power",
}
"""Rules that are not there for accuracy, and what they are for."""


def shown(value: Any) -> str:
    """Numbers of a result in few digits."""
    numbers = np.atleast_1d(value)
    texts = [f"{float(one):.6g}" for one in numbers]
    return texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"


def table_of_points() -> str:
    """One row an expression and point."""
    lines = [
        "| written, and the rules | at x = | as written | computed | exact |",
        "|---|---|---|---|---|",
    ]
    for row in ROWS:
        plain, computed, exact = row.results()
        text = f"gradient of `{row.expression}`" if row.gradient else f"`{row.expression}`"
        names = ", ".join(f"*{name}*" for name in row.rules) or "by logarithms"
        cells = [f"{text}<br>{names}", *map(shown, (row.point, plain, computed, exact))]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def table_of_rules() -> str:
    """Each rule with what it does."""
    lines = ["| rule | rewriting |", "|---|---|"]
    for rule in STABLE_RULES:
        summary = rule.summary.replace("|", "\\|")
        why = f"; {NO_POINT[rule.name]}" if rule.name in NO_POINT else ""
        lines.append(f"| `{rule.name}` | `{summary}`{why} |")
    return "\n".join(lines)


def with_tables(page: str) -> str:
    """The page with the tables that belong into it."""
    for name, table in (("points", table_of_points()), ("rules", table_of_rules())):
        start, end = f"<!-- the table of {name} -->\n", f"<!-- end of the table of {name} -->\n"
        page = with_table(page, start, f"{table}\n", end)
    return page


if __name__ == "__main__":
    PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
