"""The diffs of `docs/add_an_op.md` are all that it takes: applied to a copy, they give new ops."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "docs" / "add_an_op.md"

WITH_A_KERNEL, WITH_A_LIBRARY = range(2)
MOST_FILES = {WITH_A_KERNEL: 3, WITH_A_LIBRARY: 4}

USE = """
import numpy as np
import lltheano
import lltheano.tensor as T

x, m = T.dvector("x"), T.dmatrix("m")
y, inverse = T.log1mexp(x), T.linalg.triangular_inverse(m)
f = lltheano.function([x], [y, T.grad(y.sum(), x)])
at = np.array([1e-10, 0.5, 1.0, 3.0, 40.0] * 3)
value, slope = f(at)
exact = np.where(at > 0.7, np.log1p(-np.exp(-at)), np.log(-np.expm1(-at)))
np.testing.assert_allclose(value, exact, rtol=1e-14)
np.testing.assert_allclose(slope, 1 / np.expm1(at), rtol=1e-14)

g = lltheano.function([m], [inverse, T.grad((inverse**2).sum(), m)])
a = np.array([[2.0, 7.0, 7.0], [1.0, 4.0, 7.0], [3.0, 5.0, 8.0]])
value, slope = g(a)
np.testing.assert_allclose(value, np.linalg.inv(np.tril(a)), rtol=1e-14, atol=1e-15)
np.testing.assert_allclose(slope, np.tril(-2 * value.T @ value @ value.T), rtol=1e-13, atol=1e-15)
try:
    g(np.zeros((2, 2)))
except np.linalg.LinAlgError as error:
    assert "0 on the diagonal" in str(error)
else:
    raise AssertionError("a triangle without an inverse has one")
print("used", lltheano.__file__)
"""


def diffs() -> list[dict[str, list[tuple[str, str]]]]:
    """For each diff of the page and each file in it, what becomes what."""
    texts = re.findall(r"^```diff\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    return [_changes(text) for text in texts]


def _changes(text: str) -> dict[str, list[tuple[str, str]]]:
    files = re.split(r"^--- a/(\S+)\n\+\+\+ b/\1\n", text, flags=re.MULTILINE)[1:]
    return {
        path: [_hunk(hunk) for hunk in re.split(r"^@@.*\n", body, flags=re.MULTILINE)[1:]]
        for path, body in zip(files[::2], files[1::2], strict=True)
    }


def _hunk(text: str) -> tuple[str, str]:
    lines = [line if line.strip() else " \n" for line in text.splitlines(keepends=True)]
    before = "".join(line[1:] for line in lines if line[0] in " -")
    return before, "".join(line[1:] for line in lines if line[0] in " +")


@pytest.mark.parametrize("which", MOST_FILES)
def test_few_files_are_touched(which: int) -> None:
    assert len(diffs()[which]) <= MOST_FILES[which]


@pytest.mark.slow
def test_the_ops_of_the_page_work_in_a_copy(tmp_path: Path) -> None:
    """Every hunk fits in one place of the source as it is."""
    for package in ("lltheano", "ir/lltheano_ir"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / package, tmp_path / package, ignore=ignored)
    for changes in diffs():
        for path, hunks in changes.items():
            file = tmp_path / path
            for before, after in hunks:
                source = file.read_text()
                assert source.count(before) == 1, f"{path} has not this, or not once:\n{before}"
                file.write_text(source.replace(before, after))
    paths = os.pathsep.join([str(tmp_path), str(tmp_path / "ir")])
    run = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:0] = {paths.split(os.pathsep)!r}\n{USE}"],
        env=os.environ | {"LLTHEANO_CACHE_DIR": str(tmp_path / "cache")},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith(f"used {tmp_path}")
