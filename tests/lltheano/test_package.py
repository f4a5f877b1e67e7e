"""What the package shows of itself, and what an archive of its sources says."""

import re
import subprocess
import sys
import tomllib
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

import pytest

import lltheano

ROOT = Path(__file__).parents[2]


@pytest.fixture
def project() -> Any:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def test_dir_shows_the_public_names_only() -> None:
    public = {name for name in dir(lltheano) if not name.startswith("__")}
    assert public == set(lltheano.__all__)


def test_every_public_name_is_there() -> None:
    for name in lltheano.__all__:
        assert getattr(lltheano, name) is not None


def test_sections_of_docstrings_are_numpydocs() -> None:
    """As ruff is told; it does not see that `Args:` would be a section of another style."""
    other = re.compile(r"^ *(Args|Arguments|Returns|Raises|Yields|Attributes):$", re.MULTILINE)
    paths = (ROOT / "lltheano").rglob("*.py")
    assert not [str(path) for path in paths if other.search(path.read_text("utf-8"))]


@pytest.mark.parametrize("part", ["cli", "compat", "function", "graph", "tensor"])
def test_a_folder_holds_some_fifteen_modules_at_most(part: str) -> None:
    folders = {path.parent for path in (ROOT / "lltheano" / part).rglob("*.py")}
    counts = {folder: len([*folder.glob("[!_]*.py")]) for folder in folders}
    assert not {folder: count for folder, count in counts.items() if count > 15}


def test_the_version_is_that_of_the_installed_package() -> None:
    assert lltheano.__version__ == metadata.version("lltheano")


def test_the_package_is_the_command() -> None:
    command = [sys.executable, "-m", "lltheano", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout == f"lltheano {lltheano.__version__}\n"


def test_every_layer_of_the_contract_is_a_module(project: Any) -> None:
    contracts = project["tool"]["importlinter"]["contracts"]
    for contract in contracts:
        if contract["type"] == "layers":
            for layer in contract["layers"]:
                for name in re.findall(r"\((\w+)\)", layer):
                    if name != "__main__":
                        import_module(f"{contract['containers'][0]}.{name}")


def test_links_of_the_readme_lead_somewhere_from_pypi_too(project: Any) -> None:
    """The build rewrites each relative link; what it leads to is a file of the checkout."""
    hook = project["tool"]["hatch"]["metadata"]["hooks"]["fancy-pypi-readme"]
    (substitution,) = hook["substitutions"]
    text = (ROOT / "README.md").read_text("utf-8")
    links = re.findall(substitution["pattern"], text)
    assert links
    assert all((ROOT / link.partition("#")[0]).exists() for link in links)
    page = re.sub(substitution["pattern"], substitution["replacement"], text)
    assert not re.search(r"\]\((?!https://|#)", page)
