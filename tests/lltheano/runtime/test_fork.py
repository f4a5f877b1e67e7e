"""The hooks of a fork, whatever is collected while they run."""

import gc

from lltheano.runtime import fork


class Held:
    """Counts how often it was locked for a fork, and unlocked."""

    def __init__(self, order: int) -> None:
        self.order = order
        self.itself = self  # is freed by a collection only
        self.holds: list[bool] = []

    def hold_for_fork(self, seconds: float) -> bool:
        self.holds.append(True)
        return True

    def release_after_fork(self) -> None:
        self.holds.append(False)

    def inherit(self, held: bool) -> None:
        raise AssertionError("this is no child")


def test_storages_that_are_collected_while_others_are_locked() -> None:
    """A collection may begin with any object that is made, so also while the books are read."""
    first = 1 << 40
    kept = [Held(first + number) for number in range(0, 400, 2)]
    lost = [Held(first + number) for number in range(1, 400, 2)]
    threshold = gc.get_threshold()

    def lose_another(phase: str, info: dict[str, int]) -> None:
        if lost:
            lost.pop()

    for storage in (*kept, *lost):
        fork.guard(storage)
    del storage
    gc.callbacks.append(lose_another)
    gc.set_threshold(1)
    try:
        fork._before()
        fork._after_in_parent()
    finally:
        gc.set_threshold(*threshold)
        gc.callbacks.remove(lose_another)
    assert all(storage.holds == [True, False] for storage in kept)
