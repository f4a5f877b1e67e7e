"""The elementwise ops: type rule, shape rule, NumPy reference and traits of each, in tables.

Nothing here depends on the machine.
"""

from lltheano_ir.ops.elementwise.arithmetic import ARITHMETIC
from lltheano_ir.ops.elementwise.conversion import CAST, PARTS, cast_array
from lltheano_ir.ops.elementwise.functions import FUNCTIONS
from lltheano_ir.ops.elementwise.logic import LOGIC, SELECT
from lltheano_ir.ops.elementwise.rules import agreed_sizes, check_agreement, common_pattern

__all__ = ["ELEMENTWISE", "agreed_sizes", "cast_array", "check_agreement", "common_pattern"]

ELEMENTWISE = (*ARITHMETIC, *FUNCTIONS, *LOGIC, *PARTS, SELECT, CAST)
