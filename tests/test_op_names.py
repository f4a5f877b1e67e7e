"""What is known of an op stands in its declaration: nothing else in the source compares op names.

The walk reads the syntax tree of both packages. A string that names an op of the IR may stand
wherever something is *made* (`make("neg", (x,))`) or looked up. It may not decide anything: it may
not be compared, matched, or be a key or a member of something to look names up in. Allowed are

* declarations: `lltheano_ir.ops`, where each op says what it is;
* lowering and emission of ops, as tables: the dicts and rows of `lltheano_ir.lowering` and
  `lltheano_ir.emit` at the top of a module, which say for each op how it is lowered or emitted, and
  nothing that asks which op a value is of; so are library routines, some of which have the name of
  the op that calls them, declared in `lltheano_ir.loops.routines`;
* rewrite rules, through the rule language: the ops of `@rule` and `@form`, and the patterns
  `matches`, `operand_of` and `is_one_of`, in `lltheano_ir.passes.rules` only. A rule is a before
  and an after of named ops, and all that it may know of others it asks their declarations;
* rules of relative gradients, which are such patterns of the frontend's ops (`language.exp`), in
  the modules named logarithmic;
* other words that are spelled like an op: what reductions, updates and assertions are called by
  `kind` and `mode`, and the tables that `OTHER_WORDS` lists, each with its reason.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from lltheano_ir.ops.table import OPS

ROOT = Path(__file__).parent.parent
PACKAGES = (ROOT / "ir" / "lltheano_ir", ROOT / "lltheano")

DECLARATIONS = "ir/lltheano_ir/ops/"
TABLES = (
    "ir/lltheano_ir/lowering/",
    "ir/lltheano_ir/emit/",
    "ir/lltheano_ir/loops/routines/",
)
RULES = "ir/lltheano_ir/passes/rules/"
PATTERNS = frozenset(("matches", "operand_of", "is_one_of"))
GRADIENT_RULES = "lltheano/tensor/elementwise/logarithmic"

OTHER_VOCABULARIES = frozenset(("kind", "mode", "method"))
"""Names of variables and attributes that never hold an op's name; the walk sees to it."""

NUMPY = "lltheano/tensor/numpy_protocol/"
OTHER_WORDS = {
    ("ir/lltheano_ir/loops/parser.py", "_STATEMENTS"): "statements of the loop IR's text",
    ("lltheano/compat/numpy_names.py", "REMOVED"): "NumPy's names",
    ("lltheano/compat/table/areas.py", "TABLE"): "modules of Theano",
    ("lltheano/function/programs/faults.py", "EXCEPTIONS"): "kinds of assertion",
    ("lltheano/lazy.py", "_NOT_PUBLIC"): "names in modules of Python",
    ("lltheano/printing/drawing.py", "COLOURS"): "nodes of a drawing",
    ("lltheano/printing/web.py", "_KINDS"): "nodes of a drawing",
    ("lltheano/printing/pretty.py", "_INFIX"): "how ops are written, declared here",
    ("lltheano/printing/pretty.py", "_PREFIX"): "how ops are written, declared here",
    ("lltheano/printing/pretty.py", "_REDUCTIONS"): "kinds of reduction",
    ("lltheano/scalar/names.py", "_CLASSES"): "Theano's names of classes, by those of NumPy",
    ("lltheano/tensor/linalg/primitive.py", "_OF_THEIR_OWN"): "the frontend's declaration of ops",
    ("lltheano/tensor/reducers/ops.py", "_KINDS"): "kinds of reduction",
    ("lltheano/tensor/reducers/ops.py", "_NAMES"): "kinds of reduction",
    ("lltheano/tensor/reducers/ops.py", "ops"): "kinds of reduction",
    ("lltheano/tensor/reducers/ops.py", "of_bool"): "kinds of reduction",
    ("lltheano/tensor/reductions/cumulative.py", "_NAMES"): "kinds of cumulation",
    (NUMPY + "functions.py", "FUNCTIONS"): "NumPy's functions",
    (NUMPY + "ufuncs.py", "UFUNCS"): "NumPy's ufuncs",
    (NUMPY + "ufuncs.py", "REDUCTIONS"): "NumPy's methods",
    (NUMPY + "ufuncs.py", "name in ('add', 'multiply')"): "NumPy's ufuncs",
}
"""Tables by name, comparisons by text: what the words in them are that are spelled like ops."""

_PARTS = frozenset(("startswith", "endswith", "removeprefix", "removesuffix"))


def named(node: ast.AST | None) -> list[str]:
    """The ops that strings inside of a piece of syntax name."""
    if node is None:
        return []
    strings = (one.value for one in ast.walk(node) if isinstance(one, ast.Constant))
    return [one for one in strings if isinstance(one, str) and one in OPS]


