"""A copy of the tree in which a mutant is planted and tests are run; the tree itself is never
changed.
"""

import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.mutation.mutants import Mutant
from tests.mutation.witness import ENVIRONMENT

__all__ = ["Limits", "Run", "Workplace"]

_MEMORY_BYTES = 12 << 30
_POLL_SECONDS = 0.2
_NOTHING_COLLECTED = 5
_PYTEST = (
    *("-m", "pytest", "-q", "-x", "-n", "0", "--no-header", "--tb=no", "--hypothesis-seed=0"),
    *("-p", "tests.mutation.witness", "-p", "no:cacheprovider", "-p", "no:randomly"),
)


@dataclass(frozen=True)
class Limits:
    """How much time tests may take.

    Attributes
    ----------
    test_seconds
        What one test may take of processors, however busy the machine is.
    total_seconds
        What all tests may take of processors that are asked about one mutant.
    clock_seconds
        What one test may take by the clock: one that waits for ever needs no processor.
    """

    test_seconds: float = 20.0
    total_seconds: float = 60.0
    clock_seconds: float = 60.0


@dataclass(frozen=True)
class Run:
    """How a run of tests ended.

    Attributes
    ----------
    how
        "passed", "failed", "import" (a file of tests, or what all tests need, could not be
        imported), "crashed",
        "hung" (one test took too long) or "stopped" (all together did).
    test
        The test that failed, or during which the process ended.
    seconds
        How long it took.
    """

    how: str
    test: str
    seconds: float


class _Progress:
    """How far a run of tests has come, by the size of what the witness wrote and the time used."""

    def __init__(self) -> None:
        self._used = self._used_before_test = 0.0
        self._written = 0
        self._begun = time.monotonic()

    def note(self, written: int, used: float) -> None:
        """What has been written and used by now."""
        self._used = used
        if written != self._written:
            self._written, self._used_before_test = written, used
            self._begun = time.monotonic()

    def verdict(self, limits: Limits) -> str:
        """Whether the run must be ended, and how that is called."""
        waited = time.monotonic() - self._begun
        if self._used - self._used_before_test > limits.test_seconds or (
            self._written and waited > limits.clock_seconds
        ):
            return "hung"
        return "stopped" if self._used > limits.total_seconds else ""


class Workplace:
    """A folder with a copy of the tree, and a cache of compiled code of its own."""

    def __init__(self, root: Path, folder: Path) -> None:
        self._folder = folder
        self._tree = folder / "tree"
        self._witness = folder / "witness.txt"
        self._planted = 0
        shutil.rmtree(self._tree, ignore_errors=True)
        for path in _files(root):
            target = self._tree / path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / path, target)

    @contextmanager
    def planted(self, mutant: Mutant) -> Iterator[None]:
        """While it lasts the copy holds the mutant; MutantError when it does not apply."""
        path = self._tree / mutant.path
        source = path.read_text(encoding="utf-8")
        status = path.stat()
        path.write_text(mutant.mutated(source), encoding="utf-8")
        # Python tells by the time in seconds, and the size, whether its bytecode is current.
        self._planted += 1
        os.utime(path, (status.st_atime, status.st_mtime - 2 * self._planted))
        try:
            yield
        finally:
            path.write_text(source, encoding="utf-8")
            os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))

    def run(self, tests: Sequence[str], limits: Limits, *options: str) -> Run:
        """Run tests until one fails: files, folders, patterns of them, or single tests."""
        present = [found for test in tests for found in self._present(test)]
        self._witness.write_text("", encoding="utf-8")
        begun = time.monotonic()
        if not present:
            return Run("passed", "", 0.0)
        command = [sys.executable, *_PYTEST, *options, *present]
        process = subprocess.Popen(
            command,
            cwd=self._tree,
            env=self._environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        resource.prlimit(process.pid, resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
        how = self._watch(process, limits)
        return self._run(how, process.returncode, time.monotonic() - begun)

    def _present(self, test: str) -> list[str]:
        pattern, colons, name = test.partition("::")
        found = sorted(self._tree.glob(pattern))
        return [f"{path.relative_to(self._tree)}{colons}{name}" for path in found]

    def _run(self, how: str, status: int, seconds: float) -> Run:
        """What the witness saw of a run that ended with a status, or had to be ended."""
        events = self._events()
        tests = [test for event, test in events if event == "start"]
        for event, test in events:
            if event in ("fail", "import"):
                return Run("failed" if event == "fail" else event, test, seconds)
        ended = bool(events) and events[-1][0] == "end"
        if ended and status in (0, _NOTHING_COLLECTED):
            return Run("passed", "", seconds)
        if not tests:  # what every test imports does not load
            return Run(how or "import", "", seconds)
        return Run(how or "crashed", tests[-1], seconds)

    def _watch(self, process: subprocess.Popen[bytes], limits: Limits) -> str:
        """Wait for the end; "hung" or "stopped" when it had to be brought about."""
        progress = _Progress()
        while process.poll() is None:
            progress.note(self._witness.stat().st_size, _processor_seconds(process.pid))
            how = progress.verdict(limits)
            if how:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                return how
            time.sleep(_POLL_SECONDS)
        return ""

    def _events(self) -> list[tuple[str, str]]:
        lines = self._witness.read_text(encoding="utf-8").splitlines()
        parts = [line.partition(" ") for line in lines]
        return [(event, test) for event, _, test in parts]

    def _environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "PYTHONPATH": os.pathsep.join((str(self._tree), str(self._tree / "ir"))),
            "PYTHONDONTWRITEBYTECODE": "",
            "LLTHEANO_CACHE_DIR": str(self._folder / "cache"),
            ENVIRONMENT: str(self._witness),
        }


def _files(root: Path) -> list[str]:
    """What git knows of a tree, and what it does not ignore."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True)
    return [path for path in listed.stdout.split("\0") if path and (root / path).is_file()]


def _processor_seconds(group: int) -> float:
    """The time of processors that a group of processes has used, with those that have ended."""
    ticks = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == group:
            ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")
