"""The table of ops in `docs/ir.md`, made from the op table itself.

`python -m tests.docs.op_table` writes it anew after an op was added or changed.
"""

from pathlib import Path

from lltheano_ir.ops.definition import Attribute, Failure, Op
from lltheano_ir.ops.table import OPS

__all__ = ["PAGE", "op_table", "with_table"]

PAGE = Path(__file__).parents[2] / "docs" / "ir.md"
START, END = "<!-- the table of ops -->\n", "<!-- end of the table -->\n"

FAILS = {
    Failure.NEVER: "",
    Failure.SIZES: "on sizes",
    Failure.DATA: "on elements",
}


WORDS = {"effect": "ordered"}
"""What a word is like, for those that are none of the kinds of a reduction."""


def op_table() -> str:
    """One row an op, in the order of the op table."""
    head = "| op | takes | is | may fail | ULP |\n|---|---|---|---|---|\n"
    return head + "".join(map(row, OPS.values()))


def row(op: Op) -> str:
    """The row of one op."""
    operands = f"{op.arity} or more" if op.variadic else str(op.arity)
    attributes = [f"`{name}={WORDS.get(name) or spelling(kind)}`" for name, kind in op.attributes]
    regions = [f"`{name}(...) {{...}}`" for name in op.region_names]
    takes = " ".join([operands, *attributes, *regions])
    summary = op.summary.replace("|", "\\|")
    exactness = f"`{op.library}`" if op.library else bounds(op)
    return f"| `{op.name}` | {takes} | {summary} | {FAILS[op.failure]} | {exactness} |\n"


def bounds(op: Op) -> str:
    """The bounds on real numbers, and after a semicolon those on complex ones."""
    groups = (("f32", "f64"), ("c64", "c128"))
    found = [dict.fromkeys(f"{bound:g}" for name, bound in op.ulp if name in g) for g in groups]
    real, whole = (", ".join(one) for one in found)
    return f"{real}; {whole}" if whole else real


def spelling(kind: Attribute) -> str:
    """How an attribute of this kind is written, by its comment in the op table's definition."""
    return {
        Attribute.INTEGER: "0",
        Attribute.INTEGERS: "[0, 2]",
        Attribute.ORDER: "[1, new, 0]",
        Attribute.PATTERN: "[?, 1]",
        Attribute.DTYPE: "f32",
        Attribute.TYPE: "f32[?,1]",
        Attribute.TYPES: "(f32[?,1], i64[])",
        Attribute.WORD: "add",
        Attribute.TEXT: '"..."',
        Attribute.LITERAL: "1.5",
    }[kind]


def with_table(page: str) -> str:
    """The page with the table that belongs into it."""
    before, rest = page.split(START)
    _, after = rest.split(END)
    return f"{before}{START}\n{op_table()}\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
