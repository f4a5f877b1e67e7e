"""A campaign: each target is hunted for its share of the time, and what fails is kept.

Hunts run in processes of their own, since machine code that is wrong may kill them; one that dies
or says nothing for long has failed on the case that it was trying.
"""

import hashlib
import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from fuzz.targets import TARGETS, Target
from lltheano.runtime import pool

__all__ = ["CORPUS", "HUNT", "Finding", "HuntError", "News", "campaign", "replay"]

CORPUS = Path(__file__).parent / "corpus"
"""Cases that failed once; the test suite tries each again."""

HUNT = ["-m", "fuzz.hunt"]
"""How Python is told to run a hunt."""

_SILENCE = 120.0
"""Seconds without a word after which a hunt counts as hung."""


class HuntError(RuntimeError):
    """The fuzzer failed itself, in a strategy say; the message is the hunt's own."""


@dataclass(frozen=True)
class Finding:
    """A case that fails, where it is kept, and how it fails."""

    target: str
    path: Path
    message: str


@dataclass(frozen=True)
class News:
    """How a campaign goes: the target at present, the cases tried so far, and a finding, if any."""

    target: str
    cases: int
    finding: Finding | None = None


def campaign(names: Sequence[str], seed: int, seconds: float, corpus: Path) -> Iterator[News]:
    """Hunt each target in turn; failing cases go to the folder `corpus`."""
    stop = time.monotonic() + seconds
    before = 0
    for number, name in enumerate(names):
        share = max((stop - time.monotonic()) / (len(names) - number), 1.0)
        cases = 0
        for cases, finding in _hunted(name, seed, share, corpus):
            yield News(name, before + cases, finding)
        before += cases


def _hunted(
    name: str, seed: int, seconds: float, corpus: Path
) -> Iterator[tuple[int, Finding | None]]:
    target = TARGETS[name]
    with tempfile.TemporaryDirectory(prefix="lltheano-fuzz-") as folder:
        command = [sys.executable, *HUNT, name, str(seed), str(seconds), folder]
        paths = os.pathsep.join(filter(None, sys.path))
        words = Path(folder) / "stderr"
        cases, message = 0, None
        environment = {**os.environ, "PYTHONPATH": paths}
        with (
            words.open("w") as errors,
            subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment
            ) as process,
        ):
            for line in _lines(process):
                news = json.loads(line)
                cases = news.get("cases", cases)
                message = news.get("failure", message)
                yield cases, None
        found = Path(folder) / f"failing{target.suffix}"
        last_words = words.read_text()[-2000:].strip()
        if process.returncode:
            message = f"{_end(process.returncode)}\n{last_words}".strip()
            found = Path(folder) / f"trying{target.suffix}"
            if process.returncode > 0 or not found.exists():
                raise HuntError(f"the hunt for faults of {name} failed itself: {message}")
        if message is not None:
            yield cases, _kept(name, target, found, message, corpus)


def _end(status: int) -> str:
    if status < 0:
        return f"the process was killed by {signal.Signals(-status).name}"
    return f"the process ended with status {status}"


def _lines(process: "subprocess.Popen[str]") -> Iterator[str]:
    """What a process says; it is killed if it says nothing for too long."""
    lines: queue.Queue[str | None] = queue.Queue()

    def read() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            lines.put(line)
        lines.put(None)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        while (line := lines.get(timeout=_SILENCE)) is not None:
            yield line
        process.wait()
    except queue.Empty:
        pass
    finally:
        if process.poll() is None:
            process.kill()
        reader.join()


def _kept(name: str, target: Target, found: Path, message: str, corpus: Path) -> Finding:
    """Move a failing case to the corpus, under a name made of what it holds."""
    corpus.mkdir(parents=True, exist_ok=True)
    case = target.load(found)
    case.save(found, f"target {name}\n{message.splitlines()[-1]}")
    digest = hashlib.sha256(found.read_bytes()).hexdigest()[:8]
    path = corpus / f"{name}-{digest}{target.suffix}"
    for one in (found, found.with_suffix(".npz")):
        shutil.copyfile(one, path.with_suffix(one.suffix))
    return Finding(name, path, message)


def replay(path: Path) -> None:
    """Try a saved case again; raises what its target's oracle raises."""
    name = path.name.partition("-")[0]
    target = TARGETS[name]
    pool.set_checking(True)
    try:
        target.check(target.load(path))
    finally:
        pool.set_checking(False)
