"""What every test may ask for: random numbers of its own."""

import gc
import signal

import numpy as np
import pytest


def pytest_configure() -> None:
    # A shell starts what it runs in the background with Ctrl-C ignored, and children inherit that:
    # tests of interrupts would wait for ever.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish() -> None:
    """Tests themselves, tens of thousands, are here to stay: no collection need look at them."""
    gc.collect()
    gc.freeze()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--rng-seed",
        type=int,
        default=0,
        metavar="N",
        help="other random numbers for every test that draws from `rng` (default: 0)",
    )


@pytest.fixture
def rng(request: pytest.FixtureRequest) -> np.random.Generator:
    """A generator seeded by the test's own name, so that no other test decides what it draws."""
    name = request.node.nodeid.encode()
    return np.random.default_rng([request.config.getoption("--rng-seed"), *name])
