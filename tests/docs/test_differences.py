"""The page of differences lists what the table of Theano's names says is gone for good."""

from lltheano.compat.table.areas import TABLE
from lltheano.compat.table.graphs import GRAPHS
from lltheano.compat.table.rows import Gone
from lltheano.compat.table.tensors import TENSORS
from tests.docs.runners import ROOT


def test_every_name_that_needs_c_is_on_the_page() -> None:
    page = (ROOT / "docs" / "differences.md").read_text(encoding="utf-8")
    rows = (*GRAPHS, *TENSORS, *TABLE["scalar"])
    gone = [row for row in rows if isinstance(row, Gone)]
    names = [f"{row.module}.{name}" for row in gone for name in row.names]
    names += [row.module for row in gone if not row.names]
    # A name of a module of `theano.gof` is listed as one of the package.
    last = {name.removeprefix("theano.") for name in names}
    short = {f"gof.{one.rpartition('.')[2]}" if one.startswith("gof.") else one for one in last}
    short = {
        f"compile.{one.rpartition('.')[2]}" if one.startswith("compile.") else one for one in short
    }
    # Beside a package's module the package itself has the name.
    for inner, outer in (("scalar.basic.", "scalar."), ("tensor.subtensor.", "tensor.")):
        short = {one.replace(inner, outer) for one in short}
    assert len(short) > 25
    assert [name for name in sorted(short) if f"`{name}`" not in page] == []
