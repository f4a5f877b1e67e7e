"""Compiled code that calls Python: what crosses the border, and what happens when it goes wrong."""

import dataclasses
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lltheano.function.programs.compiler import compile_lowered
from lltheano.runtime import pool
from lltheano.runtime.calls import callbacks
from lltheano.runtime.calls.executable import Executable
from lltheano.runtime.calls.plan import Input, Output, Shared, Update
from lltheano.runtime.errors import DeadlockError
from lltheano.runtime.storages.pool_storage import PoolStorage
from lltheano_ir.builder import Builder
from lltheano_ir.dtypes import ALL_DTYPES, DType, bool_
from lltheano_ir.host import HostFunction
from lltheano_ir.interpret import interpret
from lltheano_ir.nodes import Region, Value, argument
from lltheano_ir.ops.definition import Array
from lltheano_ir.program import Program
from lltheano_ir.provenance import Location
from lltheano_ir.types import ValueType, parse_type
from tests.garbage import collect_garbage
from tests.threads import run_together

VECTOR, INTEGER = parse_type("f64[?]"), parse_type("i64[]")
Called = Callable[[Sequence[Array]], Sequence[Any]]


def executable(program: Program, storages: Sequence[PoolStorage] = ()) -> Executable:
    """A program whose shared parameters are `storages`."""
    compiled = compile_lowered(program)
    inputs = [
        Input(one.name, one.type.dtype.numpy, one.type.rank, one.type.broadcast, contiguous=False)
        for one in program.parameters
        if not one.shared
    ]
    first = len(inputs)
    types = [one.value.type for one in program.outputs]
    return Executable(
        compiled.address,
        [*inputs, *map(Shared, storages)],
        [
            *(Output(one.dtype.numpy, one.rank) for one in types),
            *(Update(storages[one.parameter - first]) for one in program.updates),
        ],
        keep_alive=compiled,
        host=program.host,
    )


def one_call(called: Called, operand: ValueType = VECTOR, result: ValueType = VECTOR) -> Program:
    """The function of the only input."""
    builder = Builder("one")
    x = builder.parameter("x", operand)
    number = builder.host_function(HostFunction(called, "called", Location("user.py", 7)))
    (y,) = builder.callback(number, [x], [result])
    builder.output(y, "y")
    return builder.program()


@contextmanager
def nothing_lost() -> Iterator[None]:
    """Every block of the pool that is drawn inside comes back, undamaged; no error is kept."""
    pool.set_checking(True)
    collect_garbage()
    before = pool.statistics().in_use
    try:
        yield
        collect_garbage()
        assert pool.statistics().in_use == before
        pool.check()
        assert not callbacks._failures
    finally:
        pool.set_checking(False)


@pytest.mark.parametrize("dtype", ALL_DTYPES, ids=str)
@pytest.mark.parametrize("rank", [0, 1, 2])
def test_arrays_of_every_dtype_cross_the_border(dtype: DType, rank: int) -> None:
    type_ = ValueType(dtype, (False,) * rank)
    values = np.array([0, 1, 1, 0, 1, 0]).astype(dtype.numpy)
    array = values[1] if rank == 0 else values.reshape((2, 3)[2 - rank :] if rank == 2 else 6)
    run = executable(one_call(lambda arrays: [arrays[0]], type_, type_))
    with nothing_lost():
        for given in (array, array[::-1] if rank else array, array[:0] if rank else array):
            (found,) = run.run([np.asarray(given)])
            assert found.dtype == dtype.numpy
            assert found.tobytes() == np.ascontiguousarray(given).tobytes()
            del found


def scaling(factor: float) -> Called:
    return lambda arrays: [arrays[0] * factor]


def test_code_from_the_cache_calls_the_functions_of_its_own_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLTHEANO_CACHE_DIR", str(tmp_path / "cache"))
    factors = (2.0, 3.0)
    runs = []
    for factor in factors:
        program = one_call(scaling(factor))
        compiled = compile_lowered(program)
        runs.append((executable(program), compiled.code.from_cache))
    assert runs[1][1]
    assert [run.run([np.ones(1)])[0].tolist() for run, _ in runs] == [[2.0], [3.0]]


