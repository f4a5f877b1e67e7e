"""The directive `reference`: a module's public names, from their docstrings.

    .. reference:: lltheano.tensor.reductions.functions
       :from: lltheano.tensor

lists what the module defines for users, who take it from the package after `from`: first a table
of names and what each does, then signature and docstring of each, the gradient of elementwise ops,
and the other names of the same thing.
"""

import inspect
import re
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives, roles
from docutils.statemachine import StringList
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.ext.napoleon import Config, GoogleDocstring, NumpyDocstring
from sphinx.util.docutils import SphinxDirective

from docs.extensions.catalogue import (
    Entry,
    documentation,
    entries,
    methods,
    other_names,
    public_names,
    signature,
)
from lltheano.graph import NullType
from lltheano.printing import pp
from lltheano.tensor.elementwise.op import Elementwise
from lltheano.tensor.variables.promotion import is_discrete
from lltheano.tensor.variables.variable import TensorType

_NAPOLEON = Config(napoleon_use_ivar=True, napoleon_use_param=False, napoleon_use_rtype=False)


_OF_BITS = ("and_", "or_", "xor", "invert", "left_shift", "right_shift")
_IVARS = re.compile(r"^:ivar [^:]*:")
_CODE = re.compile(r"(`[^`]*`)")
_SPECIAL = re.compile(r"[|*\\]|_(?![a-zA-Z0-9])")


def _escaped(line: str) -> str:
    """Prose in which |x|, x * y and abs_ mean themselves; what is between backquotes is code."""
    parts = _CODE.split(line)
    parts[::2] = [_SPECIAL.sub(r"\\\g<0>", one) for one in parts[::2]]
    # Markup ends where a word ends: `In`s is code and an s, once a nothing stands between.
    return re.sub(r"(`[^`]*`)(?=\w)", r"\1\\ ", "".join(parts))


def _prose_escaped(text: str) -> str:
    """A docstring whose examples are as they were, and whose prose is safe."""
    lines, in_example = [], False
    for line in text.splitlines():
        in_example = line.strip().startswith(">>>") or (in_example and bool(line.strip()))
        lines.append(line if in_example else _escaped(line))
    return "\n".join(lines)


def _without_examples(text: str) -> tuple[str, str]:
    """A docstring, and what follows its underlined section: napoleon would take that for part."""
    section = re.search(r"^\w+\n-{3,}\n", text, re.MULTILINE)
    start = text.find("\n\n>>>", section.end()) if section is not None else -1
    return (text, "") if start < 0 else (text[:start], text[start:])


def _restructured(text: str) -> list[str]:
    """A docstring as reStructuredText."""
    text, examples = _without_examples(_prose_escaped(text))
    for form in (GoogleDocstring, NumpyDocstring):
        text = str(form(text, _NAPOLEON))
    text += examples
    # Several attributes with one text: Sphinx would take the first for the type of the others.
    return [_IVARS.sub(lambda found: found[0].replace(", ", ","), x) for x in text.splitlines()]


def _indented(lines: list[str], depth: int = 1) -> list[str]:
    return [f"{'   ' * depth}{line}" if line else "" for line in lines]


def _summary(value: Any) -> str:
    """The first sentence of a docstring."""
    paragraph = " ".join(documentation(value).partition("\n\n")[0].split())
    sentence = re.match(r"(?:`[^`]*`|[^`])*?(?<!\.)\.(?= |$)", paragraph)
    return sentence[0] if sentence else paragraph


def _table(listed: list[Entry]) -> list[str]:
    if not listed:
        return []
    lines = [".. list-table::", "   :widths: 25 75", ""]
    for one in listed:
        lines += [f"   * - :py:obj:`~{one.full_name}`", f"     - {_escaped(_summary(one.value))}"]
    return [*lines, ""]


def _member(name: str, member: Any) -> list[str]:
    if isinstance(member, property):
        head = [f".. py:property:: {name}"]
    else:
        function = getattr(member, "__func__", member)
        form = "staticmethod" if isinstance(member, staticmethod) else "method"
        head = [f".. py:{form}:: {name}{_without_self(function, form)}"]
    return [*head, "   :no-index:", "", *_indented(_restructured(inspect.getdoc(member) or "")), ""]


def _without_self(function: Any, form: str) -> str:
    shown = signature(function)
    return shown if form == "staticmethod" else shown.replace("(self, ", "(").replace("(self", "(")


def _elementwise(op: Elementwise) -> list[str]:
    rule = " ".join((op.rule.__doc__ or "").split())
    return [f"*Dtypes:* {rule}", "", *_slopes(op)]


