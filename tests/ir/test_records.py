"""Records behave as the standard library's dataclasses do."""

import dataclasses
from dataclasses import dataclass, field
from typing import Any

import pytest

from lltheano_ir.records import record


def pair(decorate: Any) -> type[Any]:
    @decorate(frozen=True, slots=True)
    class Pair:
        x: int
        y: tuple[int, ...] = (1,)
        note: str = field(default="", compare=False)

    return Pair


@pytest.fixture(params=[record, dataclass], ids=["record", "dataclass"])
def cls(request: pytest.FixtureRequest) -> type[Any]:
    return pair(request.param)


def test_equality_hash_and_repr(cls: type[Any]) -> None:
    assert cls(1, (2,), "a") == cls(1, (2,), "b") != cls(1, (3,))
    assert cls(1) != (1, (1,))
    assert hash(cls(1, (2,), "a")) == hash(cls(1, (2,), "b"))
    assert repr(cls(1)).endswith("Pair(x=1, y=(1,), note='')")


def test_instances_are_immutable_and_can_be_replaced(cls: type[Any]) -> None:
    one = cls(1)
    with pytest.raises(dataclasses.FrozenInstanceError):
        one.x = 2
    assert dataclasses.replace(one, x=2) == cls(2)
    assert not hasattr(one, "__dict__")


def test_classes_of_equal_fields_are_not_equal() -> None:
    assert pair(record)(1) != pair(record)(1)


def test_mutable_records_cannot_be_hashed() -> None:
    @record
    class Mutable:
        x: int

    assert Mutable(1) == Mutable(1)
    with pytest.raises(TypeError, match="unhashable"):
        hash(Mutable(1))


def test_a_record_without_fields() -> None:
    @record(frozen=True)
    class Empty:
        pass

    assert Empty() == Empty()
    assert hash(Empty()) == hash(Empty())
