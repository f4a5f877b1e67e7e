"""Linear algebra: factorisations, systems, eigenvalues, functions of matrices.

All of it is compiled code that calls LAPACK where the work is done, in float32, float64, complex64
and complex128; integers become float64, as in NumPy, and float16 is refused. Of complex numbers a
transpose is conjugated where that is what the function means. A matrix that has not what is asked
for, an inverse, say, is numpy's LinAlgError when the function runs, and nothing has been changed by
then.

Factorisations, inverses, determinants, solutions and the exponential also take stacks of matrices,
which the axes before the last two count, as in NumPy.

>>> import lltheano.tensor as T
>>> a, b = T.dmatrix("a"), T.dvector("b")
>>> T.linalg.solve(a, b).eval({a: [[2.0, 0.0], [0.0, 4.0]], b: [2.0, 2.0]})
array([1. , 0.5])
"""

import sys

from lltheano.graph import boundary
from lltheano.tensor.linalg.cholesky import *  # noqa: F403
from lltheano.tensor.linalg.conditions import *  # noqa: F403
from lltheano.tensor.linalg.determinants import *  # noqa: F403
from lltheano.tensor.linalg.eigen import *  # noqa: F403
from lltheano.tensor.linalg.equations import *  # noqa: F403
from lltheano.tensor.linalg.exponential import *  # noqa: F403
from lltheano.tensor.linalg.factors import *  # noqa: F403
from lltheano.tensor.linalg.functions import *  # noqa: F403
from lltheano.tensor.linalg.hints import *  # noqa: F403
from lltheano.tensor.linalg.pieces import *  # noqa: F403
from lltheano.tensor.linalg.schur import *  # noqa: F403
from lltheano.tensor.linalg.solving import *  # noqa: F403

boundary.guard(sys.modules[__name__])
