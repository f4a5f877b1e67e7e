"""No test decides what another one draws: random numbers come from the test's own generator."""

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

HERE = Path(__file__).parent
MAKERS = {"default_rng", "Generator", "RandomState", "Random", "SystemRandom"}


def outside_functions(node: ast.AST) -> Iterator[ast.AST]:
    """What runs when a module is imported: all of its syntax but the bodies of functions."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from outside_functions(child.args)
            for decorator in child.decorator_list:
                yield decorator
                yield from outside_functions(decorator)
        elif not isinstance(child, ast.Lambda):
            yield child
            yield from outside_functions(child)


def shared_generators(source: str) -> list[int]:
    """The lines that keep a generator for a whole module, or draw from that of the process.

    An array that a generator draws while the module is imported, and that is all it does, is a
    constant.
    """
    module = ast.parse(source)
    nodes = list(ast.walk(module))
    drawn_from = {id(node.value) for node in nodes if isinstance(node, ast.Attribute)}
    kept = [
        node.lineno
        for node in outside_functions(module)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).split(".")[-1] in MAKERS
        and id(node) not in drawn_from
    ]
    modules = {"np.random", "numpy.random", *imported_modules(nodes)}
    of_the_process = [
        node.lineno
        for node in nodes
        if isinstance(node, ast.Attribute)
        and ast.unparse(node.value) in modules
        and node.attr.islower()
        and node.attr not in MAKERS
    ]
    return sorted([*kept, *of_the_process])


def imported_modules(nodes: Sequence[ast.AST]) -> set[str]:
    """`random`, where that names Python's module and no parameter."""
    names = {one.name for node in nodes if isinstance(node, ast.Import) for one in node.names}
    return names & {"random"}


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("rng = np.random.default_rng(0)", [1]),
        ("x = np.random.default_rng(0).normal(size=3)", []),
        ("import random\ndef test_a():\n    return random.random()", [3]),
        ("class A:\n    rng = Random(3)", [2]),
        ("@parametrize(x=np.random.RandomState(1))\ndef test_a(x): ...", [1]),
        ("def test_a():\n    return np.random.normal(size=3)", [2]),
        ("def test_a():\n    rng = np.random.default_rng(0)\n    return rng.normal()", []),
        ("def test_a(rng: np.random.Generator): ...", []),
    ],
)
def test_the_walk_finds_what_it_is_for(source: str, lines: list[int]) -> None:
    assert shared_generators(source) == lines


def test_no_generator_is_shared() -> None:
    found = {
        str(path.relative_to(HERE.parent)): lines
        for path in HERE.rglob("*.py")
        if (lines := shared_generators(path.read_text(encoding="utf-8")))
    }
    assert found == {}
