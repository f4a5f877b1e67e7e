"""A plugin of pytest that writes down, as it happens, which test runs and which has failed.

A mutant may crash the process or never end, so that no report is printed: the file tells which test
it was.
"""

import os
from pathlib import Path

import pytest
from hypothesis import Phase, settings

__all__ = ["ENVIRONMENT"]

ENVIRONMENT = "LLTHEANO_MUTATION_WITNESS"
"""The environment variable with the file's path."""


def pytest_configure() -> None:
    """One failure is enough: nothing is made smaller, and nothing is remembered."""
    settings.register_profile(
        "mutation", phases=[Phase.explicit, Phase.generate], database=None, deadline=None
    )
    settings.load_profile("mutation")


def _note(event: str, test: str) -> None:
    with Path(os.environ[ENVIRONMENT]).open("a", encoding="utf-8") as file:
        file.write(f"{event} {test}\n")


def pytest_sessionfinish() -> None:
    """All tests have run that were to run."""
    _note("end", "")


def pytest_runtest_logstart(nodeid: str) -> None:
    """A test begins."""
    _note("start", nodeid)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """A test, or what it needs, has failed."""
    if report.failed:
        _note("fail", report.nodeid)


def pytest_collectreport(report: pytest.CollectReport) -> None:
    """A file of tests cannot be imported."""
    if report.failed:
        _note("import", report.nodeid)
