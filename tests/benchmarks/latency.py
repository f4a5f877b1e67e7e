"""Times that need a process of their own: importing, compiling with and without the cache.

Each is the least of several processes: what else the machine does can only add to it.
"""

import os
import subprocess
import sys
from pathlib import Path

__all__ = ["compile_milliseconds", "import_milliseconds"]

_IMPORT = """
import time, numpy
start = time.perf_counter()
import lltheano
print(1e3 * (time.perf_counter() - start))
"""

_COMPILE = """
import time
import lltheano.tensor as T
from lltheano import function, shared
def build():
    state = shared(0)
    inc = T.iscalar("inc")
    start = time.perf_counter()
    f = function([inc], state, updates=[(state, state {sign} inc)])
    f(1)
    return 1e3 * (time.perf_counter() - start)
print(build())
"""


def _run(script: str, cache: str) -> float:
    root = Path(__file__).parents[2]
    environment = {**os.environ, "LLTHEANO_CACHE_DIR": cache}
    environment["PYTHONPATH"] = os.pathsep.join([str(root), str(root / "ir")])
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return float(done.stdout)


def import_milliseconds(repeats: int = 5) -> float:
    """`import lltheano` where NumPy is imported already."""
    return min(_run(_IMPORT, "off") for _ in range(repeats))


def compile_milliseconds(folder: Path, *, cached: bool, repeats: int = 5) -> float:
    """The accumulator from graph to first result, in a fresh process.

    Cold, nothing of it is in the cache, though the runtime's own native code is; cached, all is.
    """
    warm = _COMPILE.format(sign="+")
    _run(_COMPILE.format(sign="-"), str(folder))
    times = []
    for _ in range(repeats):
        if cached:
            _run(warm, str(folder))
        else:
            for entry in folder.glob("*.llo"):
                entry.unlink()
            _run("import lltheano.runtime.native_code as n; n.native_code(); print(0)", str(folder))
        times.append(_run(warm, str(folder)))
    return min(times)
