"""Hand-written loop functions, compiled and called on NumPy arrays through a watched pool."""

import ctypes
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lltheano_ir.dtypes import DType, i64
from lltheano_ir.emit import emit_module, frame_layout
from lltheano_ir.emit.module import ENTRY
from lltheano_ir.loops.nodes import (
    Alloc,
    Buffer,
    For,
    LoopFunction,
    LoopModule,
    LoopParameter,
    Number,
    Operand,
    Result,
    Scalar,
    Schedule,
    Site,
    Statement,
)
from lltheano_ir.native.callees import Callee
from lltheano_ir.native.libraries import standard_callees
from lltheano_ir.native.mcjit import LoadedCode, compile_module
from lltheano_ir.native.optimise import assembly, optimise, verify_module
from lltheano_ir.native.target import host_target
from lltheano_ir.ops.definition import Literal
from lltheano_ir.target import Target
from tests.ir.targets import of_width

Array = NDArray[Any]

_RED_ZONE = 64
_RED = 0xA5


class Pool:
    """An allocator that knows what is out, fails on demand, and puts red zones round each block;
    a poll that stops the code on demand; and what has threads run a loop, which runs chunks of it
    one after the other, the last ones first.
    """

    def __init__(self) -> None:
        self.live: dict[int, tuple[int, Any]] = {}
        self.drawn: list[int] = []
        self.fail_at: int | None = None
        self.damaged: list[int] = []
        self.fill: int | None = 0xFF
        self._alloc = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_int64)(self.alloc)
        self._free = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(self.free)
        self._poll = ctypes.CFUNCTYPE(ctypes.c_int32)(self.poll)
        self._body = ctypes.CFUNCTYPE(
            ctypes.c_int32, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64
        )
        self._parallel = ctypes.CFUNCTYPE(
            ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p, *(3 * [ctypes.c_int64])
        )(self.parallel)
        self.shared: list[tuple[int, int]] = []
        self._clock = ctypes.CFUNCTYPE(ctypes.c_int64)(time.monotonic_ns)
        self.polls = 0
        self.stop_at: int | None = None

    def alloc(self, size: int) -> int | None:
        """A 64-byte aligned block between red zones, or null."""
        self.drawn.append(size)
        if self.fail_at == len(self.drawn) - 1 or not 0 <= size < 1 << 32:
            return None
        memory = (ctypes.c_uint8 * (size + 2 * _RED_ZONE + 64))()
        ctypes.memset(memory, _RED, len(memory))
        address = (ctypes.addressof(memory) + _RED_ZONE + 63) // 64 * 64
        if self.fill is not None:
            ctypes.memset(address, self.fill, size)
        self.live[address] = (size, memory)
        return address

    def free(self, address: int | None) -> None:
        """Take a block back; it must be one that is out, and its red zones whole."""
        size, _memory = self.live.pop(address or 0)
        before = ctypes.string_at((address or 0) - _RED_ZONE, _RED_ZONE)
        after = ctypes.string_at((address or 0) + size, _RED_ZONE)
        if (before + after).strip(bytes([_RED])):
            self.damaged.append(address or 0)

    def poll(self) -> int:
        """Whether the code is to stop: at poll number `stop_at`."""
        self.polls += 1
        return int(self.polls - 1 == self.stop_at)

    def parallel(self, body: int, table: int, extent: int, grain: int, unit: int) -> int:
        """Run a body in chunks of one unit or of seven, as long as none fails."""
        assert extent >= 2 * grain
        self.shared.append((extent, grain))
        step = unit * (7 if extent > 100 * unit else 1)
        for begin in reversed(range(0, extent, step)):
            status = int(self._body(body)(table, begin, min(begin + step, extent)))
            if status:
                return status
        return 0

    def callees(self) -> list[Callee]:
        """What compiled code calls."""
        functions = (
            ("lltheano_pool_alloc", self._alloc, "ptr (i64)"),
            ("lltheano_pool_free", self._free, "void (ptr)"),
            ("lltheano_poll", self._poll, "i32 ()"),
            ("lltheano_parallel", self._parallel, "i32 (ptr, ptr, i64, i64, i64)"),
            ("lltheano_clock", self._clock, "i64 ()"),
        )
        return [
            Callee(
                name, ctypes.cast(function, ctypes.c_void_p).value or 0, signature, "tests", self
            )
            for name, function, signature in functions
        ]


class EntryError(Exception):
    """The entry returned a status; `report` has its words."""

    def __init__(self, status: int, report: list[int]) -> None:
        super().__init__(f"status {status}, report {report}")
        self.status = status
        self.report = report


