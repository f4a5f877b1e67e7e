import threading

import pytest

from lltheano_ir.native.callees import Callee, CalleeError, CalleeTable
from lltheano_ir.native.mcjit import check_declarations, compile_module
from lltheano_ir.native.optimise import verify_module

CALLS_OUTSIDE = """
declare i32 @magnitude(i32)
define i32 @f(i32 %x) {
  %y = call i32 @magnitude(i32 %x)
  ret i32 %y
}"""


class CountingLibrary:
    def __init__(self) -> None:
        self.asked: list[str] = []

    def find(self, name: str) -> Callee | None:
        self.asked.append(name)
        return Callee(name, 4096, "void ()") if name == "offered" else None


def test_registering_the_same_callee_again_changes_nothing(magnitude: Callee) -> None:
    table = CalleeTable([magnitude, magnitude])
    table.register(
        Callee(magnitude.name, magnitude.address, magnitude.signature, origin="elsewhere")
    )
    assert [callee.origin for callee in table] == ["libc"]


@pytest.mark.parametrize(("address", "signature"), [(1, "i32 (i32)"), (0, "i64 (i64)")])
def test_a_name_cannot_be_registered_twice_differently(
    magnitude: Callee, address: int, signature: str
) -> None:
    table = CalleeTable([magnitude])
    with pytest.raises(CalleeError, match=r"'magnitude' is registered as i32 .* cannot also be"):
        table.register(Callee("magnitude", magnitude.address + address, signature))
    assert table["magnitude"] is magnitude


@pytest.mark.parametrize(
    ("name", "address", "signature", "message"),
    [
        ("", 1, "void ()", "plain symbol"),
        ('a" = global', 1, "void ()", "plain symbol"),
        ("f", 0, "void ()", "needs an address"),
        ("f", 1, "void", "needs an LLVM function type"),
    ],
)
def test_a_callee_that_makes_no_sense_is_refused(
    name: str, address: int, signature: str, message: str
) -> None:
    with pytest.raises(CalleeError, match=message):
        Callee(name, address, signature)


def test_an_unknown_callee_is_an_error_with_similar_names(magnitude: Callee) -> None:
    with pytest.raises(CalleeError, match="no callee 'magnitud' is registered; similar: magnitude"):
        CalleeTable([magnitude])["magnitud"]


def test_libraries_are_asked_once_for_what_they_have() -> None:
    library = CountingLibrary()
    table = CalleeTable(libraries=[library])
    assert "offered" in table
    assert table["offered"].address == 4096
    assert library.asked == ["offered"]


def test_a_registered_callee_comes_before_a_librarys() -> None:
    table = CalleeTable([Callee("offered", 8192, "void ()")], [CountingLibrary()])
    assert table["offered"].address == 8192


def test_threads_that_register_different_addresses_agree_on_one() -> None:
    table, refused = CalleeTable(), []

    def register(address: int) -> None:
        try:
            table.register(Callee("f", address, "void ()"))
        except CalleeError:
            refused.append(address)

    threads = [threading.Thread(target=register, args=(address,)) for address in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted([*refused, table["f"].address]) == list(range(1, 9))


def test_declared_callees_are_found(magnitude: Callee) -> None:
    assert check_declarations(verify_module(CALLS_OUTSIDE), CalleeTable([magnitude])) == {
        "magnitude": magnitude
    }


def test_an_unregistered_function_is_an_error_before_code_is_made() -> None:
    with pytest.raises(CalleeError, match="no callee 'magnitude' is registered"):
        compile_module(CALLS_OUTSIDE, CalleeTable())


def test_a_function_declared_with_another_signature_is_an_error(magnitude: Callee) -> None:
    text = CALLS_OUTSIDE.replace("i32", "i64")
    with pytest.raises(
        CalleeError, match=r"declares 'magnitude' as i64 \(i64\); it is registered as"
    ):
        compile_module(text, CalleeTable([magnitude]))


def test_a_variable_outside_the_module_is_an_error() -> None:
    text = "@environ = external global ptr"
    with pytest.raises(CalleeError, match="'environ', a variable outside"):
        compile_module(text, CalleeTable())


def test_attributes_of_a_declaration_do_not_matter(magnitude: Callee) -> None:
    text = CALLS_OUTSIDE.replace("@magnitude(i32)\n", "@magnitude(i32 noundef) nounwind\n", 1)
    assert check_declarations(verify_module(text), CalleeTable([magnitude]))
