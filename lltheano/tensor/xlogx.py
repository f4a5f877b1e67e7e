"""Products with a logarithm that are 0 where the factor is 0, as in entropies."""

import sys

from lltheano.graph import boundary
from lltheano.tensor.elementwise.logarithmic_products import xlogx, xlogy0

__all__ = ["xlogx", "xlogy0"]

boundary.guard(sys.modules[__name__])
