import hashlib

import pytest
from hypothesis import given, strategies as st

from lltheano_ir.native.cache_entry import (
    CacheEntry,
    DamagedEntryError,
    content_key,
    decode_entry,
    encode_entry,
)

KEY = content_key("a program")
ENTRY = CacheEntry(b"\x7fELF and more", {"callees": "{}", "größe": "naïve"})
DATA = encode_entry(KEY, ENTRY)


@given(st.binary(), st.dictionaries(st.text(), st.text()))
def test_entries_come_back_as_they_were(code: bytes, metadata: dict[str, str]) -> None:
    entry = CacheEntry(code, metadata)
    assert decode_entry(KEY, encode_entry(KEY, entry)) == entry


def test_a_cut_entry_is_damaged() -> None:
    for length in range(len(DATA)):
        with pytest.raises(DamagedEntryError):
            decode_entry(KEY, DATA[:length])


def test_a_changed_byte_is_damage() -> None:
    for position in range(len(DATA)):
        changed = bytearray(DATA)
        changed[position] ^= 0x10
        with pytest.raises(DamagedEntryError):
            decode_entry(KEY, bytes(changed))


def test_bytes_after_the_end_are_damage() -> None:
    with pytest.raises(DamagedEntryError, match="another length"):
        decode_entry(KEY, DATA + b"\0")


def test_the_entry_of_another_key_is_refused() -> None:
    with pytest.raises(DamagedEntryError, match="another format, version or key"):
        decode_entry(content_key("another program"), DATA)


@given(st.lists(st.text()), st.lists(st.text()))
def test_keys_are_equal_only_for_equal_parts(first: list[str], second: list[str]) -> None:
    assert (content_key(*first) == content_key(*second)) == (first == second)


def test_keys_are_the_hexadecimal_digits_of_a_sha256() -> None:
    assert len(KEY) == 2 * hashlib.sha256().digest_size
    assert bytes.fromhex(KEY)
