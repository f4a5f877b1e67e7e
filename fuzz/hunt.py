"""The search for one target's faults, in a process that a fault may kill.

Run as `python -m fuzz.hunt TARGET SEED SECONDS FOLDER`. Lines of JSON on standard output say how it
goes: `{"cases": n}` now and then, and `{"failure": message}` once the smallest failing case found
lies in FOLDER as `failing.*`. The case that is being tried lies there as `trying.*` where it may
kill the process.
"""

import json
import sys
import time
import traceback
import warnings
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings

from fuzz.targets import TARGETS, Target
from lltheano.runtime import pool

__all__ = ["Hunt"]

_ROUND = 50
"""Cases for each of Hypothesis's seeds; a round's cases grow from simple to large."""

_SHRINKING = 60.0
"""Seconds that the search for a smaller case may take."""


class _OutOfTimeError(BaseException):
    """The time is over; not an Exception, so that nothing takes it for a failure of the case."""


class Hunt:
    """Tries cases of a target until one fails or the time is over."""

    def __init__(self, target: Target, first_seed: int, seconds: float, folder: Path) -> None:
        self._target = target
        self._seed = first_seed
        self._stop = time.monotonic() + seconds
        self._folder = folder
        self._smallest: tuple[int, str] | None = None
        self._said = 0.0
        self.cases = 0

    def run(self) -> str | None:
        """What is wrong, if anything was found; the case then lies in the folder."""
        while self._smallest is None and time.monotonic() < self._stop:
            self._round()
            self._seed += 1
        self._say(always=True)
        return None if self._smallest is None else self._smallest[1]

    def _round(self) -> None:
        @seed(self._seed)
        @settings(
            max_examples=_ROUND,
            deadline=None,
            database=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
            report_multiple_bugs=False,
        )
        @given(case=self._target.cases())
        def attempt(case: Any) -> None:
            self._try(case)

        try:
            attempt()
        except _OutOfTimeError:
            return
        except Exception:
            if self._smallest is None:  # in the strategy itself, not in a case
                raise

    def _try(self, case: Any) -> None:
        if time.monotonic() > self._stop:
            raise _OutOfTimeError
        trying = self._folder / f"trying{self._target.suffix}"
        if self._target.may_crash:
            case.save(trying, "")
        self.cases += 1
        self._say()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                self._target.check(case)
        except Exception as error:
            self._note(case, error)
            raise
        trying.unlink(missing_ok=True)

    def _note(self, case: Any, error: Exception) -> None:
        """Keep the case if it is the smallest that fails, and leave time to make it smaller."""
        path = self._folder / f"found{self._target.suffix}"
        message = "".join(traceback.format_exception(error, limit=-4)).strip()
        case.save(path, message)
        size = sum(one.stat().st_size for one in (path, path.with_suffix(".npz")))
        if self._smallest is None:
            self._stop = time.monotonic() + _SHRINKING
        if self._smallest is None or size <= self._smallest[0]:
            self._smallest = size, message
            for one in (path, path.with_suffix(".npz")):
                one.replace(one.with_stem("failing"))

    def _say(self, *, always: bool = False) -> None:
        if always or time.monotonic() > self._said + 0.5:
            self._said = time.monotonic()
            _tell(cases=self.cases)


def _tell(**news: Any) -> None:
    print(json.dumps(news), flush=True)


def main(arguments: list[str]) -> None:
    """Run the hunt that the arguments ask for."""
    name, first_seed, seconds, folder = arguments
    pool.set_checking(True)
    hunt = Hunt(TARGETS[name], int(first_seed), float(seconds), Path(folder))
    failure = hunt.run()
    if failure is not None:
        _tell(failure=failure)


if __name__ == "__main__":
    main(sys.argv[1:])
