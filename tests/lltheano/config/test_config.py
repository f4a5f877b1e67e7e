import copy
import os
import sys
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings, strategies as st

import lltheano.tensor as T
from lltheano.config import (
    FLAGS,
    Configuration,
    Flag,
    change_flags,
    config,
    parameters,
    parse_flags,
)
from lltheano.config.flag_types import FlagTypes
from lltheano.config.sources import read_file
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
    lines = str(fresh).splitlines()
    assert all(
        line.startswith(f"{flag.name} = ") and line.endswith(f"# {flag.doc}")
        for flag, line in zip(FLAGS, lines, strict=True)
    )
    assert {"floatX", "scan"} <= set(dir(fresh))
    assert "allow_gc" in dir(fresh.scan)


@pytest.mark.parametrize("flag", FLAGS, ids=lambda flag: flag.name)
def test_every_flag_takes_its_own_value(fresh: Any, flag: Flag, monkeypatch: Any) -> None:
    value = fresh.value(flag.name)
    assert flag.converted(value) == flag.converted(str(value)) == value
    fresh.assign(flag.name, value)
    assert fresh.value(flag.name) == value
    assert flag.summary
    monkeypatch.setenv("LLTHEANO_FLAGS", f"{flag.name}={value}")
    assert Configuration(FLAGS).value(flag.name) == value


def test_sections_hold_flags_and_refuse_unknown_ones(fresh: Any) -> None:
    fresh.NanGuardMode.big_is_error = "False"
    assert fresh.NanGuardMode.big_is_error is False
    with pytest.raises(ConfigError, match=r"no flag 'NanGuardMode.big'; did you mean NanGuard"):
        fresh.NanGuardMode.big = True
    with pytest.raises(ConfigError, match=r"cannot be 'often': it takes True or False"):
        fresh.scan.allow_gc = "often"
    assert not hasattr(fresh.scan, "no_such_flag")


