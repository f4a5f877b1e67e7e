"""Reading arrays from files while a compiled function runs."""

from collections.abc import Iterable, Sequence
from os import PathLike, fspath
from typing import Any

import numpy as np

from lltheano.graph import Apply, Generic, Op, Variable
from lltheano.tensor.variables.promotion import canonical_dtype
from lltheano.tensor.variables.variable import TensorType

__all__ = ["LoadFromDisk", "load"]


class LoadFromDisk(Op):
    """The array in a file of NumPy's format, `.npy`.

    Its operand is the path, a text or a variable of type `Generic`. The file is read at each call
    of the function. What the operating system raises reaches the caller; a file of another dtype or
    rank is a TypeError, a size other than 1 on a broadcastable axis a ValueError. Files that hold
    Python objects are refused: reading one could run anything.

    Parameters
    ----------
    dtype, broadcastable
        Of the array; checked when the file is read.
    mmap_mode
        None reads the file, "c" maps it into memory; either way all of it is used.
    """

    __props__ = ("dtype", "broadcastable", "mmap_mode")

    def __init__(
        self, dtype: Any, broadcastable: Iterable[Any], mmap_mode: str | None = None
    ) -> None:
        if mmap_mode not in (None, "c"):
            raise ValueError(f"mmap_mode must be None or 'c', got {mmap_mode!r}")
        self.dtype = canonical_dtype(dtype)
        self.broadcastable = tuple(bool(is_broadcastable) for is_broadcastable in broadcastable)
        self.mmap_mode: Any = mmap_mode

    def make_node(self, path: Any) -> Apply:
        """A path, or a variable that stands for one."""
        if not isinstance(path, Variable):
            if not isinstance(path, str | PathLike):
                raise TypeError(f"a path is a text, got {path!r:.80}")
            path = Generic().make_constant(fspath(path))
        elif not isinstance(path.type, Generic):
            raise TypeError(f"a path is of type Generic, got {path.describe()}")
        return Apply(self, [path], [TensorType(self.dtype, self.broadcastable)()])

    def perform(
        self, node: Apply, inputs: Sequence[Any], output_storage: Sequence[list[Any]]
    ) -> None:
        """Read the file."""
        found: Any = np.load(inputs[0], mmap_mode=self.mmap_mode, allow_pickle=False)
        if not isinstance(found, np.ndarray):
            found.close()
            raise TypeError(f"{inputs[0]} is an archive of arrays; load takes a file with one")
        wanted = f"{self.dtype} with {len(self.broadcastable)} axes"
        if found.dtype.newbyteorder("=") != np.dtype(self.dtype):
            raise TypeError(f"{inputs[0]} holds {found.dtype}, not {wanted}")
        if found.ndim != len(self.broadcastable):
            raise TypeError(f"{inputs[0]} holds an array of shape {found.shape}, not {wanted}")
        output_storage[0][0] = found

    def __str__(self) -> str:
        mode = "" if self.mmap_mode is None else f", mmap_mode={self.mmap_mode!r}"
        return f"Load{{dtype: {self.dtype}, broadcastable: {self.broadcastable}{mode}}}"


def load(path: Any, dtype: Any, broadcastable: Iterable[Any], mmap_mode: str | None = None) -> Any:
    """Return the array in a `.npy` file, read when the function is called.

    See `LoadFromDisk` for the errors.

    Parameters
    ----------
    path
        Of the file: a text, or a variable of type `Generic`.
    dtype, broadcastable
        Of the array.
    mmap_mode
        None reads the file, "c" maps it into memory.

    Examples
    --------
    >>> import numpy as np
    >>> import tempfile, os
    >>> path = os.path.join(tempfile.mkdtemp(), "x.npy")
    >>> np.save(path, np.arange(3.0))
    >>> (load(path, "float64", (False,)) * 2).eval()
    array([0., 2., 4.])
    """
    return LoadFromDisk(dtype, broadcastable, mmap_mode)(path)
