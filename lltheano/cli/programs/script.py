"""Running a user's script and finding the compiled functions that it made.

The script runs as `python FILE.py` would run it: as `__main__`, with its own `sys.argv` and its
folder first on `sys.path`. What it prints goes to standard error, so that standard output holds
nothing but the result. A script that fails still shows the functions that it had made by then:
they may be what one wants to look at.
"""

import os
import sys
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout, suppress
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from lltheano.cli.errors import CommandError, file_error
from lltheano.function import Function
from lltheano.function.callables.watchers import watching

__all__ = ["Found", "ScriptRun", "run_script", "split_target"]


@dataclass(frozen=True, slots=True)
class Found:
    """A compiled function, and what the script calls it."""

    name: str
    function: Function


@dataclass(frozen=True, slots=True)
class ScriptRun:
    """What a script left: its functions in the order in which they were made; whether it failed."""

    path: str
    functions: tuple[Found, ...]
    failed: bool

    def select(self, name: str | None) -> tuple[Found, ...]:
        """All functions, or those of a name; CommandError when there is none."""
        if not self.functions:
            raise CommandError(f"{self.path} made no compiled function")
        if name is None:
            return self.functions
        chosen = tuple(
            function
            for function in self.functions
            if name in (function.name, function.function.name)
        )
        if not chosen:
            known = ", ".join(function.name for function in self.functions)
            raise CommandError(f"{self.path} has no function {name!r}; it has {known}")
        return chosen


def split_target(target: str) -> tuple[str, str | None]:
    """`FILE.py:name` in its two parts; a colon that is part of an existing file's name stays.

    >>> split_target("train.py:step"), split_target("train.py")
    (('train.py', 'step'), ('train.py', None))
    """
    path, colon, name = target.rpartition(":")
    if not colon or not path or Path(target).exists():
        return target, None
    return path, name or None


def run_script(path: str, arguments: Sequence[str] = ()) -> ScriptRun:
    """Run a script to its end and return its functions; CommandError when it cannot be read.

    A traceback, or an exit status other than 0, is reported on standard error and noted.
    """
    try:
        code = compile(Path(path).read_bytes(), path, "exec")
    except OSError as error:
        raise file_error("read", path, error) from None
    except (SyntaxError, ValueError) as error:
        summary = "".join(traceback.format_exception_only(error)).rstrip()
        raise CommandError(f"{path} is no Python program\n{summary}") from None
    main = ModuleType("__main__")
    main.__file__ = path
    results: list[Function] = []
    with _as_main(main, [path, *arguments]), _output_to_standard_error(), watching(results.append):
        failed = _execute(code, main)
    return ScriptRun(path, tuple(_named(results, vars(main))), failed)


def _execute(code: Any, main: ModuleType) -> bool:
    """Run the code in its module; whether it failed."""
    try:
        exec(code, vars(main))
    except SystemExit as stop:
        if stop.code in (None, 0):
            return False
        sys.stderr.write(f"lltheano: the script exited with {stop.code!r}\n")
    except Exception as error:  # noqa: BLE001 - whatever the user's script may raise
        trace = error.__traceback__  # its first frame is this function's
        traceback.print_exception(type(error), error, trace and trace.tb_next)
    else:
        return False
    return True


@contextmanager
def _as_main(main: ModuleType, arguments: list[str]) -> Iterator[None]:
    """Let a module be `__main__`, with its arguments and its folder, and undo that after."""
    saved = sys.modules.get("__main__"), sys.argv, list(sys.path)
    sys.modules["__main__"], sys.argv = main, arguments
    sys.path.insert(0, str(Path(arguments[0]).resolve().parent))
    try:
        yield
    finally:
        sys.argv, sys.path[:] = saved[1], saved[2]
        if saved[0] is not None:
            sys.modules["__main__"] = saved[0]


@contextmanager
def _output_to_standard_error() -> Iterator[None]:
    """Send what Python code prints, and what its child processes print, to standard error."""
    sys.stdout.flush()
    with redirect_stdout(sys.stderr), _descriptor_to_standard_error():
        yield


@contextmanager
def _descriptor_to_standard_error() -> Iterator[None]:
    kept = None
    with suppress(OSError):
        kept = os.dup(1)
        os.dup2(2, 1)
    try:
        yield
    finally:
        if kept is not None:
            os.dup2(kept, 1)
            os.close(kept)


def _named(functions: Sequence[Function], module: Mapping[str, Any]) -> Iterator[Found]:
    """Call each function by where the module holds it, else by its own name or line."""
    held: dict[int, str] = {}
    for name, value in _reachable(module):
        held.setdefault(id(value), name)
    for function in functions:
        yield Found(held.get(id(function), function.name), function)


def _reachable(module: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The variables of a module, then the attributes and items of those, by their expressions."""
    yield from module.items()
    for name, value in list(module.items()):
        if isinstance(value, dict):
            yield from ((f"{name}[{key!r}]", item) for key, item in value.items())
        elif isinstance(value, list | tuple):
            yield from ((f"{name}[{index}]", item) for index, item in enumerate(value))
        elif not isinstance(value, ModuleType | type):
            attributes = getattr(value, "__dict__", {})
            yield from ((f"{name}.{key}", item) for key, item in attributes.items())
