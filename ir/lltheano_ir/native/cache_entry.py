"""The bytes of one cache entry: object code, a little metadata, and proof that both are whole.

Layout, little-endian: magic, format version, key digest, length of the metadata, length of the
object code, SHA-256 of all that follows the checksum and of all that precedes it; then the
metadata as JSON, then the object code. Invariant: `decode_entry` returns exactly what
`encode_entry` was given under the same key, or raises.
"""

import hashlib
import json
import struct
from collections.abc import Mapping
from dataclasses import field

from lltheano_ir.records import record

__all__ = ["CacheEntry", "DamagedEntryError", "content_key", "decode_entry", "encode_entry"]

_MAGIC = b"LLTHOBJ\n"
_VERSION = 1
_FIELDS = struct.Struct("<8sI32sQQ")
_CHECKSUM_BYTES = 32
_HEADER_BYTES = _FIELDS.size + _CHECKSUM_BYTES


class DamagedEntryError(ValueError):
    """The bytes are not the entry that was asked for."""


@record(frozen=True)
class CacheEntry:
    """Object code, and named texts that its user wants beside it."""

    object_code: bytes
    metadata: Mapping[str, str] = field(default_factory=dict)


def content_key(*parts: str) -> str:
    """A key that differs whenever any part does: 64 hexadecimal digits.

    >>> content_key("ab", "c") == content_key("a", "bc")
    False
    """
    digest = hashlib.sha256(struct.pack("<I", _VERSION))
    for part in parts:
        data = part.encode()
        digest.update(struct.pack("<Q", len(data)))
        digest.update(data)
    return digest.hexdigest()


def encode_entry(key: str, entry: CacheEntry) -> bytes:
    """The bytes to keep for an entry under a key."""
    metadata = json.dumps(dict(entry.metadata), sort_keys=True).encode()
    fields = _FIELDS.pack(
        _MAGIC, _VERSION, bytes.fromhex(key), len(metadata), len(entry.object_code)
    )
    return b"".join(
        (fields, _checksum(fields, metadata, entry.object_code), metadata, entry.object_code)
    )


def decode_entry(key: str, data: bytes) -> CacheEntry:
    """The entry that the bytes hold.

    Raises
    ------
    DamagedEntryError
        The bytes are cut short, changed, of another format or of another key.

    >>> entry = CacheEntry(b"code", {"note": "mine"})
    >>> decode_entry(content_key("x"), encode_entry(content_key("x"), entry)) == entry
    True
    """
    if len(data) < _HEADER_BYTES:
        raise DamagedEntryError("shorter than its header")
    magic, version, digest, metadata_bytes, code_bytes = _FIELDS.unpack_from(data)
    if (magic, version, digest) != (_MAGIC, _VERSION, bytes.fromhex(key)):
        raise DamagedEntryError("another format, version or key")
    if len(data) != _HEADER_BYTES + metadata_bytes + code_bytes:
        raise DamagedEntryError("another length than its header says")
    metadata = data[_HEADER_BYTES : _HEADER_BYTES + metadata_bytes]
    code = data[_HEADER_BYTES + metadata_bytes :]
    checksum = data[_FIELDS.size : _HEADER_BYTES]
    if checksum != _checksum(data[: _FIELDS.size], metadata, code):
        raise DamagedEntryError("its checksum does not fit")
    return CacheEntry(code, json.loads(metadata))


def _checksum(fields: bytes, metadata: bytes, code: bytes) -> bytes:
    digest = hashlib.sha256(fields)
    digest.update(metadata)
    digest.update(code)
    return digest.digest()