@dataclass
class Compiled:
    """A loop function in machine code."""

    function: LoopFunction | LoopModule
    text: str
    pool: Pool = field(default_factory=Pool)
    code: LoadedCode = field(init=False)

    def __post_init__(self) -> None:
        table = standard_callees()
        for callee in self.pool.callees():
            table.register(callee)
        self.code = compile_module(self.text, table)

    def __call__(self, *arrays: Array) -> list[Array]:
        """Call the entry; arrays of updates in place are written to. EntryError when it fails."""
        layout = frame_layout(self.function)
        frame = np.zeros(layout.words, np.int64)
        for one, array in zip(layout.parameters, arrays, strict=True):
            address = array.__array_interface__["data"][0]
            words = one.words
            frame[words.data : words.end] = (address, *array.shape, *array.strides)
        entry = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p)(self.code.address(ENTRY))
        before = set(self.pool.live)
        status = entry(frame.ctypes.data)
        if status:
            assert set(self.pool.live) == before
            raise EntryError(status, frame[layout.report :].tolist())
        results = []
        for one in layout.results:
            address, *shape = frame[one.words.data : one.words.end].tolist()
            results.append(_copied(address, tuple(shape), one.dtype))
        for address in set(self.pool.live) - before:
            assert any(address == int(frame[one.words.data]) for one in layout.results)
            self.pool.free(address)
        assert not self.pool.damaged
        return results


def _copied(address: int, shape: tuple[int, ...], dtype: DType) -> Array:
    count = int(np.prod(shape, dtype=np.int64))
    data = ctypes.string_at(address, count * dtype.itemsize) if count else b""
    return np.frombuffer(data, dtype.numpy).reshape(shape)


def compiled(function: LoopFunction | LoopModule, vector_bytes: int | None = None) -> Compiled:
    """Compile for the host."""
    target = of_width(vector_bytes) if vector_bytes else host_target()
    return Compiled(function, emit_module(function, target))


def assembly_of(function: LoopFunction, target: Target | None = None) -> str:
    """The optimised assembly for a target."""
    target = target or host_target()
    module = verify_module(emit_module(function, target))
    optimise(module, target)
    return assembly(module, target)


def n(value: Any, dtype: DType = i64) -> Number:
    """A number."""
    return Number(Literal.of(np.asarray(value, dtype=dtype.numpy)))


@cache
def i(name: str) -> Scalar:
    """An i64 scalar."""
    return Scalar(name, i64)


def strided(
    name: str,
    dtype: DType,
    rank: int,
    sizes: Sequence[Operand] | None = None,
    alignment: int | None = None,
) -> Buffer:
    """A buffer whose sizes and strides are known at run time only."""
    own = tuple(sizes) if sizes else tuple(i(f"{name}.n{axis}") for axis in range(rank))
    return Buffer(name, dtype, own, tuple(i(f"{name}.s{axis}") for axis in range(rank)), alignment)


def packed(name: str, dtype: DType, *sizes: Operand) -> Buffer:
    """A row-major buffer."""
    return Buffer(name, dtype, sizes)


def build(
    parameters: Sequence[Buffer],
    body: Sequence[Statement],
    results: Sequence[Buffer],
    *,
    shared: Sequence[Buffer] = (),
    updates: Sequence[tuple[Buffer, int]] = (),
    sites: int = 0,
    name: str = "f",
) -> LoopFunction:
    """A function; buffers among `results` must be allocated by `body`."""
    return LoopFunction(
        name,
        tuple(LoopParameter(one, shared=one in shared) for one in parameters),
        tuple(body),
        (
            *(Result(one.name, one) for one in results),
            *(Result(one.name, one, number) for one, number in updates),
        ),
        tuple(Site("index", f"site {number}") for number in range(sites)),
    )


def loop(index: str, extent: Operand, *body: Statement, vector: int = 1, unroll: int = 1) -> For:
    """A loop."""
    return For(i(index), extent, body, schedule=Schedule(vector, unroll))


def alloc(buffer: Buffer, slot: int | None = None) -> Alloc:
    """An allocation."""
    return Alloc(buffer, slot)


def same_bits(x: Array, y: Array) -> None:
    """The arrays have equal dtypes, shapes and bits; NaNs may differ in sign and payload."""
    assert x.dtype == y.dtype
    assert x.shape == y.shape
    if x.dtype.kind == "c":
        part = np.dtype(f"f{x.dtype.itemsize // 2}")
        x, y = (np.ascontiguousarray(one).reshape(-1).view(part) for one in (x, y))
    x, y = np.ascontiguousarray(x), np.ascontiguousarray(y)
    if x.dtype.kind == "f":
        nan = np.isnan(x)
        np.testing.assert_array_equal(nan, np.isnan(y))
        bits = np.dtype(f"u{x.dtype.itemsize}")
        np.testing.assert_array_equal(x.view(bits)[~nan], y.view(bits)[~nan])
    else:
        np.testing.assert_array_equal(x, y)
