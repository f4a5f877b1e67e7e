"""`lltheano run`: arrays in, arrays out, compiled and interpreted."""

import json
import signal
import subprocess
from pathlib import Path

import numpy as np
import pytest

from lltheano.cli.programs.limits import read_size
from tests.lltheano.cli.scripts import ACCUMULATOR, Command
from tests.lltheano.cli.test_application import start

OUT_OF_RANGE = """\
program @pick(%x: f64[?], %i: i64[]) {
  %0: f64[] = index %x, %i, axis=0
  output "y" = %0
}
"""

ALL_KINDS = """\
program @all(%a: bool[?], %b: u8[?,?], %c: f32[1,?], %d: c128[]) {
  output "a" = %a
  output "b" = %b
  output "c" = %c
  output "d" = %d
}
"""

ACCUMULATED = """\
shared %state: i64[] = 40
input %inc: i32[] = 2
output "before": i64[] = 40
update %state: i64[] = 42
"""

WILD = """\
loops @wild(%x: f64[%n] input) {
  load %s0: f64 = %x[1000000]
  alloc %b0: f64[]
  store %b0[] = %s0
  output "y" = %b0
}
"""


@pytest.mark.parametrize("how", [[], ["--interpret"], ["--check"]])
def test_given_values(lltheano: Command, how: list[str]) -> None:
    result = lltheano("run", "accumulator.ir", "-i", "inc=2", "-i", "state=40", *how)
    assert (result.code, result.out) == (0, ACCUMULATED)


def test_random_values_come_from_the_seed(lltheano: Command) -> None:
    once, again, other = (
        lltheano("run", "twice.ir", "--random", seed).out for seed in ("1", "1", "2")
    )
    assert once == again
    assert once != other
    assert "  ; random\n" in once


@pytest.mark.parametrize(
    "name", ["memcpy", "blas_dgemm", "lltheano_pool_alloc", "lltheano.release", '""', '"\\u0000 é"']
)
def test_a_program_may_have_any_name(lltheano: Command, name: str) -> None:
    text = f'program @{name}(%x: f64[?,?]) {{\n  %0: f64[?,?] = dot %x, %x\n  output "y" = %0\n}}\n'
    result = lltheano("run", "-i", "x=[[1, 1], [0, 1]]", "--check", stdin=text)
    assert (result.code, result.err) == (0, "lltheano: check: y: identical\n")


def test_outputs_and_updates_of_loop_ir_may_stand_in_any_order(lltheano: Command) -> None:
    text = lltheano("opt", "accumulator.ir", "-p", "lower").out
    output, update = '  output "before" = %b0\n', "  update %state = %b1\n"
    mixed = text.replace(output + update, update + output)
    assert mixed != text
    arguments = ["-i", "inc=2", "-i", "state=40", "--trust", "--check"]
    assert lltheano("run", *arguments, stdin=mixed).out == ACCUMULATED


def test_sizes(lltheano: Command) -> None:
    arguments = ["--size", "5", "--size", "b=2,3", "--json", "--interpret"]
    found = json.loads(lltheano("run", *arguments, stdin=ALL_KINDS).out)
    shapes = {name: one["shape"] for name, one in found["inputs"].items()}
    assert shapes == {"a": [5], "b": [2, 3], "c": [1, 5], "d": []}
    assert found["outputs"] == found["inputs"]


def test_json_spells_what_json_has_no_number_for(lltheano: Command) -> None:
    found = json.loads(lltheano("run", "twice.ir", "-i", "x=[1, nan, -inf]", "--json").out)
    assert found["outputs"]["y"] == {"dtype": "f64", "shape": [3], "values": [2.0, "nan", "-inf"]}
    assert found["updates"] == {}


def test_arrays_from_files_and_into_files(lltheano: Command) -> None:
    np.save("x.npy", np.arange(6.0)[::2])
    assert lltheano("run", "twice.ir", "-i", "x=x.npy", "-o", "out.npz").code == 0
    with np.load("out.npz") as found:
        assert found["y"].tolist() == [0.0, 4.0, 8.0]


