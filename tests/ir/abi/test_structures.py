"""Structures: IR that uses the accessors and ctypes see the same members."""

import ctypes

import pytest

from lltheano_ir.abi import Member, Structure
from lltheano_ir.native.callees import CalleeTable
from lltheano_ir.native.mcjit import compile_module

NARROW = Structure(
    "Mixed",
    (
        Member("first", "i32", "followed by padding"),
        Member("second", "i64", "aligned to a word"),
        Member("bytes_of", "[5 x i8]", "followed by padding"),
        Member("third", "ptr", "an address"),
        Member("last", "i32", "before an open array"),
        Member("rest", "[0 x i64]", "as many as there are"),
    ),
)


def _loads(structure: Structure) -> str:
    """A function for each member that adds its number to the value, or gives its address."""
    lines = []
    for member in structure.members:
        call = f"@{structure.name}.{member.name}"
        if member.is_array:
            lines.append(f"define ptr @get_{member.name}(ptr %it) {{")
            lines += [f"  %at = call ptr {call}.at(ptr %it)", "  ret ptr %at", "}"]
            continue
        lines.append(f"define {member.type} @get_{member.name}(ptr %it) {{")
        lines += [f"  %value = call {member.type} {call}(ptr %it)"]
        lines += [f"  ret {member.type} %value", "}"]
    return "\n".join(lines)


def test_accessors_and_ctypes_agree() -> None:
    body = _loads(NARROW)
    text = "\n".join([NARROW.llvm_type, body, NARROW.accessors(body)])
    code = compile_module(text, CalleeTable())
    memory = (ctypes.c_int64 * 16)()
    fields = NARROW.ctype.from_buffer(memory)
    for number, member in enumerate(NARROW.members, start=1):
        get = ctypes.CFUNCTYPE(ctypes.c_size_t, ctypes.c_void_p)(code.address(f"get_{member.name}"))
        offset = getattr(NARROW.ctype, member.name).offset
        if member.is_array:
            assert get(ctypes.addressof(memory)) == ctypes.addressof(memory) + offset
        else:
            setattr(fields, member.name, number)
            mask = (1 << (8 * getattr(NARROW.ctype, member.name).size)) - 1
            assert get(ctypes.addressof(memory)) & mask == number
    assert NARROW.bytes == NARROW.ctype.rest.offset


def test_only_accessors_that_are_used_are_defined() -> None:
    text = NARROW.accessors("call i32 @Mixed.first(ptr %x) and call ptr @Mixed.last.at(ptr %x)")
    assert [line.split("(")[0] for line in text.splitlines() if "define" in line] == [
        "define internal i32 @Mixed.first",
        "define internal ptr @Mixed.last.at",
    ]


def test_an_array_is_not_loaded() -> None:
    with pytest.raises(ValueError, match=r"reached by @Mixed.rest.at"):
        NARROW.accessors("call i64 @Mixed.rest(ptr %x)")
