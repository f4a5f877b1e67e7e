"""MCJIT behind one module: LLVM IR text or object code in, callable addresses out.

There is one way into memory: object code. IR is verified, optimised and turned into an object, and
the object is loaded, whether it comes fresh from the code generator or from the cache on disk; a
cached object is loaded without looking at the IR at all.

Invariants: each object has an engine of its own, and its callees are mapped for that engine alone,
so nothing is registered process-wide; every symbol that an object needs is resolved from the
callee table before MCJIT sees it; code stays in memory exactly as long as its `LoadedCode`.
Safe to use from any thread, in a child forked while another thread compiles, and beside signal
handlers that raise.
"""

import itertools
import json
from collections.abc import Iterator, Mapping
from functools import partial

import llvmlite
import llvmlite.binding as llvm

from lltheano_ir.native.callees import Callee, CalleeError, CalleeTable
from lltheano_ir.native.machine import llvm_lock, new_target_machine
from lltheano_ir.native.object_cache import CacheEntry, ObjectCache, content_key
from lltheano_ir.native.object_file import FunctionSymbol, MalformedObjectError, read_symbols
from lltheano_ir.native.optimise import PIPELINE_VERSION, object_code, optimise, verify_module
from lltheano_ir.native.shield import later, shielded
from lltheano_ir.native.target import host_target
from lltheano_ir.stopwatch import Stopwatch
from lltheano_ir.target import Target

__all__ = [
    "LoadedCode",
    "check_declarations",
    "compile_module",
    "load_cached",
    "load_object",
    "module_key",
    "toolchain",
]

_CALLEES = "callees"


class LoadedCode:
    """Machine code in this process's memory.

    The memory is given back when the object dies, so whoever calls an address must hold on to it.

    Attributes
    ----------
    names
        The functions that the code offers.
    callees
        The functions outside that it calls.
    from_cache
        Whether the code came from the cache on disk.
    """

    __slots__ = (
        "__weakref__",
        "_addresses",
        "_functions",
        "_number",
        "callees",
        "from_cache",
        "names",
    )

    def __init__(
        self,
        number: int,
        addresses: Mapping[str, int],
        callees: tuple[Callee, ...],
        from_cache: bool,
        functions: tuple[FunctionSymbol, ...] = (),
    ) -> None:
        self._number = number
        self._functions = functions
        self.names = frozenset(addresses)
        self._addresses = addresses
        self.callees = callees
        self.from_cache = from_cache

    def __del__(self) -> None:
        # A handler that raises in the middle of it, on the main thread, keeps llvmlite's lock.
        later(partial(_close, self._number))

    def extents(self) -> Iterator[tuple[str, int, int]]:
        """The name, the first byte and the number of bytes of each function, private ones too.

        Nothing where the object's format does not say, or where none is offered to others.
        """
        known = next((one for one in self._functions if one.name in self._addresses), None)
        for one in self._functions if known is not None else ():
            # A section is loaded as it is.
            if known is not None and one.section == known.section:
                start = self._addresses[known.name] + one.offset - known.offset
                yield one.name, start, one.size

    def address(self, name: str) -> int:
        """Where the function of that name begins.

        Raises
        ------
        KeyError
            The code offers no such function.
        """
        if name not in self.names:
            offered = ", ".join(sorted(self.names)) or "nothing"
            raise KeyError(f"the code offers no {name!r}; it offers {offered}")
        return self._addresses[name]


_engines: dict[int, llvm.ExecutionEngine] = {}
"""The engines of the code that is alive. `LoadedCode` has but a number, or the garbage collector
could end a cycle's engine on one thread while its code's finalizer ends it on another.
"""

_numbers = itertools.count()


def _keep(engine: llvm.ExecutionEngine) -> int:
    number = next(_numbers)
    _engines[number] = engine
    return number


def _close(number: int) -> None:
    with llvm_lock:
        _engines.pop(number).close()


@shielded
def compile_module(
    text: str,
    callees: CalleeTable,
    *,
    target: Target | None = None,
    cache: ObjectCache | None = None,
    stopwatch: Stopwatch | None = None,
) -> LoadedCode:
    """Turn LLVM IR text into code that can be called.

    Parameters
    ----------
    text
        The module. Its functions should be `nounwind`, which spares unwind tables.
    callees
        What it may call.
    target
        A machine whose code this process can run; the host by default.
    cache
        Where to look for the object first, and to keep it after.
    stopwatch
        Told of each step.

    Raises
    ------
    LLVMVerificationError
        The module is not valid LLVM IR.
    CalleeError
        The module, or the code generated for it, calls something that is not in the table, or
        declares it with another signature.

    >>> import ctypes
    >>> text = '''
    ... define i32 @twice(i32 %x) {
    ...   %y = add i32 %x, %x
    ...   ret i32 %y
    ... }'''
    >>> code = compile_module(text, CalleeTable())
    >>> ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_int32)(code.address("twice"))(21)
    42
    """
    target = target or host_target()
    key = module_key(text, target) if cache is not None else ""
    if cache is not None and (loaded := load_cached(key, callees, cache)) is not None:
        return loaded
    watch = stopwatch or Stopwatch()
    entry = _compile(text, callees, target, watch)
    code = load_object(entry.object_code, callees)
    watch.lap("LLVM: load")
    if cache is not None:
        cache.store(key, entry)
    return code


