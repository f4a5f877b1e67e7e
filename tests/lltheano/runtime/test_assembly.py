"""The native half's text: members by name only, and one definition that all sides are made of."""

import re
import subprocess
import sys

import pytest

from lltheano.runtime.assembly import PARTS, _part, module_text, numbers
from lltheano.runtime.structures import ARRAY_FIELDS, METHOD, STRUCTURES
from lltheano_ir.native.optimise import verify_module

FOREIGN = {ARRAY_FIELDS.name, METHOD.name}  # NumPy and CPython say where their members are


@pytest.mark.parametrize("part", PARTS)
def test_no_file_counts_members(part: str) -> None:
    names = "|".join(one.name for one in STRUCTURES)
    text = _part(part)
    assert re.findall(rf"getelementptr %(?:{names}), ptr \S+, i64 \S+, i32", text) == []
    assert re.findall(rf"^%(?:{names}) = type", text, re.MULTILINE) == []


@pytest.mark.parametrize("part", PARTS)
def test_no_file_counts_statuses(part: str) -> None:
    text = _part(part)
    assert re.findall(r"icmp \w+ i32 %status, [1-9]\d*", text) == []
    assert re.findall(r"ret i32 (?:[2-9]|\d\d+)", text) == []


def test_who_unlocks_the_queue_has_locked_it() -> None:
    """No test of threads is sure to find a lock that is missing for some instructions."""
    text = "".join(map(_part, PARTS))
    changes = {
        name: re.findall(r"call void @queue_(lock|unlock)\(\)", body)
        for name, body in re.findall(r"^define [^@]*@(\w+)(.*?)^}", text, re.MULTILINE | re.DOTALL)
    }
    # In two functions, before a fork and after it.
    fork = changes.pop("lltheano_pool_before_fork") + changes.pop("lltheano_pool_after_fork")
    assert fork == ["lock", "unlock"]
    users = {name: found for name, found in changes.items() if found}
    assert set(users) >= {"enter_queue", "leave_queue", "is_first"}
    for name, found in users.items():
        assert found == ["lock", "unlock"], name


def test_memory_that_is_cleared_is_cleared_to_its_end() -> None:
    """A child of a fork would find those that waited in its parent behind it."""
    text = module_text()
    sizes = {one.name: one.bytes for one in STRUCTURES} | {"i64": 8}
    arrays = {
        name: int(count) * sizes[kind]
        for name, count, kind in re.findall(r"^@(\S+) = .*\[(\d+) x %?(\w+)\]", text, re.MULTILINE)
        if kind in sizes
    }
    cleared = re.findall(r"memset\.p0\.i64\(ptr @(\S+), i8 0, i64 (\d+),", text)
    assert {name for name, _ in cleared} >= {"queue.places", "nested.threads"}
    assert [name for name, count in cleared if arrays[name] != int(count)] == []


def test_an_unknown_name_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lltheano.runtime.assembly._part", lambda part: "; $NOTHING\n")
    with pytest.raises(KeyError, match="NOTHING"):
        module_text()


def test_every_number_of_the_files_is_a_named_one() -> None:
    used = set(re.findall(r"\$(\w+(?:\.\w+)?)", "".join(map(_part, PARTS))))
    assert used <= set(numbers())
    verify_module(module_text())


_MOVED = """
import dataclasses
import numpy as np
from lltheano.runtime import structures
from lltheano_ir.abi import Member

padding = Member("padding", "[64 x i8]", "where nobody expects it")
for one in structures.STRUCTURES:
    if one.name not in {foreign!r}:
        place = {{"first": 0, "middle": len(one.members) // 2}}["{where}"]
        members = (*one.members[:place], padding, *one.members[place:])
        object.__setattr__(one, "members", members)

import lltheano.tensor as T
from lltheano import function, shared

state, inc, grown = shared(0), T.iscalar("inc"), shared(np.zeros(2), "grown")
accumulator = function([inc], state, updates=[(state, state + inc)])
grow = function([], grown.sum(), updates=[(grown, T.concatenate([grown, grown + 1]))])
assert [int(accumulator(one)) for one in (1, 10, 100)] == [0, 1, 11]
assert [float(grow()) for _ in range(3)] == [0, 2, 8]
grown.set_value(np.ones(3))
with grown.borrowed() as array:
    array *= 2
assert grown.get_value().tolist() == [2, 2, 2] and grown.container.backing.version > 4
print(int(state.get_value()))
"""


@pytest.mark.slow
@pytest.mark.parametrize("where", ["first", "middle"])
def test_a_member_may_be_added_anywhere(where: str, tmp_path: object) -> None:
    """No offset is known anywhere but in the declarations: with all of them moved, all works."""
    program = _MOVED.format(foreign=FOREIGN, where=where)
    environment = {"PYTHONPATH": ":".join(sys.path), "LLTHEANO_CACHE_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("111\n", "")
