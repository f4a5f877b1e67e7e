"""Programs of the tensor IR run as native code, in this process.

A `NativeProgram` is compiled without the passes that change results, so that what the interpreter
gives is what it must give, but for ops with a published error bound. Nothing is kept in the cache.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from lltheano.function.programs.compiler import callees
from lltheano.runtime import pool
from lltheano.runtime.calls.executable import Executable
from lltheano.runtime.calls.plan import Input, Output, Shared, Update
from lltheano.runtime.errors import ExecutionFailed
from lltheano.runtime.storages.pool_storage import PoolStorage
from lltheano_ir.emit.module import ENTRY, emit_module
from lltheano_ir.loops.verify import verify_loops
from lltheano_ir.native.mcjit import compile_module
from lltheano_ir.native.target import host_target
from lltheano_ir.ops.definition import ExecutionError
from lltheano_ir.passes.pipeline import optimise
from lltheano_ir.pipeline import to_loops
from lltheano_ir.program import Program

__all__ = ["NativeProgram"]

Array: TypeAlias = NDArray[Any]


class NativeProgram:
    """Machine code of `program`, with storages for its shared parameters.

    `vector_bytes` is the width of vectors; that of the host by default.

    The inputs come before the shared parameters.
    """

    def __init__(self, program: Program, vector_bytes: int | None = None) -> None:
        target = host_target()
        if vector_bytes is not None:
            target = replace(target, vector_bytes=vector_bytes)
        module = to_loops(optimise(program, keep_results=True), target)
        verify_loops(module)
        code = compile_module(emit_module(module, target), callees(), target=target)
        self.sites = module.sites
        self._program = program
        self._storages = {
            position: PoolStorage(one.type.dtype.numpy, one.type.rank, one.name)
            for position, one in enumerate(program.parameters)
            if one.shared
        }
        inputs = [
            Input(
                one.name,
                one.type.dtype.numpy,
                one.type.rank,
                one.type.broadcast,
                contiguous=False,
            )
            for one in program.parameters
            if not one.shared
        ]
        outputs = [
            Output(one.value.type.dtype.numpy, one.value.type.rank) for one in program.outputs
        ]
        updates = [Update(self._storages[one.parameter]) for one in program.updates]
        self.executable = Executable(
            code.address(ENTRY),
            [*inputs, *map(Shared, self._storages.values())],
            [*outputs, *updates],
            keep_alive=code,
            host=program.host,
        )

    def run(self, arrays: Sequence[Array]) -> tuple[list[Array], list[Array]]:
        """The outputs, and the new value of each shared parameter that is updated.

        ExecutionError when a check fails. AssertionError if a call that fails changes a storage, if
        an input is written to, or if memory is damaged.
        """
        for position, storage in self._storages.items():
            storage.write(arrays[position])
        inputs = [one for i, one in enumerate(arrays) if i not in self._storages]
        before = [one.copy() for one in inputs]
        try:
            outputs = self.executable.run(inputs)
        except (ExecutionFailed, MemoryError) as error:
            self._require_untouched(arrays)
            raise self._explained(error) from None
        finally:
            pool.check()
            for one, old in zip(inputs, before, strict=True):
                assert one.tobytes() == old.tobytes(), "an input was written to"
        updates = [self._storages[one.parameter].read_copy() for one in self._program.updates]
        return outputs, updates

    def _require_untouched(self, arrays: Sequence[Array]) -> None:
        for position, storage in self._storages.items():
            old = np.array(arrays[position], order="C")
            kept = storage.read_copy()
            assert kept.shape == old.shape, f"{storage.label} has other sizes after a failed call"
            assert kept.tobytes() == old.tobytes(), f"{storage.label} was changed by a failed call"

    def _explained(self, error: ExecutionFailed | MemoryError) -> ExecutionError:
        if isinstance(error, MemoryError):
            return ExecutionError("memory", str(error))
        site = self.sites[error.site]
        return ExecutionError(site.kind, site.message.format(*error.values), error.values)
