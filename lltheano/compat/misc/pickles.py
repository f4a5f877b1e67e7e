"""The smaller functions of `theano.misc.pkl_utils`."""

import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

__all__ = ["load_reduce", "zipadd"]


def zipadd(func: Callable[[IO[bytes]], Any], zip_file: zipfile.ZipFile, name: str) -> None:
    """Write a member of an archive: what `func` writes into the file that it is given.

    >>> import io
    >>> archive = io.BytesIO()
    >>> with zipfile.ZipFile(archive, "w") as opened:
    ...     zipadd(lambda file: file.write(b"text"), opened, "a")
    >>> zipfile.ZipFile(archive).read("a")
    b'text'
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "member"
        with path.open("wb") as file:
            func(file)
        zip_file.write(path, arcname=name)


def load_reduce(self: Any) -> None:
    """Do what an unpickler does for the opcode REDUCE: call what lies below the arguments.

    It is for classes that derive from `pickle._Unpickler`.

    >>> class Stack:
    ...     stack = [int, ("7",)]
    >>> load_reduce(Stack)
    >>> Stack.stack
    [7]
    """
    arguments = self.stack.pop()
    self.stack[-1] = self.stack[-1](*arguments)
