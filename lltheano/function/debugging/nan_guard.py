"""`NanGuardMode`: functions that stop where a NaN, an infinity or a huge number first appears."""

from typing import Any

from lltheano.config import config
from lltheano.function.modes.mode import Mode
from lltheano_ir.passes.guard import Guard, guard
from lltheano_ir.passes.pipeline import optimise
from lltheano_ir.program import Program

__all__ = ["NanGuardMode"]

_BIG = 1e10


class NanGuardMode(Mode):
    """A mode whose functions raise AssertionError where a floating value is not an ordinary number.

    What is checked, in native code, is every floating value that the compiled function computes or
    is given, in the steps of a scan too, after the passes of the compiler; the error names the
    variable or the op, and the user's line. What passes have removed, such as a `log(exp(x))`, is
    not computed, and so not checked. Constants are not checked. A call that raises has changed
    nothing.

    Parameters
    ----------
    nan_is_error
        Whether a NaN is an error; None is `config.NanGuardMode.nan_is_error`.
    inf_is_error
        Whether an infinity is one.
    big_is_error
        Whether a number of a magnitude above 1e10 is one.
    optimizer, linker
        Those of `Mode`.

    Examples
    --------
    >>> import lltheano.tensor as T
    >>> from lltheano import function
    >>> x = T.dvector("x")
    >>> safe = function([x], T.sqrt(x) + 1, mode=NanGuardMode())
    >>> safe([4.0, 9.0])
    array([3., 4.])
    >>> safe([-4.0])  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    AssertionError: ...: NaN in a result of sqrt...
    """

    def __init__(
        self,
        nan_is_error: bool | None = None,
        inf_is_error: bool | None = None,
        big_is_error: bool | None = None,
        optimizer: Any = "default",
        linker: str | None = None,
    ) -> None:
        super().__init__(linker, optimizer)
        flags = config.NanGuardMode
        self.nan_is_error = flags.nan_is_error if nan_is_error is None else bool(nan_is_error)
        self.inf_is_error = flags.inf_is_error if inf_is_error is None else bool(inf_is_error)
        self.big_is_error = flags.big_is_error if big_is_error is None else bool(big_is_error)

    def prepare(self, program: Program) -> Program:
        """Return the program after its passes, with the checks put in."""
        simplified = optimise(program, without={*self.left_out, "fuse"})
        wanted = Guard(self.nan_is_error, self.inf_is_error, _BIG if self.big_is_error else None)
        return guard(simplified, wanted)
