"""Walks the op table: what every op must have, and that its rules agree with its reference."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from lltheano_ir.dtypes import ALL_DTYPES, DType, f64
from lltheano_ir.interpret import evaluate
from lltheano_ir.nodes import Region, Value, argument, make, result
from lltheano_ir.ops.definition import Array, Attribute, Failure, Literal, Op, TypeRuleError
from lltheano_ir.ops.table import OPS, op_named
from lltheano_ir.rewrite.sizes import SizeAlgebra
from lltheano_ir.shapes import Shapes
from lltheano_ir.types import ValueType

ELEMENTWISE = [op for op in OPS.values() if op.is_elementwise]
WITH_REGIONS = [op for op in OPS.values() if op.region_names]

Operand = tuple[Array, tuple[bool, ...]]
Case = tuple[Sequence[Operand], tuple[Any, ...]]


def operand(*shape: int, ones: Sequence[int] = (), dtype: str = "float64") -> Operand:
    """Random elements; the axes in `ones` are static 1."""
    array = np.random.default_rng(shape).integers(-3, 4, shape).astype(dtype)
    return array, tuple(axis in ones for axis in range(len(shape)))


def places(*numbers: int) -> list[tuple[Array, tuple[bool, ...]]]:
    """The integers of a convolution, or of windows."""
    return [index(one) for one in numbers]


def index(number: int) -> Operand:
    return np.array(number), ()


def indices(*shape: int, below: int) -> Operand:
    rng = np.random.default_rng([below, *shape])
    return rng.integers(-below, below, shape), (False,) * len(shape)


def structure(*starts: int, below: int) -> tuple[Operand, Operand]:
    """Entries in compressed rows, which start at these numbers: their columns, and the numbers."""
    rng = np.random.default_rng([below, *starts])
    columns = rng.integers(0, max(below, 1), starts[-1] if starts else 0).astype("int32")
    return (columns, (False,)), (np.array(starts, "int32"), (False,))


def definite(size: int) -> Operand:
    """A symmetric matrix with positive eigenvalues."""
    return np.eye(size) * 5 + np.ones((size, size)), (False, False)


CASES: dict[str, list[Case]] = {
    "dim": [([operand(3, 0)], (0,)), ([operand(3, 0)], (1,))],
    "dimshuffle": [
        ([operand(2, 3)], ((1, 0),)),
        ([operand(1, 3, ones=[0])], ((1, None),)),
        ([operand(0)], ((None, 0, None),)),
        ([operand()], ((None,),)),
        ([operand(1, ones=[0])], ((),)),
    ],
    "broadcast": [
        ([operand(1, 3, ones=[0]), index(4)], ((0,),)),
        ([operand(1, 1, ones=[0, 1]), index(0), index(2)], ((0, 1),)),
    ],
    "reshape": [
        ([operand(2, 3), index(3), index(2)], ((False, False),)),
        ([operand(0, 3), index(0)], ((False,),)),
        ([operand(1), index(1), index(1)], ((True, False),)),
        ([operand(1)], ((),)),
    ],
    "rebroadcast": [([operand(1, 3)], ((True, False),)), ([operand(1, ones=[0])], ((False,),))],
    "iota": [([index(0)], ()), ([index(5)], ())],
    "concatenate": [
        ([operand(2, 3), operand(0, 3), operand(1, 3)], (0,)),
        ([operand(1, 3, ones=[0]), operand(1, 2)], (1,)),
    ],
    "reduce": [
        ([operand(2, 3)], ("add", (0,))),
        ([operand(2, 3)], ("mul", (0, 1))),
        ([operand(0, 3)], ("add", (0,))),
        ([operand(300, 0)], ("add", (0,))),
        ([operand(2, 0)], ("max", (0,))),
        ([operand(2, 3, 4, dtype="int32")], ("and", (0, 2))),
        ([operand(1, 3, ones=[0])], ("min", (1,))),
    ],
    "argreduce": [([operand(2, 3)], ("max", 1)), ([operand(2, 0)], ("min", 0))],
    "nonzero": [
        ([operand(5, dtype="bool"), index(2)], ()),
        ([operand(5, dtype="bool"), index(7)], ()),
        ([operand(1, ones=[0], dtype="bool"), index(0)], ()),
        ([operand(0, dtype="bool"), index(2)], ()),
    ],
    "sort": [([operand(2, 5)], ()), ([operand(2, 0)], ()), ([operand(3, 1, ones=[1])], ())],
    "argsort": [([operand(2, 5, dtype="int8")], ()), ([operand(0)], ())],
    "cumulate": [
        ([operand(2, 5)], ("add", 1)),
        ([operand(2, 5, dtype="int8")], ("mul", 0)),
        ([operand(0, 5)], ("max", 0)),
        ([operand(2, 1, ones=[1], dtype="bool")], ("min", 1)),
    ],
    "slice": [
        ([operand(5, 3), index(4), index(2), index(-2)], ((0,),)),
        ([operand(5, 3), index(9), index(0), index(1)], ((0,),)),
        ([operand(5, 3), *[index(i) for i in (1, 0, 2, 3, 1, 1)]], ((0, 1),)),
    ],
    "windows": [
        ([operand(7, 2), index(3), index(2), index(1), index(2)], (0,)),
        ([operand(2, 9), index(2), index(3), index(3), index(1)], (1,)),
        ([operand(4), index(0), index(9), index(1), index(1)], (0,)),
        ([operand(0, 3), index(2), index(0), index(1), index(1)], (0,)),
        ([operand(5), index(2), index(3), index(0), index(0)], (0,)),
    ],
    "slice_update": [
        ([operand(5), operand(2), index(4), index(2), index(-2)], ((0,), "set")),
        ([operand(5), operand(1, ones=[0]), index(0), index(5), index(1)], ((0,), "add")),
        ([operand(5), operand(0), index(0), index(0), index(1)], ((0,), "add")),
    ],
    "index": [([operand(3, 2), index(-1)], (0,)), ([operand(0, 2), index(1)], (1,))],
    "gather": [
        ([operand(3, 2), indices(4, below=3)], ((0,),)),
        ([operand(3, 2, 4), indices(2, 1, below=3), indices(2, 1, below=2)], ((0, 1),)),
        ([operand(3, 2), indices(0, below=2)], ((1,),)),
        ([operand(3, 2), indices(below=2)], ((1,),)),
    ],
    "scatter": [
        ([operand(3, 2), operand(4, 2), indices(4, below=3)], ((0,), "add")),
        ([operand(3, 2), operand(1, 1, ones=[0, 1]), indices(4, below=3)], ((0,), "set")),
        ([operand(3), operand(0), indices(0, below=3)], ((0,), "set")),
    ],
    "dot": [
        ([operand(3), operand(3)], ()),
        ([operand(2, 3), operand(3)], ()),
        ([operand(3), operand(3, 2)], ()),
        ([operand(2, 0), operand(0, 4)], ()),
        ([operand(5, 2, 3), operand(1, 3, 2, ones=[0])], ()),
        ([operand(0, 2, 3), operand(0, 3, 2)], ()),
    ],
    "convolve": [
        (
            [operand(2, 4, 5, 6), operand(6, 2, 3, 2), *places(4, 5, 1, 0, 1, 1, 1, 1)],
            (2, "turned"),
        ),
        ([operand(2, 1, 7), operand(3, 1, 2), *places(4, 3, 2, 2)], (1, "straight")),
        ([operand(0, 0, 7), operand(3, 0, 2), *places(4, 0, 1, 1)], (1, "straight")),
        (
            [operand(1, 2, 3, ones=[0]), operand(1, 2, 2, ones=[0]), *places(0, 0, 1, 1)],
            (1, "turned"),
        ),
    ],
    "convolve_images": [
        (
            [operand(6, 2, 3, 2), operand(2, 6, 4, 5), *places(5, 6, 1, 0, 1, 1, 1, 1)],
            (2, "turned"),
        ),
        ([operand(3, 1, 2, ones=[1]), operand(2, 3, 4), *places(7, 3, 2, 2)], (1, "straight")),
    ],
    "convolve_filters": [
        (
            [operand(2, 4, 5, 6), operand(2, 6, 4, 5), *places(3, 2, 1, 0, 1, 1, 1, 1)],
            (2, "turned"),
        ),
        ([operand(2, 1, 7, ones=[1]), operand(2, 3, 4), *places(2, 3, 2, 2)], (1, "straight")),
    ],
    "spread": [
        ([operand(2, 3, 2, 3), *places(5, 6, 3, 2, 1, 0, 2, 2)], ()),
        ([operand(1, 0, 3, ones=[0]), *places(4, 2, 0, 1)], ()),
    ],
    "spread_max": [
        ([operand(2, 3, 5, 6), *[operand(2, 3, 2, 3)] * 2, *places(3, 2, 1, 0, 2, 2)], ()),
        ([operand(1, 2, 4), *[operand(1, 2, 3)] * 2, *places(2, 0, 1)], ()),
    ],
    "csr_dot": [
        ([operand(4), operand(3, 2), *structure(0, 2, 2, 4, below=3)], ()),
        ([operand(4), operand(3), *structure(0, 2, 2, 4, below=3)], ()),
        ([operand(0), operand(0, 1, ones=[1]), *structure(0, 0, below=0)], ()),
        ([operand(0), operand(3, 2), *structure(0, below=3)], ()),
    ],
    "csc_dot": [
        ([operand(4), operand(3, 2), *structure(0, 2, 2, 4, below=5), index(5)], ()),
        ([operand(4), operand(3), *structure(0, 2, 2, 4, below=5), index(5)], ()),
        ([operand(0), operand(0, 2), *structure(0, below=0), index(0)], ()),
    ],
    "csr_sampled_dot": [
        ([operand(3, 2), operand(5, 2), *structure(0, 2, 2, 4, below=5)], ()),
        ([operand(3, 0), operand(5, 0), *structure(0, 2, 2, 4, below=5)], ()),
        ([operand(0, 2), operand(0, 2), *structure(0, below=0)], ()),
    ],
    "lu": [([operand(*shape)], ()) for shape in ((3, 3), (2, 4), (4, 2), (0, 3), (3, 0))],
    "cholesky": [([definite(size)], ()) for size in (0, 1, 3)],
    "triangular_solve": [
        ([definite(size), operand(size, 2)], (triangle,))
        for size, triangle in ((0, "lower"), (1, "upper"), (3, "unit_lower"), (3, "unit_upper"))
    ],
    "qr": [([operand(*shape)], ()) for shape in ((3, 3), (2, 4), (4, 2), (0, 3), (3, 0))],
    "reflectors": [
        ([operand(4, 3), operand(2)], ()),
        ([operand(3, 3), operand(3)], ()),
        ([operand(3, 0), operand(0)], ()),
    ],
    "svd": [
        ([operand(*shape)], (vectors,))
        for shape in ((3, 3), (2, 4), (0, 3), (3, 0))
        for vectors in ("none", "reduced", "full")
    ],
    "eigh": [([definite(size)], (vectors,)) for size in (0, 1, 3) for vectors in ("none", "full")],
    "eig": [
        ([operand(size, size)], (vectors,)) for size in (0, 1, 3) for vectors in ("none", "full")
    ],
    "schur": [([operand(size, size)], ()) for size in (0, 1, 3)],
    "sylvester": [
        ([definite(rows), definite(columns), operand(rows, columns)], (form, "plain"))
        for rows, columns, form in ((0, 2, "plain"), (2, 0, "plain"), (1, 1, "adjoint"))
    ],
    "fft": [([operand(2, size), operand(2, size)], ()) for size in (0, 1, 5)],
    "assert": [
        ([operand(2), (np.array(True), ())], ("assert", "holds")),
        ([operand(2), (np.array(True), ()), (np.array(7), ())], ("index", "got {0}")),
    ],
}


def built(name: str, case: Case) -> tuple[Value, list[Array]]:
    """The value of an op on arguments, and the arrays for these."""
    operands, attributes = case
    types = [ValueType(_dtype(array), pattern) for array, pattern in operands]
    arguments = [argument(i, one) for i, one in enumerate(types)]
    return make(name, arguments, attributes), [array for array, _ in operands]


def _dtype(array: Array) -> DType:
    return next(one for one in ALL_DTYPES if one.numpy == array.dtype)


def check_agreement(value: Value, arrays: Sequence[Array]) -> None:
    """The reference gives an array of the declared type, of the sizes that the shape rule tells."""
    results = [result(value, index) for index in range(len(value.types))]
    for one, found in zip(results, evaluate(results, arrays), strict=True):
        assert found.dtype == one.type.dtype.numpy
        for shapes in (Shapes(), SizeAlgebra()):
            sizes = evaluate(shapes.sizes(one), arrays)
            assert found.shape == tuple(map(int, sizes))
        assert all(
            size == 1
            for size, static in zip(found.shape, one.type.broadcast, strict=True)
            if static
        )


def walked() -> list[Any]:
    return [
        pytest.param(name, case, id=f"{name}-{number}")
        for name, cases in CASES.items()
        for number, case in enumerate(cases)
    ]


@pytest.mark.parametrize(("name", "case"), walked())
def test_the_rules_agree_with_the_reference(name: str, case: Case) -> None:
    check_agreement(*built(name, case))


def test_every_op_is_walked() -> None:
    special = {"argument", "callback", "constant", "result"}
    regions = {op.name for op in WITH_REGIONS}
    assert set(OPS) == {op.name for op in ELEMENTWISE} | set(CASES) | special | regions


@pytest.mark.parametrize("op", OPS.values(), ids=lambda op: op.name)
def test_every_op_is_declared_in_full(op: Op) -> None:
    assert op_named(op.name) is op
    assert op.summary
    assert not op.summary.endswith(".")
    assert (op.infer is None) == bool(op.region_names)
    assert len({name for name, _ in op.attributes}) == len(op.attributes)
    assert all(isinstance(kind, Attribute) for _, kind in op.attributes)
    assert isinstance(op.failure, Failure)
    has_reference = op.name not in ("argument", "callback", "result") and not op.region_names
    assert (op.reference is not None) == has_reference
    assert (op.shape is not None) == (has_reference or op.calls_host)
    assert all(bound > 0 for _, bound in op.ulp)


@pytest.mark.parametrize("op", OPS.values(), ids=lambda op: op.name)
def test_every_op_refuses_a_wrong_number_of_operands_and_attributes(op: Op) -> None:
    x = argument(0, ValueType(f64, (False,)))
    region = Region((), ())
    regions = tuple(region for _ in op.region_names)
    if op.arity:
        with pytest.raises(TypeRuleError, match=f"{op.name} takes {op.arity} operands, got 0"):
            make(op.name, (), (), regions)
    if not op.variadic:
        with pytest.raises(TypeRuleError, match=f"{op.name} takes {op.arity} operands"):
            make(op.name, (x,) * (op.arity + 1), (), regions)
    with pytest.raises(TypeRuleError, match="attributes, got"):
        make(op.name, (x,) * op.arity, (1,) * 9, regions)
    attributes = tuple(_some(kind) for _, kind in op.attributes)
    with pytest.raises(TypeRuleError, match="regions, got"):
        make(op.name, (x,) * op.arity, attributes, (*regions, region))


def _some(kind: Attribute) -> Any:
    return {
        Attribute.INTEGER: 0,
        Attribute.INTEGERS: (),
        Attribute.ORDER: (),
        Attribute.PATTERN: (),
        Attribute.DTYPE: f64,
        Attribute.TYPE: ValueType(f64, ()),
        Attribute.TYPES: (),
        Attribute.WORD: "add",
        Attribute.TEXT: "",
        Attribute.LITERAL: Literal.of(np.array(1.0)),
    }[kind]


@pytest.mark.parametrize("op", OPS.values(), ids=lambda op: op.name)
def test_attributes_of_another_kind_are_refused(op: Op) -> None:
    x = argument(0, ValueType(f64, (False,)))
    for place, (name, kind) in enumerate(op.attributes):
        attributes = [_some(each) for _, each in op.attributes]
        for wrong in (np.int64(7), 1.5, b"", (1.5,), (None, "")):
            attributes[place] = wrong
            with pytest.raises(TypeRuleError, match=f"{name} must be {kind.value}"):
                make(op.name, (x,) * op.arity, tuple(attributes), ())


def special_values(dtype: DType) -> Array:
    """Zeros, ones, extremes, infinities, NaN and subnormals of a dtype."""
    numpy: Any = dtype.numpy
    if dtype.is_bool:
        return np.array([False, True])
    if dtype.is_integer:
        ends = np.iinfo(numpy)
        return np.array([0, 1, 2, 3, ends.min, ends.max, ends.max - 1], numpy)
    limits = np.finfo(numpy)
    reals = [0.0, -0.0, 1.0, -1.5, np.inf, -np.inf, np.nan, limits.max, limits.smallest_subnormal]
    with np.errstate(all="ignore"):
        return np.array(reals).astype(numpy)


def legal(op: Op, dtype: DType) -> bool:
    try:
        make(op.name, operands_of(op, dtype, 0), attributes_of(op))
    except TypeRuleError:
        return False
    return True


def attributes_of(op: Op) -> tuple[Any, ...]:
    return (f64,) if op.name == "cast" else ()


def operands_of(op: Op, dtype: DType, rank: int) -> list[Value]:
    types = [ValueType(dtype, (False,) * rank)] * op.arity
    if op.name == "select":
        types[0] = types[0].with_dtype(ALL_DTYPES[0])
    return [argument(i, one) for i, one in enumerate(types)]


@pytest.mark.parametrize("op", ELEMENTWISE, ids=lambda op: op.name)
def test_elementwise_ops_on_every_dtype(op: Op) -> None:
    taken = [dtype for dtype in ALL_DTYPES if legal(op, dtype)]
    assert taken
    for dtype in taken:
        values = special_values(dtype)
        pairs = np.array([(x, y) for x in values for y in values], dtype.numpy)
        columns = [pairs[:, 0], pairs[:, 1], pairs[:, 0]][-op.arity :] if op.arity > 1 else [values]
        if op.name == "select":
            columns[0] = columns[0] != 0
        check_elements(op, dtype, columns)


def check_elements(op: Op, dtype: DType, columns: Sequence[Array]) -> None:
    """The vector's elements are what the single elements give; no elements give none."""
    whole = make(op.name, operands_of(op, dtype, 1), attributes_of(op))
    single = make(op.name, operands_of(op, dtype, 0), attributes_of(op))
    check_agreement(whole, columns)
    check_agreement(whole, [column[:0] for column in columns])
    (found,) = evaluate([whole], columns)
    for place in range(0, len(columns[0]), 5):
        arrays = [np.asarray(column[place]) for column in columns]
        check_agreement(single, arrays)
        (alone,) = evaluate([single], arrays)
        # NumPy's vector code may differ from its scalar code within the op's bound.
        if op.is_exact(dtype) and op.name not in ("mod", "floordiv"):
            np.testing.assert_array_equal(alone, found[place])


@pytest.mark.parametrize("op", ELEMENTWISE, ids=lambda op: op.name)
def test_elementwise_ops_refuse_other_dtypes(op: Op) -> None:
    for dtype in ALL_DTYPES:
        if not legal(op, dtype):
            with pytest.raises(TypeRuleError, match=r"is not defined on|would drop"):
                make(op.name, operands_of(op, dtype, 1), attributes_of(op))


@pytest.mark.parametrize("op", [op for op in ELEMENTWISE if op.arity == 2], ids=lambda op: op.name)
def test_a_run_time_size_of_one_does_not_broadcast(op: Op) -> None:
    dtype = next(dtype for dtype in ALL_DTYPES[::-1] if legal(op, dtype))
    value = make(op.name, operands_of(op, dtype, 1))
    arrays = [np.ones(3, dtype.numpy), np.ones(1, dtype.numpy)]
    with pytest.raises(RuntimeError, match="sizes 3 and 1 differ on axis 0"):
        evaluate([value], arrays)