def test_updates_and_outputs_of_one_name_are_kept_apart(lltheano: Command) -> None:
    text = ACCUMULATOR.replace('"before"', '"state"')
    lltheano("run", "-", "-i", "state=1", "-i", "inc=1", "-o", "out.npz", stdin=text)
    with np.load("out.npz") as found:
        assert (int(found["state"]), int(found["update.state"])) == (1, 2)


@pytest.mark.parametrize("size", ["0", "1", "7", "1000"])
def test_check_compares_both_ways_of_running(lltheano: Command, size: str) -> None:
    result = lltheano("run", "twice.ir", "--size", size, "--check")
    assert result.code == 0
    assert result.err == "lltheano: check: y: identical\n"


STABILISED = """\
program @entropy(%x: f64[?]) {
  %0: f64[] = reduce %x, kind=max, axes=[0]
  %1: f64[1] = dimshuffle %0, order=[new]
  %2: f64[?] = sub %x, %1
  %3: f64[?] = exp %2
  %4: f64[] = reduce %3, kind=add, axes=[0]
  %5: f64[1] = dimshuffle %4, order=[new]
  %6: f64[?] = div %3, %5
  %7: f64[?] = log %6
  output "y" = %7
}
"""


def test_check_leaves_out_what_changes_results_for_the_better(lltheano: Command) -> None:
    result = lltheano("run", "-i", "x=[0.0, 1000.0]", "--check", stdin=STABILISED)
    assert (result.code, result.err) == (0, "lltheano: check: y: identical\n")
    assert result.out.endswith('output "y": f64[2] = [-1000.,     0.]\n')
    result = lltheano("run", "-i", "x=[0.0, 1000.0]", "--interpret", stdin=STABILISED)
    assert result.out.endswith('output "y": f64[2] = [-inf,   0.]\n')


def test_loop_ir_is_interpreted(lltheano: Command) -> None:
    loops = lltheano("opt", "twice.ir", "-p", "lower").out
    result = lltheano("run", "-i", "x=[1, 2]", stdin=loops)
    assert result.out.endswith('output "y": f64[2] = [2., 4.]\n')


def test_loop_ir_runs_natively_when_trusted(lltheano: Command) -> None:
    passes = "canonicalise,fuse,lower,inplace,assign,collapse,vectorise"
    loops = lltheano("opt", "accumulator.ir", "-p", passes).out
    arguments = ["-i", "inc=2", "-i", "state=40", "--trust", "--check"]
    assert lltheano("run", *arguments, stdin=loops).out == ACCUMULATED


def test_loop_ir_that_reads_outside_its_memory_is_an_error(lltheano: Command) -> None:
    result = lltheano("run", stdin=WILD)
    assert result.code == 1
    assert "index 1000000 on axis 0 of %x" in result.err


def test_check_of_loop_ir_needs_trust(lltheano: Command) -> None:
    result = lltheano("run", "--check", stdin=WILD)
    assert result.code == 2
    assert "--trust" in result.err


@pytest.mark.parametrize("how", [[], ["--interpret"]])
def test_a_failed_check_is_an_error(lltheano: Command, how: list[str]) -> None:
    result = lltheano("run", "-i", "x=[1.0, 2.0]", "-i", "i=2", *how, stdin=OUT_OF_RANGE)
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith("lltheano: error: pick: ")
    assert "2" in result.err


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["-i", "x"], 2, "give NAME=FILE.npy or NAME=LITERAL"),
        (["-i", "z=1"], 2, "no parameter 'z'; there are x"),
        (["-i", "x=[1]", "-i", "x=[2]"], 2, "'x' is given twice"),
        (["-i", "x=hello"], 2, "'hello' is no array"),
        (["-i", "x=[[1], [2, 3]]"], 2, "is no array"),
        (["-i", "x=__import__('os')"], 2, "is no array"),
        (["-i", "x=1"], 1, "x is f64[?]; the array given for it has shape ()"),
        (["-i", "x=[1j]"], 1, "x is f64[?]; the complex128 array given for it does not fit"),
        (["-i", "x=none.npy"], 1, "cannot read none.npy: No such file"),
        (["--size", "big"], 2, "--size big: give one size"),
        (["--size", "-1"], 2, "give one size"),
        (["--size", "z=3"], 2, "--size z=3: no parameter 'z'"),
        (["--size", "x=3,4"], 2, "--size x: 2 sizes for f64[?]"),
        (["--size", "1000000000000000000"], 1, "no memory for x, f64 of shape (10000"),
        (["--random", "-1"], 2, "--random"),
    ],
)
def test_bad_arguments(lltheano: Command, arguments: list[str], code: int, says: str) -> None:
    result = lltheano("run", "twice.ir", *arguments)
    assert (result.code, result.out) == (code, "")
    assert result.err.startswith("lltheano: error: ")
    assert says in result.err


