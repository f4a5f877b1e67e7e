"""The machine that code is generated for, as plain data.

A `Target` is what passes and emission may know of a machine: they look at nothing else, so that
the same target gives the same code on every host, and tests hand in whichever they like. Invariant:
two equal targets give the same code for the same IR, so a target is part of every cache key. How
the host is asked is in `lltheano_ir.native.target`.
"""

from enum import Enum

from lltheano_ir.dtypes import DType
from lltheano_ir.records import record

__all__ = ["BASELINE_CACHES", "Cache", "MemorySpace", "Target", "cross_target"]

# Intel's AVX-512 cores lower their clock or join units for 512-bit work, and LLVM's own tuning
# prefers 256 bits on them; AMD's run it at full rate.
_FULL_RATE_512_BIT = frozenset({"znver4", "znver5", "znver6"})


class MemorySpace(Enum):
    """Where memory is that code can address."""

    HOST = "host"
    """The process's own memory."""


@record(frozen=True, slots=True)
class Cache:
    """A cache for data, as one core sees it.

    Attributes
    ----------
    level
        1 for the one next to the core.
    size_bytes
        What it holds.
    line_bytes
        How much is fetched at once.
    """

    level: int
    size_bytes: int
    line_bytes: int


BASELINE_CACHES = (Cache(1, 32 << 10, 64), Cache(2, 1 << 20, 64))
"""Those of a processor of which nothing is known: what servers have."""


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
    caches
        Its caches for data, from the core outwards.
    cores
        How many cores the process may use.
    memory_spaces
        Where buffers can be.

    >>> from lltheano_ir.dtypes import f32
    >>> target = cross_target("aarch64-unknown-linux-gnu")
    >>> target.architecture, target.lanes(f32), target.has_fma
    ('aarch64', 4, True)
    """

    triple: str
    cpu: str
    features: tuple[str, ...]
    vector_bytes: int
    vector_registers: int
    caches: tuple[Cache, ...] = BASELINE_CACHES
    cores: int = 1
    memory_spaces: tuple[MemorySpace, ...] = (MemorySpace.HOST,)

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
    def has_extrema(self) -> bool:
        """Whether a maximum for which a NaN wins and 0.0 is above -0.0 is one instruction."""
        return self.architecture == "aarch64"

    @property
    def has_half_conversions(self) -> bool:
        """Whether f16 to f32 and back are instructions rather than calls."""
        return self.architecture == "aarch64" or self.has("f16c")

    def cache_bytes(self, level: int) -> int:
        """What the cache of a level holds, or the last one before it where there is none.

        >>> cross_target("aarch64-unknown-linux-gnu").cache_bytes(3)
        1048576
        """
        first, *others = self.caches or BASELINE_CACHES
        fitting = [one.size_bytes for one in others if one.level <= level]
        return fitting[-1] if fitting else first.size_bytes

    def lanes(self, dtype: DType) -> int:
        """How many elements of a dtype one vector register holds, at least 1."""
        return max(1, self.vector_bytes // dtype.itemsize)


def cross_target(triple: str, cpu: str = "", features: tuple[str, ...] = ()) -> Target:
    """A target by name, to emit assembly or objects for a machine other than this one.

    Only the features given here widen vectors; those that a processor's name implies are known to
    LLVM alone. A triple or processor unknown to LLVM is an error once code is generated. It has one
    core and `BASELINE_CACHES`; `dataclasses.replace` makes others of it.

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
    chosen, flags = cpu or baseline, tuple(sorted(features))
    return Target(triple, chosen, flags, *_vectors(triple, chosen, flags))


def _vectors(triple: str, cpu: str, features: tuple[str, ...]) -> tuple[int, int]:
    """The bytes of the vector registers to use, and how many there are."""
    if not triple.startswith("x86_64"):
        return 16, 32
    if "+avx512f" in features:
        width = 64 if cpu in _FULL_RATE_512_BIT else 32
        # At 256 bits the upper sixteen registers take part only with AVX-512VL.
        return width, 32 if width == 64 or "+avx512vl" in features else 16
    return (32 if "+avx" in features else 16), 16
