"""The tensor language, imported as `T`: variables, operators, functions and gradients.

>>> import lltheano.tensor as T
>>> x = T.dmatrix("x")
>>> (T.exp(x) + 1).sum(axis=0).type
TensorType(float64, vector)
"""

from lltheano.errors import (
    AsTensorError as AsTensorError,
)
from lltheano.errors import (
    NotScalarConstantError as NotScalarConstantError,
)
from lltheano.gradient import (
    Lop as Lop,
)
from lltheano.gradient import (
    Rop as Rop,
)
from lltheano.gradient import (
    consider_constant as consider_constant,
)
from lltheano.gradient import (
    grad as grad,
)
from lltheano.graph import (
    Apply as Apply,
)
from lltheano.graph import (
    Constant as Constant,
)
from lltheano.graph import (
    Generic as Generic,
)
from lltheano.graph import (
    Op as Op,
)
from lltheano.graph import (
    Type as Type,
)
from lltheano.graph import (
    Variable as Variable,
)
from lltheano.tensor import dispatch
from lltheano.tensor import nnet as nnet
from lltheano.tensor import opt as opt
from lltheano.tensor.arithmetic import *  # noqa: F403
from lltheano.tensor.assertion import *  # noqa: F403
from lltheano.tensor.comparison import *  # noqa: F403
from lltheano.tensor.constructors import *  # noqa: F403
from lltheano.tensor.contraction import *  # noqa: F403
from lltheano.tensor.convert import *  # noqa: F403
from lltheano.tensor.creation import *  # noqa: F403
from lltheano.tensor.dimshuffle import *  # noqa: F403
from lltheano.tensor.indexing import *  # noqa: F403
from lltheano.tensor.join import *  # noqa: F403
from lltheano.tensor.names import *  # noqa: F403
from lltheano.tensor.reductions import *  # noqa: F403
from lltheano.tensor.shaping import *  # noqa: F403
from lltheano.tensor.sizes import *  # noqa: F403
from lltheano.tensor.transcendental import *  # noqa: F403
from lltheano.tensor.variable import (
    TensorConstant as TensorConstant,
)
from lltheano.tensor.variable import (
    TensorType as TensorType,
)
from lltheano.tensor.variable import (
    TensorVariable as TensorVariable,
)

dispatch.bind(globals())
