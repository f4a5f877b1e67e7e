"""Functions of complex numbers, over pairs of lanes and on the kernels of `lltheano_ir.emit.math`.

All are computed in f64: the numbers of c64 are widened, and the parts of the result rounded once,
so nothing overflows or underflows on the way and each part is as good as correctly rounded. The
bounds for c128 are on the whole number: the distance of the result from the exact one, in units in
the last place of the exact result's modulus.
"""

from lltheano_ir.emit.complex_math.table import COMPLEX_MATH, ComplexFunction, call_complex

__all__ = ["COMPLEX_MATH", "ComplexFunction", "call_complex"]
