"""What the time of a compilation goes to, step by step."""

import time

__all__ = ["Stopwatch"]


class Stopwatch:
    """Seconds by the name of a step, in the order in which the steps were first taken.

    >>> watch = Stopwatch()
    >>> watch.lap("parse")
    >>> watch.lap("fold")
    >>> [name for name, seconds in watch.seconds.items() if seconds >= 0]
    ['parse', 'fold']
    """

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._since = time.perf_counter()

    def lap(self, name: str) -> None:
        """Say that since the last lap a step was taken, whose times are added up."""
        now = time.perf_counter()
        self.seconds[name] = self.seconds.get(name, 0.0) + now - self._since
        self._since = now