class Walk(ast.NodeVisitor):
    """Finds what a module does with names of ops that only declarations may do."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.found: list[tuple[int, str]] = []
        self.used: set[tuple[str, str]] = set()
        self._depth = 0

    # --- what decides

    def visit_Compare(self, node: ast.Compare) -> None:
        sides = [node.left, *node.comparators]
        words = any(map(_holds_other_words, sides)) or self._is_excused(ast.unparse(node))
        gradient_rule = self.path.startswith(GRADIENT_RULES)
        if (any(map(_compared, sides)) and not words) or (
            any(map(_is_language_op, sides)) and not gradient_rule
        ):
            self._report(node)
        self.generic_visit(node)

    def visit_MatchValue(self, node: ast.MatchValue) -> None:
        if named(node):
            self._report(node)

    def visit_Call(self, node: ast.Call) -> None:
        function = node.func
        if isinstance(function, ast.Attribute) and function.attr in _PARTS:
            is_name = ast.unparse(function.value).endswith("op.name")
            if is_name or any(map(_compared, node.args)):
                self._report(node)
        is_set = isinstance(function, ast.Name) and function.id in ("frozenset", "set")
        if is_set and any(map(named, node.args)):
            self._report(node)
        self.generic_visit(node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        patterns = PATTERNS & {one.name for one in node.names}
        is_language = node.module == "lltheano_ir.rewrite.patterns"
        if is_language and patterns and not self.path.startswith(RULES):
            self._report(node)

    # --- what is looked up in

    def visit_Dict(self, node: ast.Dict) -> None:
        if any(map(named, node.keys)):
            self._report(node)
        self.generic_visit(node)

    def visit_Set(self, node: ast.Set) -> None:
        if named(node):
            self._report(node)
        self.generic_visit(node)

    def visit_For(self, node: ast.For) -> None:
        self._gone_through(node.iter, node)

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> None:
        self._comprehension(node)

    def visit_ListComp(self, node: ast.ListComp) -> None:
        self._comprehension(node)

    def visit_SetComp(self, node: ast.SetComp) -> None:
        self._comprehension(node)

    def _comprehension(self, node: ast.GeneratorExp | ast.ListComp | ast.SetComp) -> None:
        for generator in node.generators:
            self._gone_through(generator.iter, node, visit=False)
        self.generic_visit(node)

    def _gone_through(self, names: ast.AST, node: ast.AST, visit: bool = True) -> None:
        """Names may be gone through to make one op after another, not to compare with each."""
        compares = any(isinstance(one, ast.Compare) for one in ast.walk(node))
        if _is_listing(names) and compares:
            self._report(node)
        if visit:
            self.generic_visit(node)

    # --- what has a name

    def visit_Assign(self, node: ast.Assign) -> None:
        self._assigned([one for target in node.targets for one in ast.walk(target)], node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self._assigned([node.target], node)

    def _assigned(self, targets: list[ast.AST], node: ast.Assign | ast.AnnAssign) -> None:
        names = [one.id for one in targets if isinstance(one, ast.Name)]
        value = node.value
        text = "" if value is None else ast.unparse(value)
        if set(names) & OTHER_VOCABULARIES and text.endswith((".op", ".op.name")):
            self._report(node)
        if names == ["__all__"] or any(map(self._is_excused, names)):
            return
        is_op = isinstance(value, ast.Subscript | ast.Call) and _compared(value)
        if names and (is_op or _is_listing(value)):
            self._report(node)
        is_table = self._depth == 0 and isinstance(value, ast.Dict | ast.Tuple)
        if not (is_table and self.path.startswith(TABLES)):
            self.generic_visit(node)

    def _is_excused(self, what: str) -> bool:
        if (self.path, what) not in OTHER_WORDS:
            return False
        self.used.add((self.path, what))
        return True

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._depth += 1
        for decorator in node.decorator_list:
            if not (isinstance(decorator, ast.Call) and _is_rule(decorator)):
                self.visit(decorator)
        for one in (node.args, *node.body):
            self.visit(one)
        self._depth -= 1

    def _report(self, node: ast.AST) -> None:
        self.found.append((getattr(node, "lineno", 0), ast.unparse(node)))


def _is_listing(node: ast.AST | None) -> bool:
    """Whether it is a list of nothing but names of ops."""
    if not isinstance(node, ast.Tuple | ast.List | ast.Set) or not node.elts:
        return False
    return all(isinstance(one, ast.Constant) and one.value in OPS for one in node.elts)


def _compared(node: ast.AST) -> bool:
    """Whether an op's name, one of several, or the op itself looked up by its name stands there."""
    if isinstance(node, ast.Constant):
        return bool(named(node))
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        return any(map(_compared, node.elts))
    if isinstance(node, ast.Subscript):
        return ast.unparse(node.value) == "OPS" and bool(named(node.slice))
    return isinstance(node, ast.Call) and ast.unparse(node.func) == "op_named" and bool(named(node))


