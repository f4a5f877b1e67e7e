"""The structures of the run time's native half: the one place that lays them out.

Native code in `native/` reaches a member by its accessor, Python by its name; see
`lltheano_ir.abi.structures`. No member is at an offset that anybody else relies on, but for those
of NumPy and CPython.
"""

from lltheano_ir.abi import Member, Structure

__all__ = [
    "ARRAY_FIELDS",
    "BLOCK",
    "HELD",
    "JOB",
    "LEASE",
    "LOCK",
    "MAX_THREADS",
    "METHOD",
    "PARAMETER",
    "PLACE",
    "PLAN",
    "RESULT",
    "STATISTICS",
    "STORAGE",
    "STRUCTURES",
    "WORKER",
]

MAX_THREADS = 64
"""The most threads that work on one loop."""

BLOCK = Structure(
    "Block",
    # The header lies right before the payload that callers see, so that a payload pointer alone is
    # enough to free it. It takes two cache lines, and the payload is aligned as it is.
    (
        Member("magic", "i64", "live or free; anything else means that it was overwritten"),
        Member("raw", "ptr", "what malloc returned"),
        Member("next", "ptr", "the next free block of the same class"),
        Member("references", "i64", "the owner, and the array views that borrow the block"),
        Member("class", "i64", "its size class"),
        Member("capacity", "i64", "in bytes"),
        Member("asked", "i64", "bytes asked for"),
        Member("flags", "i64", "1 red zones are set, 2 the payload is poisoned"),
        Member("zone", "[64 x i8]", "red zone; the one behind starts `asked` bytes further"),
    ),
)
"""A block of the pool."""

STATISTICS = Structure(
    "Statistics",
    (
        Member("in_use", "i64", "capacities of the blocks that somebody owns"),
        Member("peak", "i64", "the most that was in use"),
        Member("cached", "i64", "capacities of the blocks that wait for reuse"),
        Member("limit", "i64", "the most that may wait"),
        Member("live", "i64", "blocks that somebody owns"),
        Member("allocations", "i64", "requests"),
        Member("hits", "i64", "served from what waited"),
        Member("misses", "i64", "served by the system"),
        Member("failures", "i64", "not served"),
        Member("overruns", "i64", "blocks whose red zone was written"),
        Member("bad_frees", "i64", "blocks freed that were not live"),
        Member("late_writes", "i64", "blocks written after they were freed"),
        Member("damaged", "ptr", "the first payload that one of these befell"),
    ),
)
"""The pool's counters."""

STORAGE = Structure(
    "Storage",
    # Whoever takes the lock reads the other members next: they share its cache line.
    (
        Member("state", "i64", "readers inside, or -1 one writer, or -2 torn by a fork"),
        Member("waiting", "i64", "threads that wait; whoever comes then queues behind"),
        Member("writer", "i64", "the thread that writes, 0 for none"),
        Member("data", "ptr", "the block with the elements, which are row-major"),
        Member("bytes", "i64", "bytes of the elements"),
        Member("version", "i64", "how often the contents were written"),
        Member("rank", "i64", "number of dimensions"),
        Member("itemsize", "i64", "bytes of one element"),
        Member("holder", "i64", "the thread that leases, 0 for none"),
        Member("sizes", "[0 x i64]", "of each dimension"),
    ),
)
"""The storage of a shared array."""

PLAN = Structure(
    "Plan",
    (
        Member("entry", "ptr", "i32 (ptr frame)"),
        Member("parameter_count", "i64", "inputs, then shared"),
        Member("parameters", "ptr", "-> %Parameter"),
        Member("input_count", "i64", "how many of the parameters are inputs"),
        Member("result_count", "i64", "outputs, then updates"),
        Member("results", "ptr", "-> %Result"),
        Member("output_count", "i64", "how many of the results are outputs"),
        Member("lock_count", "i64", "each storage once"),
        Member("locks", "ptr", "-> %Lock, in creation order of the storages"),
        Member("frame_words", "i64", "the length of the frame"),
        Member("report", "i64", "the first word of the report"),
        Member("host_word", "i64", "the word for the table of host functions"),
        Member("release_from", "i64", "the GIL is released from so many parameter bytes on"),
        Member("single", "i64", "1: return the only output itself, 0: return a list"),
        Member("host", "i64", "the number of the table of host functions, 0 for none"),
        Member("waited", "i64", "nanoseconds that calls have waited for locks, of all threads"),
    ),
)
"""What a compiled function needs beside its code. Built once; only `waited` is written again."""

