"""The parts of the compiler, the files of each, and the tests that are asked about it, in order.

The tests that are nearest come first: a mutant is found as soon as one of them fails. What none of
an area's own tests finds is not found, although some test elsewhere might.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatch

__all__ = ["AREAS", "Area", "area_of"]

_AGREEMENT = (
    "tests/ir/lowering/test_agreement.py",
    "tests/ir/emit/test_agreement.py",
    "tests/fuzz/test_quick.py",
)
_RUNTIME = ("tests/lltheano/runtime", "tests/lltheano/shared")
_MEANINGS = "tests/ir/test_golden_meanings.py"
_PROMISES = tuple(
    f"tests/lltheano/acceptance/test_{name}.py"
    for name in ("bad_input", "two_memories", "all_or_nothing", "layouts", "serializable")
)
_CALLS = (*_PROMISES, "tests/lltheano/function")


@dataclass(frozen=True)
class Area:
    """A part of the compiler.

    Attributes
    ----------
    name
        What it is called in the table.
    patterns
        Its files.
    tests
        Files and folders of tests, or patterns of them, the most likely to fail first.
    drawn
        How many mutants are drawn for it.
    """

    name: str
    patterns: tuple[str, ...]
    tests: tuple[str, ...]
    drawn: int


AREAS = (
    Area(
        "ops",
        ("ir/lltheano_ir/ops/*.py",),
        (
            "tests/ir/ops",
            "tests/ir/passes",
            "tests/ir/lowering/test_steady.py",
            "tests/ir/interpret",
            "tests/ir/emit/scalars/test_ops.py",
            *_AGREEMENT,
            "tests/lltheano/acceptance/test_numpys_numbers.py",
        ),
        4,
    ),
    Area(
        "rewrite rules",
        ("*/passes/rules/*.py", "*/rewrite/*.py", "*/passes/guard.py", "*/passes/cancel.py"),
        (
            "tests/ir/passes/test_identities.py",
            "tests/ir/rewrite",
            "tests/ir/passes",
            _MEANINGS,
            "tests/fuzz/test_quick.py",
            "tests/docs/test_stability.py",
            "tests/lltheano/acceptance/test_numpys_numbers.py",
            "tests/lltheano/gradient/test_losses.py",
        ),
        4,
    ),
    Area(
        "fusion",
        ("*/passes/fus*.py", "*/passes/fusion/*.py"),
        (
            "tests/ir/passes",
            _MEANINGS,
            "tests/ir/lowering/test_fused.py",
            "tests/ir/schedule/test_meaning.py",
            "tests/ir/loops/test_traffic.py",
            *_AGREEMENT,
            "tests/lltheano/acceptance/test_softmax_regression.py",
        ),
        4,
    ),
    Area(
        "passes",
        ("*/passes/*.py", "*/interpret.py", "*/shapes.py", "*/verify.py", "*/loops/verify/*.py"),
        (
            "tests/ir/passes",
            _MEANINGS,
            "tests/ir/interpret",
            "tests/ir/verify",
            "tests/ir/loops",
            "tests/ir/rewrite",
            *_AGREEMENT,
        ),
        4,
    ),
    Area(
        "lowering",
        ("*/lowering/*.py",),
        (
            "tests/ir/lowering",
            "tests/ir/memory",
            "tests/ir/emit/test_sparse.py",
            *_AGREEMENT,
            "tests/ir/emit/calls/test_lapack.py",
        ),
        4,
    ),
    Area(
        "in place and dependence",
        (
            "*/memory/inplace*.py",
            "*/memory/overwrite.py",
            "*/memory/c*.py",
            "*/memory/equality.py",
            "*/dependence.py",
        ),
        (
            "tests/ir/**/test_dependence.py",
            _MEANINGS,
            "tests/ir/memory",
            *_AGREEMENT,
            "tests/ir/lowering",
            "tests/lltheano/acceptance/test_two_memories.py",
            "tests/lltheano/acceptance/test_all_or_nothing.py",
        ),
        4,
    ),
    Area(
        "buffers",
        ("*/memory/*.py",),
        (
            "tests/ir/emit/memory",
            "tests/ir/memory",
            _MEANINGS,
            *_AGREEMENT,
            "tests/ir/lowering",
            "tests/ir/emit",
        ),
        4,
    ),
    Area(
        "schedule",
        ("*/schedule/*.py", "*/loops/analysis/*.py"),
        (
            "tests/ir/loops/analysis",
            "tests/ir/schedule",
            _MEANINGS,
            "tests/ir/emit/loops/test_nests.py",
            "tests/ir/emit/loops/test_reductions.py",
            *_AGREEMENT,
            "tests/lltheano/acceptance/test_vector_code.py",
        ),
        4,
    ),
    Area(
        "emission of kernels",
        ("*/emit/*math/*.py", "*/emit/*gamma_slope.py", "*/emit/*special.py"),
        (
            "tests/ir/emit/math",
            "tests/ir/emit/complex_math",
            "tests/ir/emit/scalars/test_ops.py",
        ),
        4,
    ),
    Area(
        "emission",
        ("*/emit/*.py",),
        ("tests/ir/emit", *_AGREEMENT, "tests/ir/lowering/fourier/test_transform.py"),
        4,
    ),
    Area(
        "locks",
        ("*/runtime/native/lock.ll", "*/runtime/native/lease.ll", "*/locks.py", "*/waiting.py"),
        (
            "tests/lltheano/runtime/test_queue.py",
            *_RUNTIME,
            "tests/ir/test_locks.py",
            "tests/lltheano/function/**/test_threads.py",
            "tests/lltheano/function/**/test_interrupts.py",
            "tests/lltheano/acceptance/test_serializable.py",
        ),
        4,
    ),
    Area(
        "commit",
        (
            "*/runtime/native/call.ll",
            "*/runtime/native/*storage*.ll",
            "*/runtime/native/results.ll",
            "*/runtime/calls/callable.py",
            "*/runtime/receipt.py",
            "*/runtime/*storage*.py",
            "*/runtime/calls/executable.py",
        ),
        ("tests/lltheano/runtime/storages/test_pool_storage.py", *_RUNTIME, *_CALLS),
        4,
    ),
    Area(
        "arguments",
        (
            "*/runtime/native/entry.ll",
            "*/runtime/native/arguments.ll",
            "*/runtime/native/invoke.ll",
            "*/runtime/*arguments.py",
            "*/runtime/calls/plan.py",
            "*/runtime/structures.py",
            "*/runtime/assembly.py",
            "*/function/*/arguments.py",
            "*/function/*/agreement.py",
            "*/function/*/inputs.py",
        ),
        (
            "tests/lltheano/runtime/calls/test_executable.py",
            "tests/lltheano/function/**/test_arguments.py",
            *_CALLS,
            *_RUNTIME,
        ),
        4,
    ),
    Area(
        "memory pool",
        ("*/runtime/native/pool.ll", "*/runtime/native/box.ll", "*/runtime/pool.py"),
        ("tests/lltheano/runtime/test_pool.py", *_RUNTIME, *_CALLS),
        4,
    ),
)
"""In the order in which a file is looked for: the first area with a pattern for it has it."""


def area_of(path: str, areas: Iterable[Area] = AREAS) -> Area | None:
    """The area of a source file; None for one that no mutants are drawn for."""
    for area in areas:
        if any(fnmatch(path, pattern) for pattern in area.patterns):
            return area
    return None