def _is_rule(decorator: ast.Call) -> bool:
    return ast.unparse(decorator.func) in ("rule", "form", "_of_reals")


def _holds_other_words(node: ast.AST) -> bool:
    """Whether it is a variable, an attribute or an entry of what never holds an op's name."""
    if isinstance(node, ast.Subscript):
        return ast.unparse(node).endswith("attributes[0]")
    name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
    return name in OTHER_VOCABULARIES


def _is_language_op(node: ast.AST) -> bool:
    """`language.exp`: one of the frontend's ops, by its name."""
    return isinstance(node, ast.Attribute) and ast.unparse(node.value) == "language"


def walked(path: str, source: str) -> Walk:
    walk = Walk(path)
    walk.visit(ast.parse(source))
    return walk


def modules() -> Iterator[tuple[str, str]]:
    for package in PACKAGES:
        for file in sorted(package.rglob("*.py")):
            path = file.relative_to(ROOT).as_posix()
            if not path.startswith(DECLARATIONS):
                yield path, file.read_text()


def test_nothing_but_declarations_lowering_and_emission_asks_which_op_it_is() -> None:
    used: set[tuple[str, str]] = set()
    found: list[str] = []
    for path, source in modules():
        walk = walked(path, source)
        used |= walk.used
        found += [f"{path}:{line}: {text}" for line, text in walk.found]
    assert not found, "\n".join(found)
    assert used == set(OTHER_WORDS), "these are excused and are not there any more"


PASS, RULE, LOWERING = "ir/lltheano_ir/passes/new.py", RULES + "new.py", TABLES[0] + "new.py"

PLANTED = [
    (PASS, 'if value.op.name == "exp": pass'),
    (PASS, 'if value.op.name != "exp": pass'),
    (PASS, 'if value.op.name in ("exp", "log"): pass'),
    (PASS, 'name = value.op.name\nif name == "exp": pass'),
    (PASS, 'cheap = {"add", "sub"}'),
    (PASS, 'CHEAP = frozenset(("add", "sub"))'),
    (PASS, '_MOVERS = ("dimshuffle", "broadcast")'),
    (PASS, 'any(value.op.name == name for name in ("exp", "log"))'),
    (PASS, 'for name in ("exp", "log"):\n    if value.op.name == name: pass'),
    (PASS, "from lltheano_ir.rewrite.patterns import matches"),
    (PASS, 'cost = {"add": 1}.get(let.op, 9)'),
    (PASS, 'match let.op:\n    case "add": pass'),
    (PASS, 'match let.op:\n    case "add" | "sub": pass'),
    (PASS, 'if value.op is OPS["exp"]: pass'),
    (PASS, 'EXP = OPS["exp"]'),
    (PASS, 'kind = value.op.name\nif kind == "exp": pass'),
    (PASS, 'if value.op.name.startswith("arc"): pass'),
    (RULE, 'if value.op.name == "exp": pass'),
    (RULE, '_SEEN_THROUGH = ("cast", "reshape")'),
    (RULE, '_RANGES = {"cos": (-1.0, 1.0), "sin": (-1.0, 1.0)}'),
    (LOWERING, 'if value.op.name == "exp": pass'),
    (LOWERING, 'def lowered(value):\n    return {"exp": 1}[value.op.name]'),
    ("lltheano/function/new.py", 'if value.op.name == "loop": pass'),
    ("lltheano/tensor/new.py", "if node.op is language.exp: pass"),
]
"""What must be found, by where it stands."""

INNOCENT = [
    (PASS, 'make("exp", (x,))'),
    (PASS, 'parts = [make(name, (z,)) for name in ("real", "imag")]'),
    (PASS, 'if reduction.kind == "add": pass'),
    (PASS, 'if value.operands[0] is make("neg", (x,)): pass'),
    (PASS, 'sign = OPS["reduce"].sign'),
    (RULE, 'if matches(value, "exp"): pass'),
    (RULE, '@rule("neg-neg", "-(-x) -> x", "neg", "sub")\ndef neg_neg(value, context): pass'),
    (RULE, '@form("exp", "exp2")\ndef of_exp(value, search, depth): pass'),
    (LOWERING, '_RULES = {"exp": lower_exp, "log": lower_log}'),
    (GRADIENT_RULES + ".py", "if node.op is language.exp: pass"),
]


@pytest.mark.parametrize(("path", "source"), PLANTED)
def test_the_walk_finds_what_is_planted(path: str, source: str) -> None:
    assert walked(path, source).found


@pytest.mark.parametrize(("path", "source"), INNOCENT)
def test_the_walk_lets_be_what_only_makes_or_declares(path: str, source: str) -> None:
    assert not walked(path, source).found
