"""`perf` is told where compiled code is."""

import os
from pathlib import Path

import pytest

import lltheano.tensor as T
from lltheano import config, function
from lltheano.function.programs import perf_map


def test_functions_are_named_where_they_are(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(perf_map, "FOLDER", tmp_path)
    x = T.dmatrix("x")
    function([x], T.exp(x), name="silent")
    with config.change_flags(perf_map=True):
        f = function([x], T.exp(x).sum(), name="loud")
        function([x], T.exp(x).sum(), name="again")
    text = (tmp_path / f"perf-{os.getpid()}.map").read_text(encoding="utf-8")
    places = {
        name: (int(start, 16), int(size, 16))
        for start, size, name in map(str.split, text.splitlines())
    }
    start, size = places["lltheano:loud"]
    assert start == f.compiled.address
    assert size > 0
    assert "lltheano:again" in places
    assert "silent" not in text
