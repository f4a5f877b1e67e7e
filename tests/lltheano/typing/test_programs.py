"""The programs that type checkers are shown run as well."""

from collections.abc import Callable

import pytest

from tests.lltheano.typing.programs import PROGRAMS


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_it_runs(program: Callable[[], None]) -> None:
    program()
