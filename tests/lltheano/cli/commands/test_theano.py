"""`lltheano theano` runs programs of Theano's, and says what they lack before they run."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from lltheano.compat.checking import missing_names
from lltheano.compat.numpy_names import REMOVED

PROGRAM = """\
import sys
import numpy as np
import theano
import theano.tensor as T
from theano.tensor.shared_randomstreams import RandomStreams
import helper
x = T.dvector("x")
f = theano.function([x], helper.doubled(x) + RandomStreams(1).uniform((2,)) * 0)
print(f([1.0, 2.0]).tolist(), sys.argv[1:], __name__)
"""
HELPER = """\
import theano.tensor as T
def doubled(x):
    return T.mul(x, 2)
"""


def run(*arguments: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "lltheano", "theano", *arguments]
    given = {"PATH": "/usr/bin", "HOME": str(folder), **environment}
    return subprocess.run(
        command, cwd=folder, env=given, capture_output=True, text=True, check=False
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "train.py").write_text(PROGRAM)
    (tmp_path / "helper.py").write_text(HELPER)
    return tmp_path


@pytest.mark.slow
def test_a_program_runs_unchanged(folder: Path) -> None:
    ran = run("train.py", "--epochs", "3", folder=folder)
    assert ran.stdout == "[2.0, 4.0] ['--epochs', '3'] __main__\n", ran.stderr
    assert ran.returncode == 0


def test_what_is_missing_is_listed_with_its_lines(folder: Path) -> None:
    (folder / "bad.py").write_text(
        "import theano\nfrom theano import tensor as TT\nimport helper, sub.inner\n"
        "try:\n    from theano.sandbox.cuda import dnn\nexcept ImportError:\n    dnn = None\n"
        "TT.sofmax(1)\nTT.sofmax(2)\ntheano.config.floatX\nTT.dvector('x').anything\n"
    )
    (folder / "sub").mkdir()
    (folder / "sub" / "__init__.py").write_text("")
    (folder / "sub" / "inner.py").write_text("import theano.gof.nothing as n\n")
    found = [(one.path.name, one.line, one.name) for one in missing_names(folder / "bad.py")]
    assert found == [
        ("bad.py", 5, "theano.sandbox.cuda.dnn"),
        ("bad.py", 8, "theano.tensor.sofmax"),
        ("inner.py", 1, "theano.gof.nothing"),
    ]
    assert missing_names(folder / "train.py") == []


@pytest.mark.slow
def test_checking_ends_with_a_status(folder: Path) -> None:
    assert run("--check", "train.py", folder=folder).returncode == 0
    (folder / "bad.py").write_text("import theano.tensor as T\nT.sofmax\n")
    ran = run("--check", "bad.py", folder=folder)
    assert ran.returncode == 1
    assert ran.stdout.startswith("bad.py:2: lltheano has no theano.tensor.sofmax; did you mean")


@pytest.mark.slow
def test_python_2_and_files_that_are_not_there(folder: Path) -> None:
    (folder / "old.py").write_text("import theano\nprint 'a'\n")
    ran = run("old.py", folder=folder)
    assert ran.returncode == 1
    assert "old.py, line 2" in ran.stderr
    assert "looks like Python 2" in ran.stderr
    (folder / "wrong.py").write_text("x = (\n")
    assert "Python 2" not in run("wrong.py", folder=folder).stderr
    assert "nowhere.py" in run("nowhere.py", folder=folder).stderr


@pytest.mark.slow
def test_names_of_numpy_1(folder: Path) -> None:
    (folder / "old.py").write_text(
        "import numpy as np\nprint(np.asscalar(np.ones(1, dtype=np.float)), np.product([2, 3]))\n"
    )
    assert run("--numpy1", "old.py", folder=folder).stdout == "1.0 6\n"
    assert run("old.py", folder=folder).returncode != 0
    assert not hasattr(np, "asscalar")
    assert callable(REMOVED["asscalar"])


@pytest.mark.slow
def test_flags_of_files_and_of_the_environment(folder: Path) -> None:
    (folder / ".theanorc").write_text(
        "[global]\nfloatX = float32\ndevice = cuda0\n"
        "[nvcc]\nfastmath = True\n[gcc]\ncxxflags = -O9\n"
    )
    (folder / "flags.py").write_text(
        "import theano\nprint(theano.config.floatX, theano.config.gcc.cxxflags)\n"
    )
    ran = run("flags.py", folder=folder)
    assert ran.stdout == "float32 -O9\n", ran.stderr
    assert ran.stderr.count("UserWarning") == 1
    assert "device" in ran.stderr
    over = run("flags.py", folder=folder, THEANO_FLAGS="floatX=float64,device=gpu")
    assert over.stdout.startswith("float64")
    assert over.stderr.count("UserWarning") == 1
    elsewhere = run("flags.py", folder=folder, THEANORC="/nowhere")
    assert elsewhere.stdout.startswith("float64")
    assert elsewhere.stderr == ""


@pytest.mark.slow
def test_what_guards_for_a_gpu_finds_none(folder: Path) -> None:
    (folder / "gpu.py").write_text(
        "import theano\nfrom theano.sandbox import cuda\nimport theano.gpuarray\n"
        "print(cuda.cuda_enabled, theano.gpuarray.pygpu_activated)\n"
        "try:\n    from theano.sandbox.cuda import dnn\n"
        "except ImportError as error:\n    print(error)\n"
    )
    out = run("gpu.py", folder=folder).stdout
    assert out.startswith("False False\n")
    assert "no GPU back end" in out


def test_an_error_shows_the_frames_of_the_program(folder: Path) -> None:
    """As `python SCRIPT` does."""
    (folder / "failing.py").write_text("def f():\n    raise ValueError('no')\nf()\n")
    ran = run("failing.py", folder=folder)
    assert ran.returncode == 1
    assert ran.stderr.splitlines()[1].strip() == 'File "failing.py", line 3, in <module>'
    assert ran.stderr.splitlines()[-1] == "ValueError: no"
    assert "runpy" not in ran.stderr
