"""Vector math functions, written once and emitted for any number of lanes.

>>> from llvmlite import ir
>>> module = ir.Module("example")
>>> eight = ir.VectorType(ir.FloatType(), 8)
>>> function = ir.Function(module, ir.FunctionType(eight, [eight]), "f")
>>> builder = ir.IRBuilder(function.append_basic_block())
>>> call = builder.ret(call_math(module, builder, "exp", function.args))
>>> sorted(name for name in module.globals if "exp" in name)
['lltheano.math.exp.v8f32']
"""

from lltheano_ir.emit.math.function import MathFunction
from lltheano_ir.emit.math.table import MATH, call_math

__all__ = ["MATH", "MathFunction", "call_math"]
