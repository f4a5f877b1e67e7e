"""The machine that code is generated for, as plain data.

A `Target` holds everything that scheduling, emission and the cache key need to know about a
machine, and no LLVM object: importing this module costs nothing. Invariant: two equal targets give
the same code for the same IR.
"""

from functools import cache

from lltheano_ir.records import record

__all__ = ["Target", "cross_target", "host_target"]

# Intel's AVX-512 cores lower their clock or join units for 512-bit work, and LLVM's own tuning
# prefers 256 bits on them; AMD's run it at full rate.
_FULL_RATE_512_BIT = frozenset({"znver4", "znver5", "znver6"})


@record(frozen=True)
class Target:
    """A machine to generate code for.

    Attributes
    ----------
    triple
        LLVM's target triple.
    cpu
        LLVM's name of the processor.
    features
        LLVM's feature flags, each with its sign, sorted.
    vector_bytes
        Bytes of the vector register that loops should use (16, 32 or 64).
    vector_registers
        How many such registers there are.

    >>> target = cross_target("aarch64-unknown-linux-gnu")
    >>> target.architecture, target.lanes(4), target.has_fma
    ('aarch64', 4, True)
    """

    triple: str
    cpu: str
    features: tuple[str, ...]
    vector_bytes: int
    vector_registers: int

    @property
    def architecture(self) -> str:
        """The first part of the triple, such as `x86_64` or `aarch64`."""
        architecture = self.triple.partition("-")[0]
        return "aarch64" if architecture.startswith("arm64") else architecture

    @property
    def feature_string(self) -> str:
        """The features as LLVM reads them: `+avx,+avx2,-avx512f`."""
        return ",".join(self.features)

    def has(self, feature: str) -> bool:
        """Whether the feature, named without its sign, is switched on.

        >>> cross_target("x86_64-unknown-linux-gnu", features=("+avx2",)).has("avx2")
        True
        """
        return f"+{feature}" in self.features

    @property
    def has_fma(self) -> bool:
        """Whether `llvm.fma` is an instruction rather than a slow call of libm's `fma`."""
        return self.architecture == "aarch64" or self.has("fma")

    @property
    def has_half_conversions(self) -> bool:
        """Whether f16 to f32 and back are instructions rather than calls."""
        return self.architecture == "aarch64" or self.has("f16c")

    def lanes(self, item_bytes: int) -> int:
        """How many items of so many bytes one vector register holds, at least 1."""
        return max(1, self.vector_bytes // item_bytes)


@cache
def host_target() -> Target:
    """The machine that this process runs on, as LLVM sees it.

    >>> host_target() is host_target()
    True
    """
    # Third-party and slow to import (60 ms); whoever asks for the host is about to compile.
    import llvmlite.binding as llvm  # noqa: PLC0415

    features = llvm.get_host_cpu_features().items()
    signed = tuple(sorted(f"{'+' if present else '-'}{name}" for name, present in features))
    return _target(llvm.get_process_triple(), llvm.get_host_cpu_name(), signed)


def cross_target(triple: str, cpu: str = "", features: tuple[str, ...] = ()) -> Target:
    """A target by name, to emit assembly or objects for a machine other than this one.

    Only the features given here widen vectors; those that a processor's name implies are known to
    LLVM alone. A triple or processor unknown to LLVM is an error once code is generated.

    Parameters
    ----------
    triple
        LLVM's target triple, such as `aarch64-unknown-linux-gnu`.
    cpu
        LLVM's processor name; empty for the architecture's baseline.
    features
        Flags with their signs, such as `("+avx2", "+fma")`.

    Raises
    ------
    ValueError
        A feature has no sign.
    """
    for feature in features:
        if feature[:1] not in {"+", "-"}:
            raise ValueError(f"feature {feature!r} needs a sign in front, as in '+{feature}'")
    baseline = "x86-64" if triple.startswith("x86_64") else "generic"
    return _target(triple, cpu or baseline, tuple(sorted(features)))


def _target(triple: str, cpu: str, features: tuple[str, ...]) -> Target:
    if not triple.startswith("x86_64"):
        return Target(triple, cpu, features, vector_bytes=16, vector_registers=32)
    if "+avx512f" in features:
        width = 64 if cpu in _FULL_RATE_512_BIT else 32
        # At 256 bits the upper sixteen registers take part only with AVX-512VL.
        registers = 32 if width == 64 or "+avx512vl" in features else 16
        return Target(triple, cpu, features, width, registers)
    return Target(triple, cpu, features, 32 if "+avx" in features else 16, 16)