def test_strided_arguments_arrive_as_they_are() -> None:
    seen: list[Array] = []

    def called(arrays: Sequence[Array]) -> Sequence[Any]:
        seen.extend(arrays)
        return arrays

    run = executable(one_call(called))
    for given in (np.arange(9.0)[::-2], np.arange(9.0)[1::3], np.zeros(0)):
        (found,) = run.run([given])
        assert found.tolist() == seen.pop().tolist() == given.tolist()
        assert run.run_plainly([given])[0].tolist() == given.tolist()
        seen.clear()


def test_a_function_may_keep_and_overwrite_what_it_gets() -> None:
    kept: list[Array] = []

    def called(arrays: Sequence[Array]) -> Sequence[Any]:
        arrays[0][:] = -1.0
        kept.append(arrays[0])
        return [np.arange(3.0)]

    run = executable(one_call(called))
    given = np.ones(4)
    for _ in range(3):
        run.run([given])
    assert given.tolist() == [1.0] * 4
    assert all(one.tolist() == [-1.0] * 4 for one in kept)


def test_what_is_given_is_copied() -> None:
    own = np.arange(3.0)
    run = executable(one_call(lambda arrays: [own]))
    (found,) = run.run([np.ones(1)])
    found[:] = 7
    assert own.tolist() == [0.0, 1.0, 2.0]


@pytest.mark.parametrize("rank", [0, 1])
def test_a_bool_is_0_or_1_whatever_byte_a_function_gives(rank: int) -> None:
    bits = np.array([2, 0, 255], np.uint8).view(np.bool_)
    own = bits if rank else np.array(2, np.uint8).view(np.bool_)
    type_ = ValueType(bool_, (False,) * rank)
    builder = Builder("count")
    number = builder.host_function(HostFunction(lambda arrays: [own], "bits"))
    (found,) = builder.callback(number, [], [type_])
    builder.output(builder.cast(found, "i64"), "number")
    (numbers,) = executable(builder.program()).run([])
    assert numbers.tolist() == ([1, 0, 1] if rank else 1)


def test_an_exception_that_python_loses_at_the_border_is_an_interrupt() -> None:
    assert isinstance(callbacks.raised_by(0), KeyboardInterrupt)


class Trouble(BaseException):
    """An exception that is no Exception."""


@pytest.mark.parametrize("error", [ValueError("no"), KeyError(3), Trouble(), KeyboardInterrupt()])
def test_the_exception_itself_reaches_the_caller_with_a_note(error: BaseException) -> None:
    def called(arrays: Sequence[Array]) -> Sequence[Any]:
        raise error

    program = one_call(called)
    run = executable(program)
    with nothing_lost():
        for call in (run.run, run.run_plainly):
            with pytest.raises(type(error)) as caught:
                call([np.ones(3)])
            assert caught.value is error
            del caught
            error.__traceback__ = None  # its frames hold the operands
    assert error.__notes__[-1] == "raised by called, applied in user.py:7"


def test_a_wrong_result_is_an_error() -> None:
    with nothing_lost():
        run = executable(one_call(lambda arrays: [np.float32(1)]))
        with pytest.raises(TypeError, match="result 0 must be an array of f64 with 1 axes"):
            run.run([np.ones(3)])
        run = executable(one_call(lambda arrays: []))
        with pytest.raises(TypeError, match="got 0 results, wanted 1"):
            run.run([np.ones(3)])


def test_no_memory_for_a_result_is_a_memory_error() -> None:
    run = executable(one_call(lambda arrays: [arrays[0]]))
    with nothing_lost():
        for successes in range(2):
            with pool.failing_allocation(successes), pytest.raises(MemoryError):
                run.run([np.ones(5000)])


def test_an_unknown_table_is_an_error_and_no_wild_call() -> None:
    program = one_call(lambda arrays: [arrays[0]])
    run = executable(program)
    assert run._host is not None
    run._host.functions = ()
    without = executable(dataclasses.replace(program, host=()))
    for one in (run, without):
        for call in (one.run, one.run_plainly):
            with pytest.raises(LookupError, match="was not supplied"):
                call([np.ones(3)])


def stateful(called: Called, *, writes: bool) -> tuple[Executable, PoolStorage]:
    """State that is doubled, if `writes`, after a call on it whose result is the output."""
    builder, storage = Builder("state"), PoolStorage("float64", 1, "state")
    storage.write(np.arange(4.0))
    state = builder.parameter("state", VECTOR, shared=True)
    number = builder.host_function(HostFunction(called, "called"))
    (y,) = builder.callback(number, [state], [VECTOR])
    builder.output(y, "y")
    if writes:
        builder.update(state, builder.elementwise("add", state, state))
    return executable(builder.program(), [storage]), storage


