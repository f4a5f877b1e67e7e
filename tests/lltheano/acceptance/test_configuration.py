"""`config.floatX`, mutable while a program runs, and `LLTHEANO_FLAGS`, in Theano's syntax."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from lltheano import config, function, shared, tensor as T

ROOT = Path(__file__).parents[3]


def test_each_variable_has_the_floatx_of_its_own_moment() -> None:
    before = T.matrix("before")
    with config.change_flags(floatX="float32"):
        meanwhile = T.matrix("meanwhile")
        scale = shared(np.asarray(2, config.floatX), name="scale")
        single = function([meanwhile], meanwhile * scale + 0.1)
    after = T.scalar("after")
    assert (before.dtype, meanwhile.dtype, after.dtype) == ("float64", "float32", "float64")
    result = single(np.ones((2, 2), "float32"))
    assert result.dtype == "float32"
    np.testing.assert_array_equal(result, np.full((2, 2), np.float32(2) + np.float32(0.1)))
    mixed = function([before, meanwhile], before + meanwhile)
    assert mixed(np.ones((1, 1)), np.ones((1, 1), "float32")).dtype == "float64"


def test_floatx_says_which_arguments_python_floats_may_become() -> None:
    x = T.fscalar("x")
    f = function([x], x)
    with pytest.raises(TypeError, match=r"0\.1 of type float would lose precision as float32"):
        f(0.1)
    with config.change_flags(floatX="float32"):
        assert function([x], x)(0.1) == np.float32(0.1)


PROGRAM = """
import numpy as np
from lltheano import config, function, shared, tensor as T
assert config.floatX == "float32"
x = T.vector("x")
unused = T.scalar("unused")
f = function([x, unused], T.nnet.sigmoid(x).mean())
print(f(np.zeros(4, "float32"), 1.5).dtype, config.on_unused_input, config.device)
"""


def run(flags: str, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "LLTHEANO_FLAGS": flags,
        "LLTHEANO_CACHE_DIR": str(tmp_path),
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "ir")]),
    }
    return subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_flags_come_from_the_environment(tmp_path: Path) -> None:
    done = run("floatX=float32,device=cpu, on_unused_input=ignore", tmp_path)
    assert done.stderr == ""
    assert done.stdout == "float32 ignore cpu\n"


@pytest.mark.parametrize("flags", ["floatx=float32", "floatX=double", "floatX"])
def test_a_flag_that_is_wrong_is_named(flags: str, tmp_path: Path) -> None:
    done = run(flags, tmp_path)
    assert done.returncode != 0
    assert "ConfigError" in done.stderr
    assert flags.partition("=")[0] in done.stderr
