"""Garbage is collected even while another thread collects."""

import gc
import threading
import time
from typing import Any

from tests.garbage import collect_garbage


def test_a_collection_in_another_thread_is_waited_for() -> None:
    begun, freed = threading.Event(), list[str]()

    class Slow:
        itself: Any

        def __del__(self) -> None:
            begun.set()
            time.sleep(0.05)  # other threads run, as in a finalizer that calls a library
            freed.append("slow")

    slow = Slow()
    slow.itself = slow
    gc.disable()
    try:
        del slow
        thread = threading.Thread(target=gc.collect)
        thread.start()
        begun.wait()
        assert gc.collect() == 0
        assert freed == [], "the collector waits by itself: collect_garbage is not needed"
        collect_garbage()
        assert freed == ["slow"]
        thread.join()
    finally:
        gc.enable()
