from typing import Any

import pytest

import lltheano.tensor as T
from lltheano.config import FLAGS, Configuration, change_flags, config, parse_flags
from lltheano.errors import ConfigError


@pytest.fixture
def fresh() -> Configuration:
    return Configuration(FLAGS)


def test_defaults(fresh: Any, monkeypatch: Any) -> None:
    monkeypatch.delenv("LLTHEANO_FLAGS", raising=False)
    assert (fresh.floatX, fresh.device, fresh.cast_policy) == ("float64", "cpu", "custom")


def test_the_environment_is_read_on_first_access(fresh: Any, monkeypatch: Any) -> None:
    monkeypatch.setenv("LLTHEANO_FLAGS", "floatX=float32,device=cpu, on_unused_input=warn")
    assert fresh.floatX == "float32"
    monkeypatch.setenv("LLTHEANO_FLAGS", "floatX=float16")
    assert (fresh.floatX, fresh.on_unused_input) == ("float32", "warn")


def test_an_unknown_flag_in_the_environment_names_near_ones(fresh: Any, monkeypatch: Any) -> None:
    monkeypatch.setenv("LLTHEANO_FLAGS", "floatx=float32")
    with pytest.raises(ConfigError, match=r"LLTHEANO_FLAGS: there is no flag 'floatx'.*floatX"):
        _ = fresh.floatX


def test_a_bad_value_lists_the_good_ones(fresh: Any, monkeypatch: Any) -> None:
    monkeypatch.setenv("LLTHEANO_FLAGS", "floatX=float8")
    with pytest.raises(ConfigError, match="'float8': it takes float64, float32, float16"):
        _ = fresh.floatX


def test_syntax_of_the_environment() -> None:
    assert parse_flags("") == {}
    assert parse_flags("a=1,,b=x=y,") == {"a": "1", "b": "x=y"}
    with pytest.raises(ConfigError, match="name=value"):
        parse_flags("floatX")


def test_flags_are_checked_when_set(fresh: Any) -> None:
    with pytest.raises(ConfigError, match=r"config\.floatX cannot be 'double'"):
        fresh.floatX = "double"
    with pytest.raises(AttributeError, match="did you mean floatX"):
        fresh.float_X = "float32"
    assert not hasattr(fresh, "no_such_flag")
    assert fresh.floatX == "float64"


def test_the_device_is_fixed(fresh: Any) -> None:
    fresh.device = "cpu"
    with pytest.raises(ConfigError, match="cannot be 'cuda'"):
        fresh.device = "cuda"


def test_floatx_affects_later_variables() -> None:
    with config.change_flags(floatX="float32"):
        assert T.matrix().dtype == "float32"
        assert T.zeros((2,)).dtype == "float32"
    assert T.matrix().dtype == "float64"


def test_change_flags_puts_back_after_an_error() -> None:
    with pytest.raises(RuntimeError), config.change_flags(floatX="float32"):
        raise RuntimeError
    assert config.floatX == "float64"


def test_change_flags_checks_before_it_sets_anything() -> None:
    with pytest.raises(ConfigError):
        config.change_flags(floatX="float32", on_unused_input="shout")
    assert config.floatX == "float64"


def test_change_flags_decorates_and_nests() -> None:
    @change_flags(floatX="float32")
    def build(depth: Any) -> Any:
        return build(depth - 1) if depth else config.floatX

    assert build(2) == "float32"
    assert config.floatX == "float64"


def test_every_flag_is_listed_and_shown(fresh: Any) -> None:
    assert list(fresh) == [flag.name for flag in FLAGS]
    assert all(f"{flag.name} = {flag.default}" in str(fresh) for flag in FLAGS)
    assert "floatX" in dir(fresh)


@pytest.mark.parametrize("policy", ["warn", "raise"])
def test_float64_can_be_complained_of(policy: Any) -> None:
    with config.change_flags(warn_float64=policy):
        if policy == "warn":
            with pytest.warns(UserWarning, match="float64"):
                T.dvector("x")
        else:
            with pytest.raises(TypeError, match="float64"):
                T.dvector("x")