def test_state_is_unchanged_after_an_exception() -> None:
    fails = [True]

    def called(arrays: Sequence[Array]) -> Sequence[Any]:
        if fails:
            raise OSError("disk")
        return arrays

    run, storage = stateful(called, writes=True)
    version = storage.version
    with pytest.raises(OSError, match="disk"):
        run.run([])
    assert (storage.version, storage.read_copy().tolist()) == (version, [0.0, 1.0, 2.0, 3.0])
    fails.clear()
    assert run.run([])[0].tolist() == [0.0, 1.0, 2.0, 3.0]
    assert storage.read_copy().tolist() == [0.0, 2.0, 4.0, 6.0]


@pytest.mark.parametrize("writes", [False, True])
def test_writing_what_the_call_uses_is_a_deadlock_error(writes: bool) -> None:
    storages: list[PoolStorage] = []

    def called(arrays: Sequence[Array]) -> Sequence[Any]:
        seen = storages[0].read_copy()
        storages[0].write(seen)
        return [seen]

    run, storage = stateful(called, writes=writes)
    storages.append(storage)
    with pytest.raises(DeadlockError, match="make it an update"):
        run.run([])
    storage.write(np.ones(2))


def test_calling_a_function_on_the_same_state_is_a_deadlock_error() -> None:
    inner: list[Executable] = []
    outer, storage = stateful(lambda arrays: inner[0].run([]), writes=True)
    again, _ = stateful(lambda arrays: arrays, writes=True)
    builder = Builder("inner")
    state = builder.parameter("state", VECTOR, shared=True)
    builder.output(state, "y")
    builder.update(state, builder.elementwise("neg", state))
    inner.append(executable(builder.program(), [storage]))
    with pytest.raises(DeadlockError):
        outer.run([])
    assert storage.read_copy().tolist() == [0.0, 1.0, 2.0, 3.0]
    inner[0] = again
    assert outer.run([])[0].tolist() == [0.0, 1.0, 2.0, 3.0]


def test_a_function_may_read_what_the_call_writes() -> None:
    storages: list[PoolStorage] = []
    run, storage = stateful(lambda arrays: [storages[0].read_copy()], writes=True)
    storages.append(storage)
    for _ in range(3):
        before = storage.read_copy()
        assert run.run([])[0].tolist() == before.tolist()
        assert storage.read_copy().tolist() == (2 * before).tolist()


def test_a_function_reads_what_its_call_reads_past_a_writer_that_waits_for_it() -> None:
    """Behind the writer each reading would take until that serves signals: some 50 ms."""
    storages: list[PoolStorage] = []
    writers: list[threading.Thread] = []
    seconds: list[float] = []

    def called(arrays: Sequence[Array]) -> Sequence[Any]:
        (storage,) = storages
        writers.append(threading.Thread(target=storage.write, args=(np.ones(1),)))
        writers[0].start()
        while not storage._fields.waiting:
            time.sleep(0.0005)
        start = time.monotonic()
        seen = [storage.read_copy() for _ in range(40)]
        seconds.append(time.monotonic() - start)
        return seen[:1]

    run, storage = stateful(called, writes=False)
    storages.append(storage)
    assert run.run([])[0].tolist() == [0.0, 1.0, 2.0, 3.0]
    writers[0].join(30)
    assert storage.read_copy().tolist() == [1.0]
    assert seconds[0] < 1


def test_two_threads_that_want_each_others_state_do_not_hang() -> None:
    meeting = threading.Barrier(2)
    storages: list[PoolStorage] = []
    errors: list[BaseException] = []

    def wanting(other: int) -> Called:
        def called(arrays: Sequence[Array]) -> Sequence[Any]:
            meeting.wait(10)
            storages[other].write(np.zeros(1))
            return arrays

        return called

    runs = []
    for other in (1, 0):
        run, storage = stateful(wanting(other), writes=True)
        runs.append(run)
        storages.append(storage)

    def target(run: Executable) -> None:
        try:
            run.run([])
        except DeadlockError as error:
            errors.append(error)

    run_together(*[partial(target, run) for run in runs])
    assert len(errors) >= 1