def module_key(text: str, target: Target) -> str:
    """The cache key of a module: everything that its object code depends on."""
    return content_key("module", text, *toolchain(target))


def toolchain(target: Target) -> tuple[str, ...]:
    """What else than the module its object code depends on: the target, LLVM and its options."""
    return (
        target.triple,
        target.cpu,
        target.feature_string,
        str(PIPELINE_VERSION),
        llvmlite.__version__,
        repr(llvm.llvm_version_info),
    )


@shielded
def load_cached(key: str, callees: CalleeTable, cache: ObjectCache) -> LoadedCode | None:
    """Load the object that is kept under the key of a module.

    Returns
    -------
    The code; None if there is none, or it does not fit the callees of today.
    """
    entry = cache.load(key)
    return None if entry is None else _load_entry(entry, callees)


@shielded
def load_object(compiled: bytes, callees: CalleeTable, *, from_cache: bool = False) -> LoadedCode:
    """Load relocatable object code made for this machine.

    Raises
    ------
    MalformedObjectError
        The bytes are no object, or one for another architecture.
    CalleeError
        The object needs a symbol that is not in the table.
    """
    symbols = read_symbols(compiled)
    host = host_target().architecture
    if symbols.architecture != host:
        raise MalformedObjectError(f"the object is for {symbols.architecture}, not for {host}")
    needed = _resolve(symbols.undefined, callees)
    with llvm_lock:
        engine = _new_engine(needed)
        engine.add_object_file(llvm.ObjectFileRef.from_data(compiled))
        engine.finalize_object()
        # Found here, since calls of llvmlite on the main thread can be broken off.
        addresses = {name: int(engine.get_function_address(name)) for name in symbols.defined}
    return LoadedCode(_keep(engine), addresses, needed, from_cache, symbols.functions)


def check_declarations(module: llvm.ModuleRef, callees: CalleeTable) -> Mapping[str, Callee]:
    """Check every function that a verified module declares against the table.

    Returns
    -------
    The callees that the module declares, by name.

    Raises
    ------
    CalleeError
        A function is not in the table or is declared with another signature, or the module refers
        to a variable outside itself.
    """
    used: dict[str, Callee] = {}
    for function in module.functions:
        name = str(function.name)
        if not function.is_declaration or name.startswith("llvm."):
            continue
        used[name] = callees[name]
        declared = str(function.global_value_type)
        if declared != used[name].signature:
            raise CalleeError(
                f"the module declares {name!r} as {declared}; it is registered as "
                f"{used[name].signature} ({used[name].origin})"
            )
    for variable in module.global_variables:
        if variable.is_declaration:
            raise CalleeError(f"the module refers to {variable.name!r}, a variable outside itself")
    return used


def _compile(text: str, callees: CalleeTable, target: Target, watch: Stopwatch) -> CacheEntry:
    # A context of the module's own, closed with it, so that the memory of its constants returns.
    with llvm_lock, llvm.create_context() as context, verify_module(text, context) as module:
        declared = check_declarations(module, callees)
        watch.lap("LLVM: parse, verify")
        optimise(module, target)
        watch.lap("LLVM: optimise")
        compiled = object_code(module, target)
        watch.lap("LLVM: generate code")
    signatures = {name: callee.signature for name, callee in declared.items()}
    return CacheEntry(compiled, {_CALLEES: json.dumps(signatures)})


def _resolve(names: frozenset[str], callees: CalleeTable) -> tuple[Callee, ...]:
    found = {name: callees.find(name) for name in sorted(names)}
    missing = [name for name, callee in found.items() if callee is None]
    if missing:
        raise CalleeError(
            f"the generated code calls {', '.join(missing)}, which no registered callee provides"
        )
    return tuple(callee for callee in found.values() if callee is not None)


def _new_engine(callees: tuple[Callee, ...]) -> llvm.ExecutionEngine:
    """An engine that knows the callees by name and holds no module.

    Mappings hang on declarations, so a module of bare declarations carries them in and is taken
    out again before MCJIT would compile it, which costs more than loading a small object.
    """
    stub = llvm.parse_assembly(
        "".join(f"@{callee.name} = external global i8\n" for callee in callees)
    )
    engine = llvm.create_mcjit_compiler(stub, new_target_machine(host_target()))
    for callee in callees:
        engine.add_global_mapping(stub.get_global_variable(callee.name), callee.address)
    engine.remove_module(stub)
    return engine


def _load_entry(entry: CacheEntry, callees: CalleeTable) -> LoadedCode | None:
    """Load what the cache holds, or None where it does not fit the callees of today."""
    try:
        signatures = json.loads(entry.metadata[_CALLEES])
        for name, signature in signatures.items():
            if callees[name].signature != signature:
                return None
        return load_object(entry.object_code, callees, from_cache=True)
    except (KeyError, ValueError, AttributeError, CalleeError):
        return None
