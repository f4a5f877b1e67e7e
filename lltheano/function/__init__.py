"""Compiled functions: `function` makes one; `In` and `Out` say more about what goes in and out."""

from typing import TYPE_CHECKING

from lltheano import lazy
from lltheano.function.build import function
from lltheano.function.callables.callable import Function
from lltheano.function.modes.mode import Mode, get_default_mode, get_mode, register_mode
from lltheano.function.modes.passes import PassQuery, register_optimizer
from lltheano.function.requests.inputs import In, Out, Param

if TYPE_CHECKING:
    from lltheano.function.debugging.debug_mode import DebugMode
    from lltheano.function.debugging.monitor import MonitorMode, detect_nan
    from lltheano.function.debugging.nan_guard import NanGuardMode
    from lltheano.function.debugging.test_values import get_test_value
    from lltheano.function.rebuild import rebuild_collect_shared

__all__ = [
    "DebugMode",
    "Function",
    "In",
    "Mode",
    "MonitorMode",
    "NanGuardMode",
    "Out",
    "Param",
    "PassQuery",
    "detect_nan",
    "function",
    "get_default_mode",
    "get_mode",
    "get_test_value",
    "rebuild_collect_shared",
    "register_mode",
    "register_optimizer",
]

LAZY: dict[str, str] = {
    **dict.fromkeys(("DebugMode",), "lltheano.function.debugging.debug_mode"),
    **dict.fromkeys(("MonitorMode", "detect_nan"), "lltheano.function.debugging.monitor"),
    "NanGuardMode": "lltheano.function.debugging.nan_guard",
    **dict.fromkeys(("get_test_value",), "lltheano.function.debugging.test_values"),
    "rebuild_collect_shared": "lltheano.function.rebuild",
}
"""What few programs use, with the module that has it; it is imported when it is asked for."""

if not TYPE_CHECKING:
    # Type checkers see plain imports, above; `__getattr__` would hide misspelled names from them.
    __getattr__, __dir__ = lazy.attributes(__name__, LAZY)
