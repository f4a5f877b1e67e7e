"""Looking at graphs: as trees, as expressions, as diagrams."""

from typing import TYPE_CHECKING

from lltheano import lazy

if TYPE_CHECKING:
    from lltheano.ops import Print
    from lltheano.printing.debug import debugprint
    from lltheano.printing.descriptors import min_informative_str, var_descriptor
    from lltheano.printing.dot import pydotprint
    from lltheano.printing.pretty import PPrinter, pp, pprint
    from lltheano.printing.web import d3viz, d3write

__all__ = [
    "PPrinter",
    "Print",
    "d3viz",
    "d3write",
    "debugprint",
    "min_informative_str",
    "pp",
    "pprint",
    "pydotprint",
    "var_descriptor",
]

LAZY: dict[str, str] = {
    **dict.fromkeys(("PPrinter", "pp", "pprint"), "lltheano.printing.pretty"),
    "Print": "lltheano.ops.printing",
    **dict.fromkeys(("d3viz", "d3write"), "lltheano.printing.web"),
    "debugprint": "lltheano.printing.debug",
    **dict.fromkeys(("min_informative_str", "var_descriptor"), "lltheano.printing.descriptors"),
    "pydotprint": "lltheano.printing.dot",
}
"""Names of this package, each with the module that has it."""

if not TYPE_CHECKING:
    __getattr__, __dir__ = lazy.attributes(__name__, LAZY)
