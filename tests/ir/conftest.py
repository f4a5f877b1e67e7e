"""`--update-goldens` rewrites what the golden tests expect; review the change in the diff."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-goldens",
        action="store_true",
        help="write what is found as what is expected, in tests/ir/**/*.ir",
    )


@pytest.fixture
def update_goldens(request: pytest.FixtureRequest) -> bool:
    """Whether the expectations are to be rewritten. Without tests/ir in the arguments: never."""
    return bool(request.config.getoption("update_goldens", default=False))
