"""What the matrix functions are made of: LAPACK's factorisations, and checks of their operands.

`Factorisation` is an op of the compiler's (`lltheano_ir.ops.linalg.factorisation`) as an op of the
graph.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from lltheano.graph.core import Apply, Op, Variable
from lltheano.tensor.arrangement.diagonals import tril, triu
from lltheano.tensor.assertion import Requirement
from lltheano.tensor.elementwise.comparison import eq
from lltheano.tensor.elementwise.complexes import conj
from lltheano.tensor.reductions.contraction import dot
from lltheano.tensor.shapes.sizes import dim
from lltheano.tensor.variables.convert import as_tensor_variable
from lltheano.tensor.variables.promotion import is_complex, is_discrete, upcast
from lltheano.tensor.variables.variable import TensorType, TensorVariable
from lltheano_ir.builder import Builder
from lltheano_ir.dtypes import dtype_of
from lltheano_ir.nodes import Value
from lltheano_ir.ops.table import OPS
from lltheano_ir.records import record
from lltheano_ir.types import ValueType

__all__ = [
    "Factorisation",
    "adjoint",
    "as_numbers",
    "common",
    "factorised",
    "matrix",
    "square",
    "succeeded",
    "variables",
]


@record(frozen=True)
class Factorisation(Op):
    """An op of the IR's factorisations, by its name and options."""

    op: str
    options: tuple[str, ...] = ()

    def make_node(self, *operands: Any) -> Apply:
        """The types are those that the IR's op gives."""
        given = [as_tensor_variable(operand) for operand in operands]
        kinds = [ValueType(dtype_of(one.dtype), one.broadcastable) for one in given]
        found = OPS[self.op].result_types(kinds, self.options)
        types = [TensorType(one.dtype.numpy, one.broadcast) for one in found]
        return Apply(self, given, [kind() for kind in types])

    def lower(self, builder: Builder, node: Apply, inputs: Sequence[Value]) -> list[Value]:
        """The op of the same name."""
        return list(builder.results(self.op, inputs, self.options))

    def __str__(self) -> str:
        return self.op


class TriangularSolve(Factorisation):
    """Solving for a triangle.

    Other factorisations have their gradient in the ops that are made of them, which are what second
    derivatives meet.
    """

    def L_op(  # noqa: N802
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        output_gradients: Sequence[Variable],
    ) -> list[Variable]:
        """Of y = A^-1 b: A'^-1 g by b, and by A the triangle of minus that times
        y' (Giles, Collected matrix derivative results, 2008).
        """
        if self.options not in (("lower",), ("upper",)):
            return super().L_op(inputs, outputs, output_gradients)
        (a, _), (y,), (g,) = map(variables, (inputs, outputs, output_gradients))
        transposed, part = ("upper", tril) if self.options == ("lower",) else ("lower", triu)
        on_right: TensorVariable = factorised(self.op, adjoint(a), g, options=[transposed])
        return [-part(dot(on_right, adjoint(y))), on_right]


_OF_THEIR_OWN: Mapping[str, type[Factorisation]] = {"triangular_solve": TriangularSolve}
"""The class of each op of the IR that is differentiated as it is."""


def factorised(op: str, *operands: TensorVariable, options: Sequence[str] = ()) -> Any:
    """Return the result of a factorisation, or the list of its results."""
    return _OF_THEIR_OWN.get(op, Factorisation)(op, tuple(options))(*operands)


def succeeded(x: TensorVariable, ok: TensorVariable, message: str) -> TensorVariable:
    """Return `x`; LinAlgError when the function runs and `ok` is false."""
    result: TensorVariable = Requirement("linalg", message)(x, ok)
    return result


def square(x: TensorVariable, what: str) -> TensorVariable:
    """Return the matrix `x`; LinAlgError when the function runs and it is not square."""
    rows, columns = dim(x, 0), dim(x, 1)
    message = f"{what} takes a square matrix, got {{0}} rows and {{1}} columns"
    result: TensorVariable = Requirement("linalg", message)(x, eq(rows, columns), rows, columns)
    return result


def as_numbers(x: object, what: str) -> TensorVariable:
    """Return `x` in a dtype that LAPACK computes in; integers and bool become float64, as in NumPy.

    TypeError for float16.
    """
    x = as_tensor_variable(x)
    if is_discrete(x.dtype):
        return x.astype("float64")
    if x.dtype == "float16":
        raise TypeError(
            f"{what} computes in float32 or float64, got {x.describe()}; convert it with"
            " .astype('float32')"
        )
    return x


def matrix(x: object, what: str) -> TensorVariable:
    """Return `x` as a matrix of numbers that LAPACK computes in; TypeError when it is not one."""
    x = as_tensor_variable(x)
    if x.ndim != 2:
        raise TypeError(f"{what} takes a matrix, got {x.describe()}")
    return as_numbers(x, what)


def adjoint(x: TensorVariable) -> TensorVariable:
    """Return the transpose of a matrix, of complex numbers the conjugate."""
    return conj(x.T) if is_complex(x.dtype) else x.T


def common(operands: Sequence[TensorVariable]) -> list[TensorVariable]:
    """Return the operands in the dtype that holds all of them."""
    dtype = upcast(*(operand.dtype for operand in operands))
    return [operand.astype(dtype) for operand in operands]


def variables(given: Sequence[Variable]) -> list[TensorVariable]:
    """Return variables of which it is known that they are tensors, as such."""
    return [as_tensor_variable(one) for one in given]
