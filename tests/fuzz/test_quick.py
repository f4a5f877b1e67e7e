"""A quick profile of each fuzz target, and every case that failed once."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings, strategies as st

from fuzz.campaign import CORPUS, replay
from fuzz.targets import TARGETS

EXAMPLES = {
    "interpreter": 60,
    "text": 60,
    "passes": 50,
    "loops": 25,
    "native": 12,
    "kernels": 15,
    "factors": 15,
    "graphs": 15,
    "scans": 10,
}
REGRESSIONS = sorted(one for one in CORPUS.iterdir() if one.suffix in (".ir", ".json"))


def test_every_target_has_a_quick_profile() -> None:
    assert EXAMPLES.keys() == TARGETS.keys()


@pytest.mark.parametrize("name", TARGETS)
def test_quick_profile(name: str) -> None:
    target = TARGETS[name]

    @seed(0)
    @settings(
        max_examples=EXAMPLES[name],
        deadline=None,
        database=None,
        phases={Phase.generate, Phase.shrink} & set(settings().phases),
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(data=st.data())
    def holds(data: st.DataObject) -> None:
        target.check(data.draw(target.cases()))

    holds()


@pytest.mark.parametrize("path", REGRESSIONS, ids=lambda path: path.name)
def test_regression(path: Path) -> None:
    replay(path)
