"""Whether a program has registered optimisers, so that nothing is imported where none has."""

import threading

__all__ = ["registered"]

registered = threading.Event()
"""Set by `lltheano.graph.optimisers.registry` with the first optimiser that is registered there."""