def test_values_that_the_dtype_cannot_hold(lltheano: Command) -> None:
    for value in ("1.5", "3000000000", "nan"):
        result = lltheano("run", "accumulator.ir", "-i", f"inc={value}")
        assert result.code == 1
        assert "inc is i32[]" in result.err


@pytest.mark.parametrize("content", [b"", b"not an array", b"\x93NUMPY\x01\x00"])
def test_a_file_that_is_no_array(lltheano: Command, content: bytes) -> None:
    Path("x.npy").write_bytes(content)
    result = lltheano("run", "twice.ir", "-i", "x=x.npy")
    assert result.code == 1
    assert result.err.startswith("lltheano: error: x.npy is no array of NumPy's")


def test_pickles_are_not_read(lltheano: Command) -> None:
    np.save("x.npy", np.array([{}], dtype=object), allow_pickle=True)
    result = lltheano("run", "twice.ir", "-i", "x=x.npy")
    assert result.code == 1


ENDLESS = """\
program @endless(%x: f64[]) {
  %0: i64[] = constant 281474976710656
  %1: f64[] = loop %0, %x, carried=1 body(%i: i64[], %a: f64[]) { %0: f64[] = sin %a yield %0 }
  output "y" = %1
}
"""

PRODUCT = """\
program @product(%x: f64[?,?]) {
  %0: f64[?,?] = dot %x, %x
  output "y" = %0
}
"""

GREEDY = """\
program @greedy(%n: i64[]) {
  %0: i64[?] = iota %n
  %1: i64[?] = sort %0
  output "y" = %1
}
"""

STACKED = """\
program @stacked(%n: i64[], %x: f64[?]) {
  %0: f64[?,?] = loop %n, %x, carried=0 body(%i: i64[], %a: f64[?]) { %0: f64[?] = sin %a yield %0 }
  output "y" = %0
}
"""

ENDLESS_LOOPS = """\
loops @endless() {
  for %i in 281474976710656 {
    let %s: i64 = add %i, %i
  }
}
"""

ENDLESS_SUM = """\
loops @endless() {
  reduce %t: i64 = add %i over %i in 281474976710656, %j in 281474976710656, rows {
    let %s: i64 = add %i, %j
  }
}
"""


def test_steps_bound_a_program_that_would_not_end(lltheano: Command) -> None:
    result = lltheano("run", "--steps", "10000", stdin=ENDLESS)
    assert (result.code, result.out) == (3, "")
    assert "endless: more than 10000 steps" in result.err
    assert "--steps" in result.err


@pytest.mark.parametrize("text", [ENDLESS_LOOPS, ENDLESS_SUM])
def test_steps_bound_loop_ir(lltheano: Command, text: str) -> None:
    result = lltheano("run", "--steps", "1000", stdin=text)
    assert (result.code, result.out) == (3, "")
    assert "endless: more than 1000 steps" in result.err


@pytest.mark.parametrize(("steps", "code"), [("0", 3), ("11", 3), ("12", 0)])
def test_each_element_read_or_made_is_a_step(lltheano: Command, steps: str, code: int) -> None:
    """1 for the constant, 1 + 2 + 2 for the product, 2 + 2 + 2 for the sum, and nothing else."""
    assert lltheano("run", "twice.ir", "-i", "x=[1,2]", "--steps", steps).code == code


@pytest.mark.parametrize("lowered", [False, True])
def test_a_product_of_matrices_takes_a_step_for_each_product(
    lltheano: Command, lowered: bool
) -> None:
    text = lltheano("opt", "-p", "lower", stdin=PRODUCT).out if lowered else PRODUCT
    size = [] if lowered else ["--size", "20"]
    assert lltheano("run", *size, "--steps", str(20**3), stdin=text).code == (0 if lowered else 3)
    assert lltheano("run", *size, "--steps", str(20**3 + 5000), stdin=text).code == 0


