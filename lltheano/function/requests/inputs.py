"""What a person says about one input or output of a function: `In`, `Out` and the older `Param`.

These are plain records. They check what can be known from their own fields; `function` checks the
rest, once it sees them together.
"""

import warnings

from lltheano.graph import Constant, Variable
from lltheano.shared import CONTAINERS, SharedVariable

__all__ = ["In", "Out", "Param"]


class In:
    """One input of a function: a variable, and how the function takes a value for it.

    Parameters
    ----------
    variable
        The symbolic variable that the argument stands for.
    name
        The keyword by which a caller may pass the argument; None is the variable's own name.
    value
        The default, used when a call passes nothing. The function keeps it: `f[variable]` reads and
        replaces it. The container of another function's input, `g.container[x]`, lets both
        functions keep one value. A container or a shared variable here makes the input implicit:
        callers cannot pass a value.
    update
        The value that the input takes after each call, kept in the function until the next one. It
        must have the variable's own type.
    mutable
        The function may overwrite the array that a caller passes. Implies `borrow`. It is a
        permission, of which no use is made: results come from the pool, where memory costs less
        than it would to find out whether an array of the caller's will do.
    borrow
        An output may share memory with the array that a caller passes; a permission too.
    strict
        Take an array of exactly the right dtype and nothing else.
    allow_downcast
        True converts whatever the cost in precision, False never loses any, None also takes a
        Python float for `floatX`.
    autoname
        Whether the variable's name serves where `name` is None.
    implicit
        True when callers cannot pass a value. None follows from `value`; False lets them pass one
        in the place of what a container holds, which then keeps it.
    shared
        Kept for Theano's signature; True means the same as `implicit`.

    Examples
    --------
    >>> import lltheano.tensor as T
    >>> In(T.dscalar("x"), value=1.0)
    In(x, value=1.0)
    """

    def __init__(  # noqa: PLR0913, PLR0917 - Theano's signature
        self,
        variable: Variable,
        name: str | None = None,
        value: object = None,
        update: Variable | None = None,
        mutable: bool | None = None,
        strict: bool = False,
        allow_downcast: bool | None = None,
        autoname: bool = True,
        implicit: bool | None = None,
        borrow: bool | None = None,
        shared: bool = False,
    ) -> None:
        check_input_variable(variable, "In")
        if mutable and borrow is False:
            warnings.warn(
                f"In({variable}, mutable=True, borrow=False): an input that may be overwritten is"
                " one that may be shared; borrow=True is assumed",
                stacklevel=2,
            )
        if isinstance(update, Variable) and update.type != variable.type:
            raise TypeError(
                f"In({variable}, update=...): the update must have the type of the variable,"
                f" {variable.type!r}; got {update.describe()}"
            )
        self.variable = variable
        self.name = _input_name(variable, name, autoname=autoname)
        self.value = value
        self.update = update
        self.mutable = update is not None if mutable is None else bool(mutable)
        self.borrow = self.mutable or bool(borrow)
        self.strict = strict
        self.allow_downcast = allow_downcast
        self.autoname = autoname
        held = isinstance(value, CONTAINERS) and implicit is None
        self.implicit = shared or bool(implicit) or held or isinstance(value, SharedVariable)
        self.shared = shared
        if self.implicit and value is None:
            raise TypeError(f"In({variable}, implicit=True) needs a value: callers cannot pass one")

    def __repr__(self) -> str:
        fields = [str(self.variable)]
        if self.value is not None:
            fields.append(f"value={self.value!r}")
        if self.update is not None:
            fields.append(f"update={self.update}")
        fields += [f"{flag}=True" for flag in ("mutable", "strict") if getattr(self, flag)]
        return f"In({', '.join(fields)})"


class Out:
    """One output of a function.

    Parameters
    ----------
    variable
        The symbolic variable to compute.
    borrow
        The caller accepts an array that the function may hand out again or share with its own
        storage. Without it the array belongs to the caller alone.

    Examples
    --------
    >>> import lltheano.tensor as T
    >>> Out(T.dscalar("x"), borrow=True)
    Out(x, borrow=True)
    """

    def __init__(self, variable: Variable, borrow: bool = False) -> None:
        self.variable = variable
        self.borrow = borrow

    def __repr__(self) -> str:
        return f"Out({self.variable}{', borrow=True' if self.borrow else ''})"


def Param(  # noqa: N802 - Theano's name and signature
    variable: Variable,
    default: object = None,
    name: str | None = None,
    mutable: bool = False,
    strict: bool = False,
    allow_downcast: bool | None = None,
    implicit: bool | None = None,
    borrow: bool | None = None,
) -> In:
    """Return the `In` that Theano's older programs call `Param`; `default` is its `value`.

    >>> import lltheano.tensor as T
    >>> Param(T.dscalar("x"), default=2.0)
    In(x, value=2.0)
    """
    return In(
        variable,
        name=name,
        value=default,
        mutable=mutable,
        strict=strict,
        allow_downcast=allow_downcast,
        implicit=implicit,
        borrow=borrow,
    )


def check_input_variable(variable: object, where: str) -> None:
    """Raise TypeError unless `variable` is a symbolic variable that a caller can give a value."""
    if isinstance(variable, Constant):
        raise TypeError(f"{where}: {variable} is a constant, and callers cannot give it a value")
    if not isinstance(variable, Variable):
        raise TypeError(
            f"{where}: an input must be a symbolic variable, such as T.dmatrix('x');"
            f" got {type(variable).__name__}"
        )


def _input_name(variable: Variable, name: object, *, autoname: bool) -> str | None:
    if name is None:
        return variable.name if autoname else None
    if not isinstance(name, str):
        raise TypeError(f"In({variable}): name must be a string; got {type(name).__name__}")
    return name