def test_a_file_of_flags_is_overridden_by_the_environment(
    fresh: Any, monkeypatch: Any, tmp_path: Path
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.write_text(
        "[global]\nfloatX = float32\non_unused_input = warn\n[scan]\nallow_gc = True\n"
    )
    second.write_text("[global]\nfloatX = float16\n")
    monkeypatch.setenv("LLTHEANORC", f"{first}{os.pathsep}{second}{os.pathsep}{tmp_path / 'none'}")
    monkeypatch.setenv("LLTHEANO_FLAGS", "on_unused_input=ignore")
    assert (fresh.floatX, fresh.on_unused_input, fresh.scan.allow_gc) == ("float16", "ignore", True)


def test_a_file_without_sense_is_named(fresh: Any, monkeypatch: Any, tmp_path: Path) -> None:
    (file := tmp_path / "rc").write_text("floatX = float32\n")
    monkeypatch.setenv("LLTHEANORC", str(file))
    with pytest.raises(ConfigError, match=f"file of flags {file} cannot be read: .*no section"):
        _ = fresh.floatX
    file.write_text("[global]\nfloatX = float8\n")
    with pytest.raises(ConfigError, match=f"{file}: config.floatX cannot be 'float8'"):
        _ = fresh.floatX


def test_change_flags_takes_pairs_and_dicts_for_names_with_dots() -> None:
    with config.change_flags([("scan.allow_gc", True)], floatX="float32"):
        assert (config.scan.allow_gc, config.floatX) == (True, "float32")
    with change_flags({"scan.allow_gc": True}):
        assert config.scan.allow_gc is True
    assert (config.scan.allow_gc, config.floatX) == (False, "float64")


def test_a_program_can_add_flags_of_its_own(monkeypatch: Any, fresh: Any) -> None:
    monkeypatch.setenv("LLTHEANO_FLAGS", "")
    parameters.AddConfigVar("mine.word", "a word", parameters.StrParam("none", str.islower), fresh)
    parameters.AddConfigVar("mine.odd", "odd", parameters.IntParam(1, lambda i: i % 2 == 1), fresh)
    parameters.AddConfigVar("plain", "any", parameters.ConfigParam(lambda: [1]), fresh)
    assert (fresh.mine.word, fresh.mine.odd, fresh.plain) == ("none", 1, [1])
    fresh.mine.odd = "3"
    with pytest.raises(ConfigError, match=r"config.mine.odd cannot be 4: the flag does not take"):
        fresh.mine.odd = 4
    with pytest.raises(ConfigError, match=r"already is a flag 'mine.odd'"):
        parameters.AddConfigVar("mine.odd", "", parameters.BoolParam(True), fresh)
    assert (fresh.mine.odd, fresh.flag("mine.odd").doc) == (3, "odd")


def test_a_copy_is_the_configuration() -> None:
    assert copy.copy(config) is copy.deepcopy(config) is config


def test_all_flags_can_be_gone_through() -> None:
    names = [one.fullname for one in parameters._config_var_list]
    (big,) = (
        one for one in parameters._config_var_list if one.fullname == "NanGuardMode.big_is_error"
    )
    old = big.__get__(True, None)  # as PyMC3 sets flags, and puts them back
    big.__set__(None, False)
    assert config.NanGuardMode.big_is_error is False
    big.__set__(None, old)
    assert config.NanGuardMode.big_is_error is old
    assert names[0] == "floatX"
    assert len(parameters._config_var_list) == len(names) == len(list(config))


@pytest.mark.parametrize("policy", ["warn", "raise"])
def test_float64_can_be_complained_of(policy: Any) -> None:
    with config.change_flags(warn_float64=policy):
        if policy == "warn":
            with pytest.warns(UserWarning, match="float64"):
                T.dvector("x")
        else:
            with pytest.raises(TypeError, match="float64"):
                T.dvector("x")


def test_float64_can_open_the_debugger(monkeypatch: Any) -> None:
    opened: list[str] = []
    monkeypatch.setattr(sys, "breakpointhook", lambda: opened.append("here"))
    with config.change_flags(warn_float64="pdb"), pytest.warns(UserWarning, match="float64"):
        T.dvector("x")
    with config.change_flags(warn_float64="pdb"):
        T.fvector("y")
    assert opened == ["here"]


def test_type_checkers_know_what_each_flag_holds() -> None:
    declared = FlagTypes.__annotations__
    for flag in FLAGS:
        first, _, rest = flag.name.partition(".")
        if rest:
            assert declared[first] == "Section", flag.name
        else:
            assert declared[first] is type(config.value(flag.name)), flag.name
    assert set(declared) == {flag.name.partition(".")[0] for flag in FLAGS}


_ODD = (
    "floatX", "=", ",", ";", " ", "[", "]", "\n", ":", "#", "%(x)s", "float32", "é", "\udcff", "'",
    "a", "scan.", "scan.allow_gc", "True", "1e400", "-1", "[global]", "[DEFAULT]", "[scan]",
    "device=gpu",
)  # fmt: skip


@given(text=st.lists(st.sampled_from(_ODD), max_size=6).map("".join))
@settings(deadline=None)
def test_odd_flags_are_read_or_refused_as_such(text: str) -> None:
    with patch.dict(os.environ, {"LLTHEANO_FLAGS": text, "LLTHEANORC": ""}):
        try:
            str(Configuration(FLAGS))
        except ConfigError as error:
            assert str(error).startswith("LLTHEANO_FLAGS")  # noqa: PT017 - it may be raised or not


@given(text=st.lists(st.sampled_from(_ODD), max_size=6).map("".join))
@settings(deadline=None)
def test_odd_files_are_read_or_refused_as_such(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    file = tmp_path_factory.mktemp("odd") / "rc"
    file.write_bytes(text.encode(errors="surrogateescape"))
    with patch.dict(os.environ, {"LLTHEANO_FLAGS": "", "LLTHEANORC": str(file)}):
        try:
            str(Configuration(FLAGS))
        except ConfigError as error:
            assert str(file) in str(error)  # noqa: PT017 - it may be raised or not


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("=float32", "has '=float32'; it takes name=value pairs with commas between them"),
        ("nosuch=1", r"there is no flag 'nosuch'; print\(lltheano.config\) lists them"),
        ("floatX=float32;device=cpu", "cannot be 'float32;device=cpu': it takes float64, float32"),
        ("device=gpu", "config.device cannot be 'gpu': it takes cpu"),
    ],
)
def test_flags_that_are_refused_say_what_to_do(
    fresh: Any, monkeypatch: Any, text: str, says: str
) -> None:
    monkeypatch.setenv("LLTHEANO_FLAGS", text)
    with pytest.raises(ConfigError, match=says):
        _ = fresh.floatX


def test_no_section_of_a_file_is_left_out_in_silence(
    fresh: Any, monkeypatch: Any, tmp_path: Path
) -> None:
    (file := tmp_path / "rc").write_text("[DEFAULT]\nfloatX = float32\n")
    monkeypatch.setenv("LLTHEANORC", str(file))
    with pytest.raises(ConfigError, match=r"there is no flag 'DEFAULT\.floatX'"):
        _ = fresh.floatX


@pytest.mark.parametrize("flag", FLAGS, ids=lambda flag: flag.name)
@pytest.mark.parametrize(
    "value", [None, "", float("inf"), float("nan"), 10**400, b"1", [], object()]
)
def test_every_flag_takes_a_value_or_refuses_it(flag: Flag, value: object) -> None:
    try:
        flag.converted(value)
    except ConfigError as error:
        assert flag.name in str(error)  # noqa: PT017 - it may be raised or not


@pytest.mark.parametrize("path", ["~nosuchuser/flags", "x" * 5000, "/dev/null/flags"])
def test_a_file_of_flags_that_cannot_be_there_is_none(path: str) -> None:
    assert read_file(path) == {}
