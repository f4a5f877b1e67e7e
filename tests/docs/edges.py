"""The table in `docs/gradients.md`: gradients where functions break, and why they are that.

`python -m tests.docs.edges` writes it anew after a row was added or changed.
"""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lltheano.tensor as T

__all__ = ["PAGE", "ROWS", "Edge", "with_table"]

PAGE = Path(__file__).parents[2] / "docs" / "gradients.md"
START, END = "<!-- the table of edges -->\n", "<!-- end of the table of edges -->\n"
INF, NAN = math.inf, math.nan


@dataclass(frozen=True)
class Edge:
    """An expression of a scalar `x`, a value of it, the gradient there, and why it is that."""

    expression: str
    x: float
    gradient: float
    why: str

    def gradient_of(self) -> tuple[Any, Any]:
        """The leaf, and the gradient."""
        x = T.dscalar("x")
        value = eval(self.expression, {"T": T, "x": x, "inf": INF})
        return x, T.grad(value, x, disconnected_inputs="ignore")


_MEAN = "the mean of the slopes on both sides"
_CHOSEN = "that of the branch that is chosen"
_TIE = "of two that tie the first gets all, as in Theano"
_OTHER = "a result that does not equal the first is the second's, as in Theano"
_STEP = "steps are flat"
_NAN = "NaN in, NaN out"
_ONE_SIDED = "the slope from inside the domain"
_LIMIT = "the limit"
_EVERY_TIE = "every element that ties has the whole gradient"
_BETWEEN = "within the limits, which belong to them"

