"""Structures in memory that LLVM IR in text and Python both use.

A `Structure` is declared once, member by member. The LLVM type, the accessors by which IR reaches
its members, and the ctypes class come from the declaration; so a member that is added, moved or
made wider there is read at its new offset everywhere.
"""

import ctypes
import re
from functools import cached_property
from typing import Any

from lltheano_ir.records import record

__all__ = ["Member", "Structure"]

_CTYPES: dict[str, Any] = {"ptr": ctypes.c_size_t, "i32": ctypes.c_int32, "i64": ctypes.c_int64}
_ARRAY = re.compile(r"\[(\d+) x i(8|64)\]")


@record(frozen=True, slots=True)
class Member:
    """One member: its name, its LLVM type, and what it is.

    The type is `i32`, `i64`, `ptr`, or an array of bytes or words such as `[64 x i8]`; `[0 x i64]`
    comes last, and stands for as many words as there are behind the structure.
    """

    name: str
    type: str
    description: str

    @property
    def is_array(self) -> bool:
        """Whether it is reached by address only."""
        return self.type.startswith("[")


@record(frozen=True)
class Structure:
    """The layout of a structure.

    >>> pair = Structure("Pair", (Member("left", "ptr", "a node"), Member("count", "i64", "uses")))
    >>> print(pair.llvm_type)
    %Pair = type {
      ptr,  ; left: a node
      i64   ; count: uses
    }
    >>> print(pair.accessors("call i64 @Pair.count(ptr %it)"))
    define internal i64 @Pair.count(ptr %it) alwaysinline nounwind {
      %at = getelementptr %Pair, ptr %it, i64 0, i32 1
      %member = load i64, ptr %at
      ret i64 %member
    }
    >>> pair.ctype.count.offset, pair.bytes
    (8, 16)
    """

    name: str
    members: tuple[Member, ...]

    @property
    def llvm_type(self) -> str:
        """The definition of the LLVM type."""
        types = [f"{one.type}," for one in self.members]
        types[-1] = types[-1][:-1]
        width = max(map(len, types))
        lines = [
            f"  {text:<{width}}  ; {one.name}: {one.description}"
            for text, one in zip(types, self.members, strict=True)
        ]
        return "\n".join([f"%{self.name} = type {{", *lines, "}"])

    def accessors(self, text: str) -> str:
        """Definitions of the accessors that occur in the text of a module.

        For a member `size` of `%Block`, `@Block.size.at(ptr)` gives its address and
        `@Block.size(ptr)` loads it.
        """
        used = set(re.findall(rf"@{self.name}\.(\w+)(\.at\b|(?!\.))", text))
        return "\n".join(
            _accessor(self.name, number, one, load=not suffix)
            for number, one in enumerate(self.members)
            for suffix in ("", ".at")
            if (one.name, suffix) in used
        )

    @cached_property
    def ctype(self) -> Any:
        """The ctypes class, with an attribute for each member; pointers are plain numbers."""
        fields = [(one.name, _ctype(one.type)) for one in self.members]
        return type(self.name, (ctypes.Structure,), {"_fields_": fields})

    @property
    def bytes(self) -> int:
        """The size of the structure, without what an open array at its end has."""
        return ctypes.sizeof(self.ctype)

    def table(self, count: int) -> Any:
        """Zeroed memory for so many of them: a ctypes array."""
        return (self.ctype * count)()


def _ctype(type_: str) -> Any:
    array = _ARRAY.fullmatch(type_)
    if array is None:
        return _CTYPES[type_]
    element = ctypes.c_char if array[2] == "8" else ctypes.c_int64
    return element * int(array[1])


def _accessor(structure: str, number: int, member: Member, *, load: bool) -> str:
    at = f"  %at = getelementptr %{structure}, ptr %it, i64 0, i32 {number}"
    head = f"(ptr %it) alwaysinline nounwind {{\n{at}"
    name = f"@{structure}.{member.name}"
    if not load:
        return f"define internal ptr {name}.at{head}\n  ret ptr %at\n}}"
    if member.is_array:
        raise ValueError(f"{name} is an array: it is reached by {name}.at")
    body = f"  %member = load {member.type}, ptr %at\n  ret {member.type} %member"
    return f"define internal {member.type} {name}{head}\n{body}\n}}"
