"""The tables of `docs/promotion.md`, made by applying every elementwise op to every dtype.

`python -m tests.docs.promotion` writes them anew after a rule was changed or an op was added.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import product
from pathlib import Path

import lltheano.tensor as T
from lltheano.tensor.elementwise.op import Elementwise
from lltheano.tensor.variables import promotion
from lltheano.tensor.variables.promotion import DTYPES
from tests.docs.tables import with_table
from tests.lltheano.evaluation import ELEMENTWISE_OPS

__all__ = ["PAGE", "result", "with_tables"]

PAGE = Path(__file__).parents[2] / "docs" / "promotion.md"
REFUSED = "-"

KINDS: dict[str, Callable[[str], bool]] = {
    "bool": lambda dtype: dtype == "bool",
    "integer": lambda dtype: promotion.is_discrete(dtype) and dtype != "bool",
    "float": promotion.is_float,
    "complex": promotion.is_complex,
}
PAIRS_OF_KINDS = (
    ("bool", "bool"),
    ("bool", "integer"),
    ("integer", "integer"),
    ("float", "bool"),
    ("float", "integer"),
    ("float", "float"),
    ("complex", "bool"),
    ("complex", "integer"),
    ("complex", "float"),
    ("complex", "complex"),
)


def result(op: Elementwise, dtypes: Sequence[str]) -> str:
    """The dtype of an op's result for vectors of these dtypes, or REFUSED."""
    try:
        return str(op(*(T.vector(dtype=one) for one in dtypes)).dtype)
    except TypeError:
        return REFUSED


def short(dtype: str) -> str:
    """A dtype as the IR spells it: f32 for float32."""
    for long, letter in (("complex", "c"), ("float", "f"), ("uint", "u"), ("int", "i")):
        if dtype.startswith(long):
            return letter + dtype.removeprefix(long)
    return dtype


def row(*cells: str) -> str:
    """A line of a table."""
    return f"| {' | '.join(cells)} |\n"


def head(*cells: str) -> str:
    """The first two lines of a table."""
    return row(*cells) + "|---" * len(cells) + "|\n"


def pairs_table() -> str:
    """The dtype that holds both of two."""
    lines = [head("", *map(short, DTYPES))]
    for left in DTYPES:
        found = (short(promotion.upcast(left, right)) for right in DTYPES)
        lines.append(row(f"**{short(left)}**", *found))
    return "".join(lines)


def unary_table() -> str:
    """The result of each op of one operand, ops that agree together."""
    groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for name, op in ELEMENTWISE_OPS.items():
        if op.arity == 1 and not op.variadic:
            groups[tuple(short(result(op, [one])) for one in DTYPES)].append(f"`{name}`")
    lines = [head("", *map(short, DTYPES))]
    lines += [row(" ".join(sorted(names)), *found) for found, names in groups.items()]
    return "".join(lines)


def binary_table() -> str:
    """The result of each op of two operands by kinds of dtype, ops that agree together."""
    groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for name, op in ELEMENTWISE_OPS.items():
        if op.arity == 2 or op.variadic:
            groups[tuple(described(op, *kinds) for kinds in PAIRS_OF_KINDS)].append(f"`{name}`")
    lines = [head("", *(f"{left}, {right}" for left, right in PAIRS_OF_KINDS))]
    lines += [row(" ".join(sorted(names)), *found) for found, names in groups.items()]
    return "".join(lines)


def described(op: Elementwise, left: str, right: str) -> str:
    """One word for the results of an op on every two dtypes of two kinds, in either order."""
    chosen = [filter(KINDS[kind], DTYPES) for kind in (left, right)]
    pairs = [pair for one, other in product(*chosen) for pair in ((one, other), (other, one))]
    found = [result(op, pair) for pair in pairs]
    if len(set(found)) == 1:
        return short(found[0])
    words: dict[str, Callable[..., str]] = {
        "both": promotion.upcast,
        "both, if whole": _whole,
        "float": promotion.upgrade_to_float,
        "complex": lambda *pair: promotion.upcast("complex64", promotion.upgrade_to_float(*pair)),
    }
    for word, rule in words.items():
        if found == [rule(*pair) for pair in pairs]:
            return word
    raise ValueError(f"no word says what {op} gives for {left} and {right}")


def _whole(*dtypes: str) -> str:
    found = promotion.upcast(*dtypes)
    return found if promotion.is_discrete(found) else REFUSED


TABLES = {"pairs": pairs_table, "unary": unary_table, "binary": binary_table}


def with_tables(page: str) -> str:
    """The page with the tables that belong into it."""
    for name, table in TABLES.items():
        page = with_table(page, f"<!-- {name} -->\n", table(), f"<!-- end of {name} -->\n")
    return page


if __name__ == "__main__":
    PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
