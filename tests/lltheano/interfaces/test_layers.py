"""Layers reach those above by the names of `lltheano.interfaces.layers`, and in no other way."""

import ast
import inspect
from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import lltheano
from lltheano.interfaces import function, layers, lists, matrices, ops, tensor
from lltheano.lazy import LazyModule

PACKAGE = Path(lltheano.__file__).parent
PROTOCOLS = {
    "compilation": function.Compilation,
    "debugging": function.Debugging,
    "evaluation": function.Evaluation,
    "language": tensor.TensorLanguage,
    "listings": ops.Listings,
    "lists": lists.ListOps,
    "matrices": matrices.SparseLanguage,
    "nan_guards": function.NanGuards,
    "numpy_functions": tensor.NumpyFunctions,
    "numpy_ufuncs": tensor.NumpyUfuncs,
    "profiling": function.Profiling,
    "python_ops": ops.PythonOps,
    "scalar_ops": ops.ScalarOps,
    "test_values": function.TestValues,
}


@cache
def trees() -> list[tuple[str, ast.Module]]:
    """The modules of the package, by their paths in it."""
    paths = sorted(PACKAGE.rglob("*.py"))
    return [(one.relative_to(PACKAGE).as_posix(), ast.parse(one.read_text())) for one in paths]


@cache
def uses() -> Mapping[str, set[str]]:
    """For each name of the layers, the attributes that modules take of it."""
    taken: dict[str, set[str]] = defaultdict(set)
    for _, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                taken[node.value.id].add(node.attr)
    return taken


def members(protocol: type) -> dict[str, Any]:
    """What a protocol lists: methods with their functions, attributes with None."""
    listed: dict[str, Any] = {}
    for base in protocol.__mro__:
        if base.__module__.startswith("lltheano."):
            listed.update(dict.fromkeys(vars(base).get("__annotations__", {})))
            listed.update((k, v) for k, v in vars(base).items() if not k.startswith("_"))
    return listed


def test_every_layer_has_a_protocol() -> None:
    assert set(layers.__all__) == set(PROTOCOLS)


@pytest.mark.parametrize("name", PROTOCOLS)
def test_a_layer_has_what_its_protocol_lists(name: str) -> None:
    provider = getattr(layers, name)
    assert isinstance(provider, LazyModule)
    for member, declared in members(PROTOCOLS[name]).items():
        provided = getattr(provider, member)
        if inspect.isfunction(declared):
            named = inspect.signature(declared).parameters.keys() - {"self"}
            assert named <= inspect.signature(provided).parameters.keys()


@pytest.mark.parametrize("name", PROTOCOLS)
def test_a_protocol_lists_what_modules_use(name: str) -> None:
    assert uses()[name] == set(members(PROTOCOLS[name]))


ALLOWED = {
    "cli/application.py",  # a command by its name on the command line
    "interfaces/layers.py",
    "tensor/numpy_protocol/functions.py",
    "tensor/numpy_protocol/ufuncs.py",
}


def names_own_module(call: ast.Call) -> bool:
    """Whether a module of the package is imported by its name as a string."""
    called = getattr(call.func, "id", None) or getattr(call.func, "attr", None)
    named = call.args[0] if call.args else None
    text = named.values[0] if isinstance(named, ast.JoinedStr) else named
    is_own = isinstance(text, ast.Constant) and str(text.value).startswith("lltheano")
    return is_own and called in ("import_module", "__import__", "LazyModule", "find_spec")


def test_no_module_finds_another_by_a_string() -> None:
    calls = ((path, node) for path, tree in trees() for node in ast.walk(tree))
    found = {path for path, node in calls if isinstance(node, ast.Call) and names_own_module(node)}
    assert found == ALLOWED


def test_no_function_is_found_by_a_string() -> None:
    """Neither `getattr` nor `attrgetter` gets a name that the program's author knew."""
    found = [
        f"{path}:{node.lineno}"
        for path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("getattr", "attrgetter")
        and isinstance(node.args[0 if node.func.id == "attrgetter" else -1], ast.Constant)
        and isinstance(node.args[0], ast.Name)
        and node.args[0].id in (*layers.__all__, "T", "tensor_language")
    ]
    assert not found
