"""A program with inputs on which to run it, and how such a case is kept in files."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from fuzz.host import HOST
from fuzz.layouts import strided
from lltheano_ir.program import Program
from lltheano_ir.text import format_program, parse_program

__all__ = ["Case"]

Array: TypeAlias = NDArray[Any]


@dataclass(frozen=True)
class Case:
    """A program and one array for each of its parameters.

    `variant` chooses between ways to run it: how `relaid` lays the inputs out, the vector width.
    """

    program: Program
    inputs: tuple[Array, ...]
    variant: int = 0

    def relaid(self) -> tuple[Array, ...]:
        """The same inputs as views: reversed, of every other element, transposed, read-only."""
        return tuple(
            strided(one, self.variant + position) for position, one in enumerate(self.inputs)
        )

    def save(self, path: Path, head: str) -> None:
        """Write `path` (the program's text under the comment `head`) and its inputs beside it."""
        comment = "".join(f"; {line}\n" for line in head.splitlines())
        path.write_text(f"{comment}; variant {self.variant}\n{format_program(self.program)}")
        arrays = {f"input{i:02}": one for i, one in enumerate(self.inputs)}
        np.savez(path.with_suffix(".npz"), allow_pickle=False, **arrays)

    @classmethod
    def load(cls, path: Path) -> "Case":
        """Read what `save` wrote."""
        text = path.read_text()
        (variant,) = [line for line in text.splitlines() if line.startswith("; variant ")]
        with np.load(path.with_suffix(".npz")) as stored:
            inputs = tuple(stored[name] for name in sorted(stored.files))
        program = replace(parse_program(text), host=HOST)
        return cls(program, inputs, int(variant.split()[-1]))