ROWS = (
    Edge("abs(x)", 0.0, 0.0, _MEAN),
    Edge("abs(x)", -INF, -1.0, _LIMIT),
    Edge("abs(x)", NAN, NAN, _NAN),
    Edge("x ** 2", 0.0, 0.0, "the formula's"),
    Edge("x ** 0", 0.0, 0.0, "1 whatever x is"),
    Edge("x ** 0.5", 0.0, INF, _ONE_SIDED),
    Edge("x ** -1", 0.0, -INF, "the formula's"),
    Edge("x ** 2", NAN, NAN, _NAN),
    Edge("0.0 ** x", 2.0, 0.0, "0 for every positive exponent"),
    Edge("T.sqrt(x)", 0.0, INF, _ONE_SIDED),
    Edge("T.sqrt(x)", -1.0, NAN, "outside the domain"),
    Edge("T.sqrt(x)", INF, 0.0, _LIMIT),
    Edge("T.cbrt(x)", 0.0, INF, "the tangent is upright"),
    Edge("T.log(x)", 0.0, INF, _ONE_SIDED),
    Edge("T.log(x)", -1.0, -1.0, "the formula 1 / x goes on where log(x) is NaN"),
    Edge("T.log1p(x)", -1.0, INF, _ONE_SIDED),
    Edge("1 / x", 0.0, -INF, "the formula's"),
    Edge("1 / x", INF, 0.0, _LIMIT),
    Edge("x / x", 0.0, NAN, "0 / 0"),
    Edge("T.maximum(x, 0.0)", 0.0, 1.0, _TIE),
    Edge("T.maximum(0.0, x)", 0.0, 0.0, _TIE),
    Edge("T.maximum(x, x)", 1.0, 1.0, "all and nothing"),
    Edge("T.maximum(x, 0.0)", NAN, 0.0, _OTHER),
    Edge("T.maximum(0.0, x)", NAN, 1.0, _OTHER),
    Edge("T.minimum(x, 0.0)", 0.0, 1.0, _TIE),
    Edge("T.minimum(0.0, x)", 0.0, 0.0, _TIE),
    Edge("T.clip(x, 0, 1)", 0.0, 1.0, _BETWEEN),
    Edge("T.clip(x, 0, 1)", 1.0, 1.0, _BETWEEN),
    Edge("T.clip(x, 0, 1)", 2.0, 0.0, "the result is the limit"),
    Edge("T.clip(0.5, x, 0.2)", 1.0, 0.0, "limits that cross give the upper one"),
    Edge("T.clip(0.5, 2, x)", 1.0, 1.0, "limits that cross give the upper one"),
    Edge("x % 2.0", 4.0, 1.0, "the slope on the right"),
    Edge("x // 2.0", 4.0, 0.0, _STEP),
    Edge("T.floor(x)", 2.0, 0.0, _STEP),
    Edge("T.round(x)", 0.5, 0.0, _STEP),
    Edge("T.sgn(x)", 0.0, 0.0, _STEP),
    Edge("T.gt(x, 0) * 1.0", 0.0, 0.0, _STEP),
    Edge("T.switch(x > 0, x, 2 * x)", 0.0, 2.0, _CHOSEN),
    Edge("T.switch(x > 0, T.sqrt(x), 0.0)", -1.0, NAN,
         "0 times the NaN of the other branch; choose the operand too:"),
    Edge("T.switch(x > 0, T.sqrt(T.switch(x > 0, x, 1.0)), 0.0)", -1.0, 0.0, _CHOSEN),
    Edge("T.arcsin(x)", 1.0, INF, _ONE_SIDED),
    Edge("T.arccos(x)", -1.0, -INF, _ONE_SIDED),
    Edge("T.arccosh(x)", 1.0, INF, _ONE_SIDED),
    Edge("T.arctanh(x)", 1.0, INF, _ONE_SIDED),
    Edge("T.arctan(x)", INF, 0.0, _LIMIT),
    Edge("T.arctan2(x, 0.0)", 0.0, NAN, "a point without a direction"),
    Edge("T.tanh(x)", INF, 0.0, _LIMIT),
    Edge("T.exp(x)", -INF, 0.0, _LIMIT),
    Edge("T.erf(x)", INF, 0.0, _LIMIT),
    Edge("T.erfinv(x)", 1.0, INF, _ONE_SIDED),
    Edge("T.sigmoid(x)", -1000.0, 0.0, "it underflows"),
    Edge("T.softplus(x)", 1000.0, 1.0, "without overflow"),
    Edge("T.softplus(x)", NAN, NAN, _NAN),
    Edge("T.nnet.relu(x)", 0.0, 0.5, f"{_MEAN}, as in Theano"),
    Edge("T.nnet.relu(x, 0.1)", 0.0, 0.55, f"{_MEAN}, as in Theano"),
    Edge("T.nnet.relu(x)", -INF, 0.0, "the limit"),
    Edge("T.nnet.elu(x)", 0.0, 1.0, "both sides agree"),
    Edge("T.nnet.softsign(x)", 0.0, 1.0, "both sides agree"),
    Edge("T.xlogx.xlogx(x)", 0.0, -INF, _ONE_SIDED),
    Edge("T.gammaln(x)", 0.0, -INF, "a pole"),
    Edge("T.stack([x, x]).prod()", 0.0, 0.0, "the product of the others"),
    Edge("T.stack([x, 2.0]).prod()", 0.0, 2.0, "the product of the others, not by division"),
    Edge("T.cumprod(T.stack([x, 2.0]))[1]", 0.0, 2.0, "the product of the others"),
    Edge("T.stack([x, 3.0]).max()", 3.0, 1.0, _EVERY_TIE),
    Edge("T.stack([x, 3.0]).min()", 3.0, 1.0, _EVERY_TIE),
    Edge("T.stack([x, 3.0]).max()", NAN, 0.0, "NaN equals nothing"),
    Edge("T.sort(T.stack([x, 3.0]))[0]", 3.0, 1.0, "of equal elements the first stays first"),
    Edge("T.stack([x, 3.0]).var()", 3.0, 0.0, "the formula's"),
    Edge("T.stack([x, 3.0]).std()", 3.0, NAN, "the root of 0; add a little before it"),
    Edge("T.stack([x, 0.0]).norm(1)", 0.0, 0.0, _MEAN),
    Edge("T.stack([x, 0.0]).norm(2)", 0.0, NAN, "a length without a direction"),
    Edge("T.logsumexp(T.stack([x, x]))", 1000.0, 1.0, "without overflow"),
    Edge("T.logsumexp(T.stack([x, 0.0]))", -INF, 0.0, _LIMIT),
    Edge("T.logsumexp(T.stack([x, 0.0]))", INF, NAN, "infinity over infinity"),
    Edge("T.nnet.softmax(T.stack([x, 0.0]))[0, 0]", 1000.0, 0.0, "it underflows"),
    Edge("T.nnet.logsoftmax(T.stack([x, 0.0]))[0, 0]", -1000.0, 1.0, "without underflow"),
    Edge("T.nnet.sigmoid_binary_crossentropy(x, 0.3)", 0.0, 0.2, "sigmoid(x) - 0.3"),
)  # fmt: skip


def with_table(page: str) -> str:
    """The page with the table that belongs into it."""
    lines = ["| expression | at x = | gradient | because |", "|---|---|---|---|"]
    lines += [f"| `{one.expression}` | {one.x:g} | {one.gradient:g} | {one.why} |" for one in ROWS]
    before, rest = page.split(START)
    _, after = rest.split(END)
    table = "\n".join(lines)
    return f"{before}{START}\n{table}\n\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
