"""Names of a package that are imported when they are first asked for."""

import subprocess
import sys
from types import ModuleType

import pytest

import lltheano
import lltheano.gradient
import lltheano.tensor
from lltheano.lazy import attributes

PACKAGES: list[ModuleType] = [lltheano, lltheano.gradient, lltheano.tensor]


def lazy_names() -> list[tuple[ModuleType, str]]:
    return [(package, name) for package in PACKAGES for name in vars(package)["LAZY"]]


def test_every_name_of_the_tables_is_there_and_listed() -> None:
    for package, name in lazy_names():
        assert getattr(package, name) is not None
        assert name in dir(package)


def test_a_name_is_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    package = ModuleType("package_for_a_test")
    monkeypatch.setitem(sys.modules, package.__name__, package)
    find, _ = attributes(package.__name__, {"dumps": "json"})
    assert vars(package).get("dumps") is None
    assert find("dumps") is vars(package)["dumps"]


@pytest.mark.parametrize("package", PACKAGES)
def test_an_unknown_name_is_an_attribute_error(package: ModuleType) -> None:
    with pytest.raises(AttributeError, match=f"'{package.__name__}' has no attribute 'nonsense'"):
        package.nonsense  # noqa: B018


def test_importing_the_package_loads_none_of_them() -> None:
    places = {vars(package)["LAZY"][name] for package, name in lazy_names()}
    script = "import sys, lltheano, lltheano.tensor; print(*sys.modules)"
    printed = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert not places & set(printed.stdout.split())