def _slopes(op: Elementwise) -> list[str]:
    """What the gradient is by each operand, from the op's own formula."""
    kind = "bool" if op.name in _OF_BITS else "float64"
    operands = [TensorType(kind, ())(name) for name in op.parameters]
    result = op(*operands)
    if op.gradient is None or is_discrete(result.dtype):
        return ["*Gradient:* zero; the result changes in steps.", ""]
    g = TensorType("float64", ())("g")
    terms = op.gradient(operands, result, g)
    lines = [f"{name}: {_slope(term)}" for name, term in zip(op.parameters, terms, strict=True)]
    if len(lines) == 1:
        name, _, slope = lines[0].partition(": ")
        which = "each operand" if op.variadic else f"``{name}``"
        return [f"*Gradient* by {which}, where that of the result is g: ``{slope}``", ""]
    return ["*Gradient*, where that of the result is g:", "", "::", "", *_indented(lines), ""]


def _slope(term: Any) -> str:
    if term is None:
        return "0"
    if isinstance(term.type, NullType):
        return "none"
    *parts, last = pp(term).splitlines()
    return f"{last}   where {'; '.join(parts)}" if parts else last


def _described(group: list[Entry]) -> list[str]:
    """One description of things that have the same contract."""
    one = group[0]
    lines = _restructured(documentation(one.value))
    if isinstance(one.value, Elementwise):
        lines += ["", *_elementwise(one.value)]
    others = [name for each in group for name in other_names(each)]
    if others:
        names = ", ".join(f"``{name}``" for name in others)
        lines += ["", f"*The same under another name:* {names}"]
    if isinstance(one.value, type) and one.kind == "class":
        for name, member in methods(one.value):
            lines += ["", *_member(name, member)]
    heads = [f"{one.full_name}{_shown_signature(one)}" for one in group]
    first = f".. py:{one.kind}:: "
    heads = [first + heads[0], *(" " * len(first) + head for head in heads[1:])]
    return [*heads, "", *_indented(lines), ""]


def _shown_signature(one: Entry) -> str:
    if one.kind == "exception":
        return ""
    return "(name=None)" if isinstance(one.value, TensorType) else signature(one.value)


def _grouped(listed: list[Entry]) -> list[list[Entry]]:
    groups: dict[tuple[str, str], list[Entry]] = {}
    for one in listed:
        groups.setdefault((one.kind, documentation(one.value)), []).append(one)
    return sorted(groups.values(), key=lambda group: len(group) > 1)


class Reference(SphinxDirective):
    """See the module."""

    required_arguments = 1
    option_spec: ClassVar = {
        "from": directives.unchanged_required,
        "only": directives.unchanged_required,
        "without": directives.unchanged_required,
    }

    def run(self) -> list[nodes.Node]:
        """Parse the generated text in the directive's place."""
        (module,) = self.arguments
        listed = entries(module, self.options.get("from", module))
        if "only" in self.options:
            chosen = self.options["only"].split()
            listed = [one for one in listed if one.name in chosen]
        left_out = self.options.get("without", "").split()
        listed = [one for one in listed if one.name not in left_out]
        if not listed:
            raise self.error(f"{module} defines nothing that users could take from there")
        groups = _grouped(listed)
        single = [group[0] for group in groups if len(group) == 1]
        lines = _table(single) if len(groups) > 1 else []
        for group in groups:
            lines += _described(group)
        node = nodes.container()
        self.state.nested_parse(StringList(lines, module), 0, node)
        return [*node.children]


def _name_or_code(  # docutils calls it with these seven
    name: str,
    rawtext: str,
    text: str,
    lineno: int,
    inliner: Any,
    options: Any = None,
    content: Any = None,
) -> tuple[list[nodes.Node], list[nodes.system_message]]:
    """What single backquotes mean in a docstring: a link where it is a public name, else code."""
    names = (f"{package}.{text}" for package in _PREFIXES)
    target = next((one for one in names if one in public_names()), "")
    role, _ = roles.role("py:obj", inliner.language, lineno, inliner.reporter)
    if not target or role is None:
        return [nodes.literal(rawtext, text)], []
    return role("py:obj", rawtext, f"{text} <{target}>", lineno, inliner, {}, [])


_PREFIXES = ("lltheano.tensor", "lltheano.gradient", "lltheano.tensor.nnet", "lltheano")


def _resolve(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, content: nodes.TextElement
) -> nodes.Node | None:
    """Link to a thing by the name under which it is documented."""
    target = node.get("reftarget", "")
    if node.get("refdomain") != "py" or target not in public_names():
        return None
    domain = env.domains.python_domain
    value = public_names()[target]
    for name, other in public_names().items():
        if other is value and name in domain.objects:
            return domain.resolve_xref(env, node["refdoc"], app.builder, "obj", name, node, content)
    return content


def setup(app: Sphinx) -> dict[str, Any]:
    """Add the directive, and the meaning of single backquotes."""
    app.add_directive("reference", Reference)
    app.connect("missing-reference", _resolve)
    roles.register_local_role("name-or-code", _name_or_code)
    return {"parallel_read_safe": True}
