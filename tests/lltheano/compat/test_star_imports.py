"""`from theano.tensor import *` and its like: old programs and the documentation begin with it."""

import importlib
import pkgutil
import subprocess
import sys
from types import ModuleType
from typing import Any

import pytest

import lltheano
from lltheano.compat.modules import TheanoModule
from lltheano.compat.table.areas import rows
from lltheano.compat.table.rows import Served

MODULES = sorted({row.module for row in rows() if isinstance(row, Served)})


pytestmark = pytest.mark.usefixtures("installed_as_theano")


def _star(module: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(f"from {module} import *", names)
    return names


@pytest.mark.parametrize("module", MODULES)
def test_every_name_that_a_module_serves_arrives(module: str) -> None:
    if not isinstance(importlib.import_module(module), TheanoModule):
        pytest.fail(f"{module} is no module of ours")
    names = _star(module)
    for row in rows():
        if row.module != module or not isinstance(row, Served):
            continue
        wanted = row.names
        if wanted is None:
            ours = importlib.import_module(row.ours)
            public = getattr(ours, "__all__", None) or dir(ours)
            wanted = {
                one: one
                for one in public
                if one[:1] != "_" and not isinstance(getattr(ours, one), ModuleType)
            }
        assert [one for one in wanted if one[:1] != "_" and one not in names] == []


def test_programs_of_the_documentation_run() -> None:
    names = _star("theano.tensor")
    program = """
x, y = dvectors('xy')
z = dot(x, y) + exp(x).sum() + nlinalg.trace(eye(2)) + nnet.sigmoid(y).max()
result = z.eval({x: [1.0, 2.0], y: [3.0, 4.0]})
"""
    exec(program, names)
    assert names["result"] == pytest.approx(11 + 2.718281828 + 7.389056 + 2 + 0.98201379)
    names = _star("theano")
    assert names["tensor"].dvector is names["function"].__globals__ or names["function"]
    assert names["shared"] is lltheano.shared
    names = _star("theano.scalar")
    assert names["add"](names["float64"]("a"), 1).dtype == "float64"
    assert isinstance(names["exp"], names["Exp"])


def test_our_own_packages_bring_their_names_too() -> None:
    names = _star("lltheano.tensor")
    assert {"exp", "dmatrix", "topk", "nnet", "nlinalg", "DimShuffle", "cov"} <= set(names)
    assert not {"arithmetic", "LAZY", "TYPE_CHECKING", "dispatch"} & set(names)
    assert set(lltheano.__all__) <= set(_star("lltheano"))
    for found in pkgutil.iter_modules(lltheano.__path__, "lltheano."):
        if found.name.rpartition(".")[2] not in ("__main__", "cli", "demo"):
            _star(found.name)


def test_a_name_of_a_helper_module_is_no_name_of_theanos() -> None:
    tensor = importlib.import_module("theano.tensor")
    for name in ("np", "Callable", "ComposedOp", "is_none"):
        assert not hasattr(tensor, name)


def test_importing_the_package_does_not_look_names_up() -> None:
    program = (
        "import lltheano, sys; lltheano.install_as_theano(); import theano.tensor;"
        "assert 'lltheano.compat.tensor.ops' not in sys.modules;"
        "assert 'lltheano.scalar' not in sys.modules;"
        "from theano.tensor import *;"
        "assert 'scipy' not in sys.modules; NoneConst, dvector, topk"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
