"""Work done by several threads at once, for tests of what they may see of each other."""

import threading
from collections.abc import Callable

__all__ = ["repeated", "run_together"]

_SECONDS = 60


def run_together(*works: Callable[[], object]) -> None:
    """Run each in a thread of its own, starting at one moment; raise the first error of any."""
    start, errors = threading.Barrier(len(works)), list[BaseException]()

    def run(work: Callable[[], object]) -> None:
        start.wait()
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - raised again below
            errors.append(error)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(_SECONDS)
    assert not any(thread.is_alive() for thread in threads)
    if errors:
        raise errors[0]


def repeated(times: int, call: Callable[..., object], *args: object) -> Callable[[], None]:
    """Work that makes the same call again and again."""

    def work() -> None:
        for _ in range(times):
            call(*args)

    return work
