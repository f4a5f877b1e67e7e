import os
from dataclasses import replace

import pytest

from lltheano_ir.dtypes import c64, c128, f16, f32, f64, i8
from lltheano_ir.native.machine import data_layout, target_machine
from lltheano_ir.native.target import host_target
from lltheano_ir.target import Cache, cross_target

LINUX = "x86_64-unknown-linux-gnu"


@pytest.mark.parametrize(
    ("features", "cpu", "vector_bytes", "registers"),
    [
        ((), "", 16, 16),
        (("+avx", "+avx2"), "haswell", 32, 16),
        (("+avx", "+avx512f", "+avx512vl"), "skylake-avx512", 32, 32),
        (("+avx", "+avx512f", "+avx512vl"), "znver4", 64, 32),
        (("+avx", "+avx512f"), "knl", 32, 16),
        (("-avx",), "nehalem", 16, 16),
    ],
)
def test_vector_width_follows_features_and_cpu(
    features: tuple[str, ...], cpu: str, vector_bytes: int, registers: int
) -> None:
    target = cross_target(LINUX, cpu, features)
    assert (target.vector_bytes, target.vector_registers) == (vector_bytes, registers)


def test_aarch64_has_sixteen_byte_vectors_and_fma() -> None:
    target = cross_target("aarch64-unknown-linux-gnu", "cortex-a72")
    assert (target.vector_bytes, target.has_fma, target.has_half_conversions) == (16, True, True)


def test_apples_name_for_aarch64_is_the_same_architecture() -> None:
    assert cross_target("arm64-apple-darwin").architecture == "aarch64"


def test_lanes_are_at_least_one() -> None:
    target = replace(cross_target(LINUX), vector_bytes=8)
    assert [target.lanes(dtype) for dtype in (i8, f16, f32, f64, c64, c128)] == [8, 4, 2, 1, 1, 1]


def test_a_level_without_a_cache_has_what_the_one_before_it_has() -> None:
    caches = (Cache(1, 100, 64), Cache(2, 200, 64), Cache(4, 400, 64))
    target = replace(cross_target(LINUX), caches=caches)
    assert [target.cache_bytes(level) for level in range(6)] == [100, 100, 200, 200, 400, 400]
    unknown = replace(target, caches=())
    assert unknown.cache_bytes(1) == cross_target(LINUX).cache_bytes(1)


def test_features_need_a_sign() -> None:
    with pytest.raises(ValueError, match=r"feature 'avx' needs a sign"):
        cross_target(LINUX, features=("avx",))


def test_features_are_sorted_so_that_equal_targets_are_equal() -> None:
    assert cross_target(LINUX, features=("+fma", "+avx")) == cross_target(
        LINUX, features=("+avx", "+fma")
    )


def test_the_host_is_a_machine_that_llvm_knows() -> None:
    host = host_target()
    assert host.cpu
    assert host.vector_bytes in {16, 32, 64}
    assert host.caches
    assert 1 <= host.cores <= (os.cpu_count() or 1)
    assert data_layout(host)


def test_one_machine_for_each_target() -> None:
    host = host_target()
    twin = replace(host)
    assert twin is not host
    assert target_machine(host) is target_machine(twin)


def test_a_triple_that_llvm_does_not_know_is_an_error() -> None:
    with pytest.raises(ValueError, match="LLVM generates no code for 'pdp11-dec-unix'"):
        target_machine(cross_target("pdp11-dec-unix"))
