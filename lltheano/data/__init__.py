"""The data set that `lltheano demo` learns from: 1,797 handwritten digits.

The file is shipped unchanged beside this module; its source, authors and licence stand in
`README.md` next to it. It is checked against a known digest each time it is read, so a truncated or
edited installation is an error with a name instead of a puzzling test error rate.
"""

import gzip
import hashlib
import io
from importlib import resources
from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = ["DamagedDataError", "load_optdigits"]

FILE: Final = "optdigits.csv.gz"
SHA256: Final = "09f66e6debdee2cd2b5ae59e0d6abbb73fc2b0e0185d2e1957e9ebb51e23aa22"


class DamagedDataError(RuntimeError):
    """The installed data file is not the one that this version of LLTheano was released with."""


def load_optdigits() -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """Read the digits: images of 8 by 8 counts from 0 to 16, row by row, and the digit of each.

    The order is the file's own; neighbouring rows often come from the same writer, so shuffle
    before splitting.

    Returns
    -------
    tuple
        The images, `uint8[1797, 64]`, and the labels, `uint8[1797]`; both are the caller's own.

    Raises
    ------
    DamagedDataError
        The installed file's SHA-256 digest is not the released one.

    Examples
    --------
    >>> images, labels = load_optdigits()
    >>> images.shape, int(images.max()), labels[:5]
    ((1797, 64), 16, array([0, 1, 2, 3, 4], dtype=uint8))
    """
    packed = (resources.files(__name__) / FILE).read_bytes()
    return parse_optdigits(verified(packed))


def verified(packed: bytes) -> bytes:
    """Pass `packed` on if it is the released file, byte for byte."""
    digest = hashlib.sha256(packed).hexdigest()
    if digest != SHA256:
        raise DamagedDataError(
            f"{FILE} in {__name__} has SHA-256 {digest}, but the released file has {SHA256}; "
            "install lltheano again"
        )
    return packed


def parse_optdigits(packed: bytes) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """Split the gzipped table, one image a line and its digit last, into images and labels."""
    text = io.BytesIO(gzip.decompress(packed))
    table = np.loadtxt(text, delimiter=",", dtype=np.uint8)
    return np.ascontiguousarray(table[:, :-1]), table[:, -1].copy()