def test_many_threads_call_at_once() -> None:
    program = one_call(lambda arrays: [arrays[0] + 1])
    run = executable(program)
    faults: list[Any] = []

    def work(seed: int) -> None:
        for size in range(1, 60):
            (found,) = run.run([np.full(size * 100, float(seed))])
            if found.shape != (size * 100,) or not (found == seed + 1).all():
                faults.append((seed, size))

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(6)]
    with nothing_lost():
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert not faults


def test_calls_nest() -> None:
    """A function that calls a compiled function that calls the function, 20 deep."""
    runs: list[Executable] = []

    def called(arrays: Sequence[Array]) -> Sequence[Any]:
        if arrays[0].size < 20:
            return runs[0].run([np.append(arrays[0], 1.0)])
        return arrays

    runs.append(executable(one_call(called)))
    with nothing_lost():
        (found,) = runs[0].run([np.ones(1)])
        assert found.shape == (20,)
        del found


def in_loop(called: Called) -> Program:
    """x, called(x), called(called(x)), ..., with a stack of the sizes."""
    builder = Builder("loop")
    x = builder.parameter("x", VECTOR)
    count = builder.parameter("count", INTEGER)
    number = builder.host_function(HostFunction(called, "called"))
    inner = argument(1, VECTOR)
    (following,) = builder.callback(number, [inner], [VECTOR])
    body = Region((INTEGER, VECTOR), (following, builder.dim(following, 0)))
    last, sizes = builder.loop(count, [x], [], body)
    builder.output(last, "last")
    builder.output(sizes, "sizes")
    return builder.program()


def test_functions_are_called_from_loops() -> None:
    program = in_loop(lambda arrays: [arrays[0] * 2])
    run = executable(program)
    with nothing_lost():
        for count in (0, 1, 5):
            given = [np.arange(3.0), np.int64(count)]
            wanted, _ = interpret(program, given)
            found = run.run([np.asarray(one) for one in given])
            assert [one.tolist() for one in found] == [one.tolist() for one in wanted]
            del found


def test_a_size_that_changes_in_a_loop_is_an_error() -> None:
    run = executable(in_loop(lambda arrays: [np.append(arrays[0], 1.0)]))
    with nothing_lost(), pytest.raises(Exception, match="stopped with status 1"):
        run.run([np.ones(2), np.asarray(3)])


def branch(builder: Builder, number: int) -> Value:
    (found,) = builder.callback(number, [argument(0, VECTOR)], [VECTOR])
    return found


def test_only_the_chosen_branch_is_called_and_may_give_any_size() -> None:
    seen: list[str] = []

    def named(name: str, size: int) -> HostFunction:
        def called(arrays: Sequence[Array]) -> Sequence[Any]:
            seen.append(name)
            return [np.resize(arrays[0], size)]

        return HostFunction(called, name)

    builder = Builder("branches")
    x = builder.parameter("x", VECTOR)
    chosen = builder.parameter("chosen", parse_type("bool[]"))
    numbers = [builder.host_function(named(name, size)) for name, size in (("a", 2), ("b", 5))]
    regions = [Region((VECTOR,), (branch(builder, number),)) for number in numbers]
    (y,) = builder.if_(chosen, [x], *regions)
    builder.output(y, "y")
    run = executable(builder.program())
    with nothing_lost():
        for flag, name, size in ((True, "a", 2), (False, "b", 5)):
            (found,) = run.run([np.ones(3), np.asarray(flag)])
            assert found.tolist() == [1.0] * size
            assert set(seen) == {name}
            seen.clear()
            del found


def test_a_branch_whose_function_changes_its_mind_about_sizes_is_an_error() -> None:
    sizes = iter(range(1, 10))
    builder = Builder("fickle")
    x = builder.parameter("x", VECTOR)
    chosen = builder.parameter("chosen", parse_type("bool[]"))
    number = builder.host_function(HostFunction(lambda a: [np.ones(next(sizes))], "fickle"))
    then = Region((VECTOR,), (branch(builder, number),))
    (y,) = builder.if_(chosen, [x], then, Region((VECTOR,), (argument(0, VECTOR),)))
    builder.output(y, "y")
    run = executable(builder.program())
    with nothing_lost(), pytest.raises(Exception, match="stopped with status 1"):
        run.run([np.ones(3), np.asarray(True)])
