"""Theano's logger, for programs that quiet it. What this package has to say are Python warnings."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["disable_log_handler", "has_handlers", "logging_default_handler", "theano_logger"]

theano_logger = logging.getLogger("theano")
logging_default_handler = logging.StreamHandler()


def has_handlers(logger: logging.Logger) -> bool:
    """Whether what is logged there is written anywhere.

    >>> has_handlers(logging.getLogger("theano.example")) in (True, False)
    True
    """
    return logger.hasHandlers()


@contextmanager
def disable_log_handler(
    logger: logging.Logger = theano_logger, handler: logging.Handler = logging_default_handler
) -> Iterator[None]:
    """Take a handler away from a logger while the block runs.

    >>> with disable_log_handler():
    ...     logging_default_handler in theano_logger.handlers
    False
    """
    had = handler in logger.handlers
    if had:
        logger.removeHandler(handler)
    try:
        yield
    finally:
        if had:
            logger.addHandler(handler)
