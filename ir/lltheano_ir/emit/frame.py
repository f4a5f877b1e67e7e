"""The frame of a loop function: what its entry is called with, and the C declaration of that.

The entry, like every function of a module, is ``int32_t name(int64_t *frame)``. How a frame is laid
out, and what the entry returns, is the binary interface (`lltheano_ir.abi`). The caller fills in
the parameters, and the number of its table of host functions where the program calls any. The entry
returns `Status.DONE` and fills in the results, whose memory the caller then owns, or returns
another status and fills in the report.
"""

import re
from collections.abc import Iterator
from functools import cached_property

from lltheano_ir.abi import REPORT_WORDS, ArrayWords, FrameWords, frame_words
from lltheano_ir.dtypes import DType
from lltheano_ir.loops.nodes import Callback, LoopFunction, LoopModule, as_module
from lltheano_ir.loops.walk import statements_in
from lltheano_ir.records import record

__all__ = ["Field", "FrameLayout", "frame_layout"]

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
    """An array in the frame: its name and dtype, and where its words stand."""

    name: str
    dtype: DType
    words: ArrayWords


@record(frozen=True)
class FrameLayout:
    """The fields of a frame, and the C declarations of the frame and its entry.

    `calls_back` says that the frame has the word `host` behind its report.

    >>> from lltheano_ir.dtypes import f64, i64
    >>> from lltheano_ir.loops.nodes import Buffer, LoopParameter, Result, Scalar
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
    def _frame(self) -> FrameWords:
        fields = ([one.words for one in group] for group in (self.parameters, self.results))
        return FrameWords(*map(tuple, fields))

    @property
    def report(self) -> int:
        """The offset of the report, in words."""
        return self._frame.report

    @property
    def words(self) -> int:
        """The number of words of the whole frame."""
        return self.host + int(self.calls_back)

    @property
    def host(self) -> int:
        """The offset of the number of the table of host functions, where there is one."""
        return self._frame.host

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


def frame_layout(functions: LoopFunction | LoopModule) -> FrameLayout:
    """The layout of the frame of a function, or of the entry of a module."""
    module = as_module(functions)
    function = module.entry
    parameters = [one.buffer for one in function.parameters]
    results = [one.buffer for one in function.results]
    frame = frame_words((len(one.sizes) for one in parameters), (len(one.sizes) for one in results))
    names = [*(one.name for one in parameters), *(one.name for one in function.results)]
    words = (*frame.parameters, *frame.results)
    fields = tuple(
        Field(name, buffer.dtype, place)
        for name, buffer, place in zip(names, [*parameters, *results], words, strict=True)
    )
    shared = tuple(one.shared for one in function.parameters)
    calls_back = any(
        isinstance(inner, Callback)
        for each in module.functions
        for one in each.body
        for inner in statements_in(one)
    )
    count = len(parameters)
    return FrameLayout(function.name, fields[:count], fields[count:], shared, calls_back)


def _member(field: Field, name: str, const: bool) -> str:
    parts = [f"{'const ' if const else ''}{_c_type(field.dtype)} *data;"]
    if field.words.rank:
        parts.append(f"int64_t size[{field.words.rank}];")
        if field.words.strided:
            parts.append(f"int64_t stride[{field.words.rank}];")
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