@pytest.mark.parametrize("how", [[], ["--interpret"], ["--check"], ["--steps", "1000000000000000"]])
def test_memory_is_refused_before_it_is_taken(lltheano: Command, how: list[str]) -> None:
    greedy = ["run", "-i", "n=1000000000000", "--memory", "512M", *how]
    result = lltheano(*greedy, stdin=GREEDY)
    assert (result.code, result.out) == (3, "")
    assert result.err.startswith("lltheano: error: greedy: ")
    assert "--memory" in result.err


@pytest.mark.parametrize("how", [[], ["--interpret"]])
def test_memory_that_is_enough_changes_nothing(lltheano: Command, how: list[str]) -> None:
    plain = lltheano("run", "-i", "n=1000", stdin=GREEDY)
    assert lltheano("run", "-i", "n=1000", "--memory", "64K", *how, stdin=GREEDY) == plain
    assert lltheano("run", "-i", "n=100", stdin=GREEDY).code == 0


@pytest.mark.parametrize("how", [[], ["--interpret"]])
def test_rows_of_a_loop_are_counted_while_it_runs(lltheano: Command, how: list[str]) -> None:
    rows = ["run", "--size", "1000", "--memory", "1M", *how]
    assert lltheano(*rows, "-i", "n=1000000000000", stdin=STACKED).code == 3
    assert lltheano(*rows, "-i", "n=20", stdin=STACKED).code == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--memory", "much"], "'much' is no size; give bytes, or K, M, G or T of them"),
        (["--memory", "-1"], "is no size"),
        (["--steps", "-1"], "--steps"),
        (["--steps", "1.5"], "--steps"),
        (["--steps", "10", "--check"], "--steps goes without native code"),
        (["--steps", "10", "--trust"], "--steps goes without native code"),
    ],
)
def test_bounds_without_sense(lltheano: Command, arguments: list[str], says: str) -> None:
    result = lltheano("run", "twice.ir", *arguments)
    assert (result.code, result.out) == (2, "")
    assert says in result.err


@pytest.mark.parametrize(("text", "size"), [("0", 0), ("64k", 1 << 16), ("1.5GiB", 3 << 29)])
def test_sizes_of_memory(text: str, size: int) -> None:
    assert read_size(None, None, text) == size


@pytest.mark.parametrize("how", [[], ["--interpret"]])
@pytest.mark.parametrize(
    ("number", "codes"), [(signal.SIGINT, {130}), (signal.SIGTERM, {143, -signal.SIGTERM})]
)
def test_a_signal_ends_an_endless_program(
    tmp_path: Path, how: list[str], number: signal.Signals, codes: set[int]
) -> None:
    file = tmp_path / "endless.ir"
    file.write_text(ENDLESS, encoding="utf-8")
    with start("run", str(file), *how) as process:
        try:
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(3)
            process.send_signal(number)
            assert process.wait(10) in codes
        finally:
            process.kill()


THREADS = """loops @f(%x: f64[%n] shared) {
  alloc %y: f64[%n]
  for %i in %n, parallel=1 {
    load %v: f64 = %x[%i]
    store %y[%i] = %v
  }
  output "y" = %y
}
"""


@pytest.mark.parametrize("how", [(), ("--trust",)])
def test_a_parallel_loop_is_run(lltheano: Command, how: tuple[str, ...]) -> None:
    ran = lltheano("run", *how, "-i", "x=[1.5, 2.0]", stdin=THREADS)
    assert (ran.code, ran.err) == (0, "")
    assert 'output "y": f64[2] = [1.5, 2. ]' in ran.out


def test_a_loop_whose_iterations_meet_is_not_for_threads(lltheano: Command) -> None:
    ran = lltheano("run", "--trust", "-i", "x=[1.5]", stdin=THREADS.replace("%y[%i]", "%y[0]"))
    assert ran.code == 1
    assert "iterations write one element of %y" in ran.err
