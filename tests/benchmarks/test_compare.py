"""Results survive their file, and a change is told from noise by the quartiles of the ratios."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.benchmarks.compare import Verdict, changes, main
from tests.benchmarks.measure import Comparison
from tests.benchmarks.results import Results


def _results(**ratios: float) -> Results:
    """Cases whose ratios to NumPy have quartiles a tenth to both sides."""
    figures = {
        name: Comparison(100 / ratio, 100.0, ratio, 0.9 * ratio, 1.1 * ratio)
        for name, ratio in ratios.items()
    }
    return Results({"processor": "one"}, figures)


def test_a_file_gives_back_what_was_written(tmp_path: Path) -> None:
    results = _results(sort=2.0, dot=0.7)
    results.write(tmp_path / "r.json")
    assert Results.read(tmp_path / "r.json") == results


def test_only_what_is_beyond_the_quartiles_of_both_runs_is_a_change() -> None:
    before = _results(less=1.0, more=1.0, worse=1.0, better=1.0, gone=1.0)
    after = _results(less=0.95, more=1.1, worse=0.7, better=1.4, new=1.0)
    assert [(one.name, one.verdict) for one in changes(before, after)] == [
        ("worse", Verdict.SLOWER),
        ("less", Verdict.WITHIN_NOISE),
        ("more", Verdict.WITHIN_NOISE),
        ("better", Verdict.FASTER),
    ]


def test_a_busier_machine_is_no_change() -> None:
    quiet = Comparison(ours=10.0, peer=20.0, ratio=2.0, low=1.9, high=2.1)
    busy = Comparison(ours=30.0, peer=60.0, ratio=2.0, low=1.7, high=2.2)
    (change,) = changes(Results({}, {"sum": quiet}), Results({}, {"sum": busy}))
    assert change.verdict is Verdict.WITHIN_NOISE
    assert change.speedup == 1.0


@pytest.mark.parametrize(("ratio", "status"), [(0.5, 1), (1.0, 0), (2.0, 0)])
def test_the_exit_status_says_whether_a_case_is_slower(
    ratio: float, status: int, tmp_path: Path
) -> None:
    files = [tmp_path / "before.json", tmp_path / "after.json"]
    for path, one in zip(files, (1.0, ratio), strict=True):
        _results(sum=one, dot=1.0).write(path)
    assert CliRunner().invoke(main, [str(path) for path in files]).exit_code == status


def test_files_without_a_common_case_are_refused(tmp_path: Path) -> None:
    files = [tmp_path / "before.json", tmp_path / "after.json"]
    _results(sum=1.0).write(files[0])
    _results(dot=1.0).write(files[1])
    done = CliRunner().invoke(main, [str(path) for path in files])
    assert done.exit_code == 1
    assert "no case in common" in done.output
