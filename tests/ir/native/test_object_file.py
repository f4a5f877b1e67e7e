import pytest

from lltheano_ir.native.object_file import MalformedObjectError, read_symbols
from lltheano_ir.native.optimise import object_code, verify_module
from lltheano_ir.target import cross_target

TEXT = """
declare double @outside(double)
define internal double @inner(double %x) noinline {
  %y = frem double %x, 3.0
  ret double %y
}
define double @entry(double %x) {
  %y = call double @inner(double %x)
  %z = call double @outside(double %y)
  ret double %z
}"""


def compiled(triple: str) -> bytes:
    return object_code(verify_module(TEXT), cross_target(triple))


@pytest.mark.parametrize(
    ("triple", "architecture"),
    [
        ("x86_64-unknown-linux-gnu", "x86_64"),
        ("aarch64-unknown-linux-gnu", "aarch64"),
        ("x86_64-apple-darwin", "x86_64"),
        ("arm64-apple-darwin", "aarch64"),
    ],
)
def test_symbols_include_calls_that_the_code_generator_brought_in(
    triple: str, architecture: str
) -> None:
    symbols = read_symbols(compiled(triple))
    assert symbols.architecture == architecture
    assert symbols.defined == {"entry"}
    assert symbols.undefined == {"outside", "fmod"}


@pytest.mark.parametrize("triple", ["x86_64-unknown-linux-gnu", "arm64-apple-darwin"])
def test_a_cut_object_is_an_error_or_gives_the_same_symbols(triple: str) -> None:
    whole = compiled(triple)
    symbols = read_symbols(whole)
    for length in range(0, len(whole), 7):
        try:
            assert read_symbols(whole[:length]) == symbols
        except MalformedObjectError:
            continue


def test_other_bytes_are_refused() -> None:
    with pytest.raises(MalformedObjectError, match="neither a 64-bit ELF nor Mach-O"):
        read_symbols(b"MZ" + bytes(200))
