"""What a run measured, as a file: kept before a change, to be compared with after it."""

import json
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import llvmlite
import numpy as np

from lltheano_ir.native.target import host_target
from tests.benchmarks.measure import Comparison

__all__ = ["Results", "machine"]


def machine() -> dict[str, str]:
    """What figures depend on beside the program: the processor, and the versions of libraries."""
    return {
        "machine": platform.machine(),
        "processor": host_target().cpu,
        "Python": platform.python_version(),
        "NumPy": np.__version__,
        "llvmlite": llvmlite.__version__,
    }


@dataclass(frozen=True)
class Results:
    """Each case's figures by its name, and the machine that they were measured on."""

    machine: Mapping[str, str]
    cases: Mapping[str, Comparison]

    def write(self, path: Path) -> None:
        """Keep them as JSON."""
        text = json.dumps(asdict(self), indent=1)
        path.write_text(text + "\n", encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> "Results":
        """Those that `write` kept."""
        known = json.loads(path.read_text(encoding="utf-8"))
        cases = {name: Comparison(**figures) for name, figures in known["cases"].items()}
        return cls(known["machine"], cases)
