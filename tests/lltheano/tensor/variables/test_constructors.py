from typing import Any

import pytest

import lltheano.tensor as T

PREFIXES = {
    "b": "int8",
    "w": "int16",
    "i": "int32",
    "l": "int64",
    "ub": "uint8",
    "uw": "uint16",
    "ui": "uint32",
    "ul": "uint64",
    "f": "float32",
    "d": "float64",
    "c": "complex64",
    "z": "complex128",
    "": "float64",
}
KINDS = {
    "scalar": ("scalars", ()),
    "vector": ("vectors", (False,)),
    "matrix": ("matrices", (False, False)),
    "row": ("rows", (True, False)),
    "col": ("cols", (False, True)),
    "tensor3": ("tensor3s", (False,) * 3),
    "tensor4": ("tensor4s", (False,) * 4),
    "tensor5": ("tensor5s", (False,) * 5),
    "tensor6": ("tensor6s", (False,) * 6),
    "tensor7": ("tensor7s", (False,) * 7),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("prefix", PREFIXES)
def test_every_prefix_and_kind(prefix: Any, kind: Any) -> None:
    plural, pattern = KINDS[kind]
    one = getattr(T, prefix + kind)("x")
    assert (one.name, one.dtype, one.broadcastable) == ("x", PREFIXES[prefix], pattern)
    several = getattr(T, prefix + plural)("x", "y")
    assert [v.name for v in several] == ["x", "y"]
    assert all(v.type == one.type for v in several)


def test_plural_forms() -> None:
    one: Any = T.dscalars("x")
    assert one.name == "x"
    assert [v.name for v in T.dscalars("xyz")] == ["x", "y", "z"]
    assert [v.name for v in T.dscalars(3)] == [None, None, None]
    assert [v.name for v in T.dscalars(["x", "y"])] == ["x", "y"]
    assert [v.dtype for v in T.scalars("x", "y", dtype="int8")] == ["int8", "int8"]


def test_named_dtypes() -> None:
    assert T.scalar("x", dtype="bool").dtype == "bool"
    assert T.matrix("x", "int16").dtype == "int16"
    assert T.tensor("uint8", (True, False), name="t").broadcastable == (True, False)
    assert T.TensorType("floatX", (False,))("v").dtype == "float64"


def test_the_users_line_is_noted_through_every_constructor() -> None:
    single: Any = T.dscalars("x")
    for variable in (T.dmatrix("x"), T.matrix("x"), T.tensor("int8", ()), single):
        assert variable.source is not None
        assert variable.source.filename == __file__
