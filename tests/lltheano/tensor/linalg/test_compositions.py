"""Matrix functions are compositions: what they say of their results is what they are made of."""

import copy
import pickle
from collections.abc import Sequence

import pytest

import lltheano.tensor as T
from lltheano.graph import Variable
from lltheano.tensor.inner_graphs.composed import ComposedOp
from lltheano.tensor.linalg.cholesky import Cholesky, CholeskyGrad
from lltheano.tensor.linalg.determinants import CofactorSlope, Det, SLogDet
from lltheano.tensor.linalg.eigen import Eig, Eigh, EighGrad, Eigvalsh, EigvalshGrad
from lltheano.tensor.linalg.equations import (
    SolveContinuousLyapunov,
    SolveDiscreteLyapunov,
    SolveSylvester,
)
from lltheano.tensor.linalg.exponential import Expm, ExpmGrad
from lltheano.tensor.linalg.factors import SVD, MatrixPinv, QRFull, QRIncomplete
from lltheano.tensor.linalg.pieces import AllocDiag, ExtractDiag
from lltheano.tensor.linalg.schur import Schur
from lltheano.tensor.linalg.solving import MatrixInverse, Solve
from tests.lltheano.gradient.test_coverage import every_op_class

A, B, C = T.dmatrix("a"), T.dmatrix("b"), T.zmatrix("c")
V = T.dvector("v")

CASES: Sequence[tuple[ComposedOp, Sequence[Variable]]] = [
    (Cholesky(), [A]),
    (Cholesky(False, "nan"), [C]),
    (CholeskyGrad(), [A, A, A]),
    (CofactorSlope(), [A, B]),
    (Det(), [A]),
    (SLogDet(), [A]),
    (SLogDet(), [C]),
    (Eig(), [A]),
    (Eigh(), [C]),
    (EighGrad(), [A, V, B, V, B]),
    (Eigvalsh(), [A]),
    (Eigvalsh(False), [A, B]),
    (EigvalshGrad(), [A, B, V]),
    (SolveContinuousLyapunov(), [A, B]),
    (SolveDiscreteLyapunov(), [A, B]),
    (SolveDiscreteLyapunov("direct"), [A, B]),
    (SolveSylvester(True), [A, B, B]),
    (Expm(), [A]),
    (Expm(), [C]),
    (ExpmGrad(), [A, B]),
    (MatrixPinv(), [A]),
    (QRFull("complete"), [A]),
    (QRIncomplete("r"), [A]),
    (SVD(), [A]),
    (SVD(True, False), [C]),
    (AllocDiag(1), [V]),
    (ExtractDiag(-1), [A]),
    (Schur(), [A]),
    (MatrixInverse(), [A]),
    (Solve(), [A, V]),
    (Solve("lower_triangular"), [A, B]),
]


def test_every_class_has_a_case() -> None:
    composed = {kind for kind in every_op_class() if issubclass(kind, ComposedOp)}
    own = {kind for kind in composed if kind.__module__.startswith("lltheano.tensor.linalg")}
    bases = {kind for kind in own if kind.__subclasses__() and "build" not in vars(kind)}
    assert {type(op) for op, _ in CASES} == own - bases


@pytest.mark.parametrize(("op", "operands"), CASES, ids=[str(op) for op, _ in CASES])
def test_results_have_the_types_of_the_composition(
    op: ComposedOp, operands: Sequence[Variable]
) -> None:
    node = op.make_node(*operands)
    _, results = op.inner_graph(node)
    assert [one.type for one in results] == [one.type for one in node.outputs]
    built = op.build(*map(T.as_tensor_variable, node.inputs))
    results = [built] if isinstance(built, Variable) else list(built)
    dtypes = [T.as_tensor_variable(one).dtype for one in results]
    assert dtypes == [T.as_tensor_variable(one).dtype for one in node.outputs]


@pytest.mark.parametrize(("op", "operands"), CASES, ids=[str(op) for op, _ in CASES])
def test_equal_ops_are_equal_in_every_copy(op: ComposedOp, operands: Sequence[Variable]) -> None:
    again = pickle.loads(pickle.dumps(op))
    assert again == copy.deepcopy(op) == op
    assert hash(again) == hash(op)


def test_attributes_tell_ops_apart() -> None:
    assert Cholesky() != Cholesky(False)
    assert ExtractDiag(1) != ExtractDiag(0)
