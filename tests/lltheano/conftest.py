"""What tests of the frontend may ask for."""

from collections.abc import Iterator

import pytest

from lltheano.compat import install_as_theano, uninstall_as_theano


@pytest.fixture
def installed_as_theano() -> Iterator[None]:
    """`import theano` leads to LLTheano while a test runs."""
    install_as_theano()
    yield
    uninstall_as_theano()
