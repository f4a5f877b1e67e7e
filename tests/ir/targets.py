"""Targets that tests hand to passes and to emission."""

from dataclasses import replace

from lltheano_ir.native.target import host_target
from lltheano_ir.target import Target, cross_target

__all__ = ["AVX2", "AVX512", "NEON", "SSE2", "TARGETS", "of_width"]

_X86 = "x86_64-unknown-linux-gnu"

SSE2 = cross_target(_X86)
AVX2 = cross_target(_X86, "haswell", ("+avx", "+avx2", "+f16c", "+fma"))
AVX512 = cross_target(_X86, "znver4", ("+avx", "+avx2", "+avx512f", "+avx512vl", "+f16c", "+fma"))
NEON = cross_target("aarch64-unknown-linux-gnu")
TARGETS = (SSE2, AVX2, AVX512, NEON)


def of_width(vector_bytes: int) -> Target:
    """The host, but for the width of vectors: its code runs here."""
    return replace(host_target(), vector_bytes=vector_bytes)