PARAMETER = Structure(
    "Parameter",
    (
        Member("storage", "ptr", "null for an input"),
        Member("rank", "i64", "number of dimensions"),
        Member("word", "i64", "the frame's word for the data pointer; sizes and strides follow"),
        Member("dtype", "ptr", "NumPy's descriptor object, compared by address"),
        Member("itemsize", "i64", "bytes of one element"),
        Member("flags", "i64", "array flags that an argument must have"),
        Member("broadcast", "i64", "bit d is set where dimension d has size 1"),
        Member("take", "ptr", "i1 (ptr object, ptr type, ptr slot), or null: see arguments.ll"),
    ),
)

RESULT = Structure(
    "Result",
    (
        Member("storage", "ptr", "what an update writes, null for an output"),
        Member("rank", "i64", "number of dimensions"),
        Member("word", "i64", "the frame's word for the data pointer; sizes follow"),
        Member("type_number", "i64", "NumPy's number of the dtype"),
        Member("itemsize", "i64", "bytes of one element"),
    ),
)

LOCK = Structure(
    "Lock",
    (Member("storage", "ptr", "what is locked"), Member("mode", "i64", "0 read, 1 write")),
)

PLACE = Structure(
    "Place",
    (
        Member("thread", "i64", "that waits"),
        Member("storage", "ptr", "that it waits for, null where the place is free"),
        Member("number", "i64", "in order of arrival"),
        Member("mode", "i64", "0 read, 1 write"),
        Member("present", "i64", "1 while the thread waits, 0 while it is away"),
    ),
)
"""A place in the queue for locks."""

LEASE = Structure(
    "Lease",
    (
        Member("storage", "ptr", "what is leased"),
        Member("array", "ptr", "shows the contents; null while the lease does not run"),
        Member("type_number", "i64", "NumPy's number of the dtype"),
        Member("resolve", "ptr", "called with a status: waits for the storage, or raises"),
    ),
)

JOB = Structure(
    "Job",
    # What all who work on it write has cache lines of its own.
    (
        Member("gate", "i64", "twice the number of those inside; plus 1 while it can be entered"),
        Member("apart", "[56 x i8]", "the rest of a cache line"),
        Member("owned", "i32", "1 while a caller uses it"),
        Member("status", "i32", "of the first chunk that failed, else 0"),
        Member("body", "ptr", "i32 (ptr table, i64 begin, i64 end)"),
        Member("table", "ptr", "what the body works on"),
        Member("extent", "i64", "iterations"),
        Member("chunk", "i64", "iterations that are taken at once"),
        Member("chunks", "i64", "how many of them there are"),
        Member("parts", "i64", "into which the chunks are divided"),
        Member("filler", "i64", "the rest of a cache line"),
        Member("counters", f"[{8 * MAX_THREADS} x i64]", "a line a part: the next chunk to take"),
    ),
)
"""A parallel loop that runs."""

WORKER = Structure(
    "Worker",
    (
        Member("number", "i64", "from 1 on; 0 is whoever calls"),
        Member("lock", "ptr", "CPython's: taken, and released to wake the thread"),
        Member("sleeping", "i64", "1 while it waits for the lock"),
        Member("apart", "[40 x i8]", "the rest of a cache line"),
    ),
)
"""A thread that works on parallel loops."""

HELD = Structure(
    "Held",
    (
        Member("kind", "ptr", "its type"),
        Member("value", "ptr", "the exception"),
        Member("trace", "ptr", "its traceback"),
    ),
)
"""An exception that waits to be raised."""

ARRAY_FIELDS = Structure(
    "ArrayFields",
    (
        Member("data", "ptr", "the first element"),
        Member("rank", "i32", "nd"),
        Member("sizes", "ptr", "dimensions"),
        Member("strides", "ptr", "in bytes"),
        Member("base", "ptr", "the owner of the memory"),
        Member("dtype", "ptr", "descr"),
        Member("flags", "i32", "of the array"),
    ),
)
"""NumPy's: an array behind its object header, `PyArrayObject_fields`."""

METHOD = Structure(
    "MethodDef",
    (
        Member("name", "ptr", "ml_name"),
        Member("function", "ptr", "ml_meth"),
        Member("flags", "i32", "ml_flags"),
        Member("doc", "ptr", "ml_doc"),
    ),
)
"""CPython's: what it reads about a built-in, `PyMethodDef`."""

STRUCTURES = (
    BLOCK,
    STATISTICS,
    STORAGE,
    PLAN,
    PARAMETER,
    RESULT,
    LOCK,
    PLACE,
    LEASE,
    JOB,
    WORKER,
    HELD,
    ARRAY_FIELDS,
    METHOD,
)
