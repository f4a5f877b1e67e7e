"""The frame: what a compiled function is called with, word by word.

The entry is ``int32_t name(int64_t *frame)``. A frame is made of 8-byte words: for each parameter
in order its data pointer, its sizes in elements, its strides in bytes (multiples of the element's
size); for each result its data pointer and its sizes (results are row-major); then 8 report words.
A function that calls host functions has one word more, the number of the caller's table of them.
The caller fills in the parameters, and that word. The entry returns 0 and fills in the results,
whose memory the caller then owns, or fills in the report and returns

* 1 when a check failed: the number of its site, then the values that the site reports;
* 2 when there was no memory: the number of bytes that were asked for;
* 3 when a host function failed: the ticket that it left, then its number;
* 4 when it was told to stop (see `lltheano_ir.emit.interrupts`): nothing.
"""

import re
from collections.abc import Iterator
from functools import cached_property

from lltheano_ir.dtypes import DType
from lltheano_ir.loops.nodes import Buffer, Callback, LoopFunction
from lltheano_ir.loops.walk import statements_in
from lltheano_ir.records import record

__all__ = [
    "CALLBACK_FAILED",
    "INTERRUPTED",
    "OUT_OF_MEMORY",
    "REPORT_WORDS",
    "SITE_FAILED",
    "Field",
    "FrameLayout",
    "frame_layout",
]

REPORT_WORDS = 8
SITE_FAILED = 1
OUT_OF_MEMORY = 2
CALLBACK_FAILED = 3
INTERRUPTED = 4

_C_TYPES = {
    "bool": "uint8_t",
    "f16": "_Float16",
    "f32": "float",
    "f64": "double",
    "c64": "float _Complex",
    "c128": "double _Complex",
}


@record(frozen=True, slots=True)
class Field:
    """Where one array stands in the frame; offsets are in words, `strides` is None for a result."""

    name: str
    dtype: DType
    rank: int
    data: int
    sizes: int
    strides: int | None

    @property
    def words(self) -> int:
        """The number of words that the array takes."""
        return 1 + self.rank * (1 if self.strides is None else 2)


@record(frozen=True)
class FrameLayout:
    """The fields of a frame, and the C declarations of the frame and its entry.

    `calls_back` says that the frame has the word `host` behind its report.

    >>> from lltheano_ir.dtypes import f64, i64
    >>> from lltheano_ir.loops.nodes import LoopParameter, Result, Scalar
    >>> x = Buffer("x", f64, (Scalar("n", i64),), (Scalar("s", i64),))
    >>> y = Buffer("y", f64, x.sizes)
    >>> parameter = LoopParameter(x, shared=False)
    >>> layout = frame_layout(LoopFunction("copy", (parameter,), (), (Result("y", y),)))
    >>> layout.report, layout.words
    (5, 13)
    >>> print(layout.c_source)
    struct copy_frame {
        struct { const double *data; int64_t size[1]; int64_t stride[1]; } x;
        struct { double *data; int64_t size[1]; } y;
        int64_t report[8];
    };
    int32_t copy(struct copy_frame *frame);
    """

    name: str
    parameters: tuple[Field, ...]
    results: tuple[Field, ...]
    shared: tuple[bool, ...]
    calls_back: bool = False

    @cached_property
    def report(self) -> int:
        """The offset of the report, in words."""
        return sum(field.words for field in (*self.parameters, *self.results))

    @property
    def words(self) -> int:
        """The number of words of the whole frame."""
        return self.report + REPORT_WORDS + int(self.calls_back)

    @property
    def host(self) -> int:
        """The offset of the number of the table of host functions, where there is one."""
        return self.report + REPORT_WORDS

    @property
    def c_source(self) -> str:
        """C11 declarations of the frame and of the entry."""
        name = _identifiers([self.name])[0]
        names = _identifiers([field.name for field in (*self.parameters, *self.results)])
        read_only = [*(not one for one in self.shared), *(False for _ in self.results)]
        fields = zip((*self.parameters, *self.results), names, read_only, strict=True)
        members = [f"    {_member(field, own, const)}" for field, own, const in fields]
        report = f"    int64_t report[{REPORT_WORDS}];"
        host = ["    int64_t host;"] if self.calls_back else []
        head, tail = f"struct {name}_frame {{", f"int32_t {name}(struct {name}_frame *frame);"
        return "\n".join([head, *members, report, *host, "};", tail])


def frame_layout(function: LoopFunction) -> FrameLayout:
    """The layout of the frame of `function`."""
    taken = 0
    parameters = []
    for one in function.parameters:
        parameters.append(_field(one.buffer.name, one.buffer, taken, strided=True))
        taken += parameters[-1].words
    results = []
    for result in function.results:
        results.append(_field(result.name, result.buffer, taken, strided=False))
        taken += results[-1].words
    shared = tuple(one.shared for one in function.parameters)
    calls_back = any(
        isinstance(inner, Callback) for one in function.body for inner in statements_in(one)
    )
    return FrameLayout(function.name, tuple(parameters), tuple(results), shared, calls_back)


def _field(name: str, buffer: Buffer, start: int, *, strided: bool) -> Field:
    rank = len(buffer.sizes)
    strides = start + 1 + rank if strided else None
    return Field(name, buffer.dtype, rank, start, start + 1, strides)


def _member(field: Field, name: str, const: bool) -> str:
    parts = [f"{'const ' if const else ''}{_c_type(field.dtype)} *data;"]
    if field.rank:
        parts.append(f"int64_t size[{field.rank}];")
        if field.strides is not None:
            parts.append(f"int64_t stride[{field.rank}];")
    return f"struct {{ {' '.join(parts)} }} {name};"


def _c_type(dtype: DType) -> str:
    return _C_TYPES.get(dtype.name) or f"{'u' if dtype.name[0] == 'u' else ''}int{dtype.name[1:]}_t"


def _identifiers(names: list[str]) -> list[str]:
    """The names as C identifiers, all different."""
    taken = {"report", "host"}
    return list(_distinct(names, taken))


def _distinct(names: list[str], taken: set[str]) -> Iterator[str]:
    for name in names:
        plain = re.sub(r"\W", "_", name, flags=re.ASCII) or "_"
        base = f"_{plain}" if plain[0].isdigit() else plain
        unique, count = base, 1
        while unique in taken:
            unique, count = f"{base}_{count}", count + 1
        taken.add(unique)
        yield unique
