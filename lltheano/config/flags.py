"""The flags that mean something here."""

from lltheano.config.flag import Flag, boolean, integer, number, one_of, text
from lltheano_ir.native.object_cache import cache_folder

__all__ = ["MEANINGFUL_FLAGS"]


def _compiled_code() -> str:
    """The folder where compiled code is kept; empty when none is."""
    return str(cache_folder() or "")


_TYPES = (
    Flag(
        "floatX",
        "float64",
        one_of("float64", "float32", "float16"),
        "dtype of floats where none is named",
    ),
    Flag(
        "cast_policy",
        "custom",
        one_of("custom", "numpy+floatX"),
        "how Python numbers are typed: the least dtype that holds them, or int64 and floatX",
    ),
    Flag(
        "autocast_float",
        "smallest",
        one_of("smallest", "floatX", "float16", "float32", "float64"),
        "dtype of Python floats: the least of float32 and float64 that holds them exactly, or this",
    ),
    Flag(
        "variables_as_values",
        "raise",
        one_of("raise", "object"),
        "what ==, !=, if and NumPy's arrays do with a variable where a value is meant: an error, or"
        " take it for an object",
    ),
    Flag(
        "warn_float64",
        "ignore",
        one_of("ignore", "warn", "raise", "pdb"),
        "what to do when a float64 variable is made: nothing, warn, an error, or the debugger",
    ),
)

_FUNCTIONS = (
    Flag("device", "cpu", one_of("cpu"), "the device that computes", mutable=False),
    Flag(
        "on_unused_input",
        "raise",
        one_of("raise", "warn", "ignore"),
        "what function() does about an input that no result needs",
    ),
    Flag(
        "allow_input_downcast",
        "None",
        one_of("None", "True", "False"),
        "whether arguments may lose precision where function() does not say",
    ),
    Flag(
        "exception_verbosity",
        "low",
        one_of("low", "high"),
        "whether the error of a call that fails shows the function's graph and its arguments too",
    ),
    Flag(
        "compute_test_value",
        "off",
        one_of("off", "ignore", "warn", "raise", "pdb"),
        "whether values are computed as the graph is built, from tag.test_value, and what happens"
        " where one is missing",
    ),
    Flag(
        "print_test_value",
        False,
        boolean,
        "whether the repr of a variable shows its test value",
    ),
    Flag("mode", "Mode", text, "the mode of functions that name none; Mode is made of the next"),
    Flag(
        "optimizer",
        "o4",
        one_of("o4", "o3", "o2", "o1", "unsafe", "fast_run", "fast_compile", "merge", "None"),
        "which passes the compiler runs: merge merges equal expressions, None runs none of those"
        " that can be left out, all others run all",
    ),
    Flag("optimizer_including", "", text, "tags of passes to run too, with colons between them"),
    Flag("optimizer_excluding", "", text, "tags of passes to leave out, with colons between them"),
    Flag("optimizer_requiring", "", text, "tags that all passes must have, with colons between"),
)

_CHECKS = (
    Flag(
        "verify_passes",
        False,
        boolean,
        "whether programs are verified after each pass of the compiler, not only after the last",
    ),
    Flag(
        "DebugMode.check_finite",
        True,
        boolean,
        "whether DebugMode refuses NaN and infinities",
    ),
    Flag(
        "traceback.limit",
        8,
        integer(least=0),
        "how many calls `variable.tag.trace` tells of",
    ),
    Flag(
        "unittests.rseed",
        "666",
        text,
        "the seed that test suites of programs take; a number, or random",
    ),
    Flag(
        "on_opt_error",
        "warn",
        one_of("warn", "raise", "pdb", "ignore"),
        "what happens when an optimiser that the program has registered fails",
    ),
    Flag(
        "check_stack_trace",
        "off",
        one_of("off", "log", "warn", "raise"),
        "what CheckStackTraceFeature does about a variable that does not know its line",
    ),
    Flag(
        "optdb.position_cutoff",
        float("inf"),
        number,
        "registered optimisers at this position, or after it, are left out",
    ),
    Flag(
        "optdb.max_use_ratio",
        8.0,
        number,
        "how often EquilibriumOptimizer applies a rule, for each application in the graph",
    ),
    Flag("NanGuardMode.nan_is_error", True, boolean, "whether NanGuardMode refuses NaN"),
    Flag("NanGuardMode.inf_is_error", True, boolean, "whether NanGuardMode refuses infinities"),
    Flag(
        "NanGuardMode.big_is_error",
        True,
        boolean,
        "whether NanGuardMode refuses values beyond 1e10",
    ),
)

_PROFILES = (
    Flag("profile", False, boolean, "whether functions that do not say have a profile"),
    Flag("profile_memory", False, boolean, "whether summaries of profiles list memory too"),
    Flag(
        "profile_optimizer",
        False,
        boolean,
        "whether summaries of profiles list each step of compiling",
    ),
    Flag(
        "profiling.ignore_first_call",
        False,
        boolean,
        "whether the first call with a profile is not counted",
    ),
    Flag(
        "profiling.n_apply",
        20,
        integer(least=1),
        "how many loops and calls a summary lists at most",
    ),
    Flag("profiling.n_ops", 20, integer(least=1), "how many ops and lines a summary lists at most"),
    Flag("profiling.output_line_width", 512, integer(least=1), "how wide a summary is at most"),
    Flag(
        "profiling.min_memory_size",
        1024,
        integer(least=0),
        "bytes, below which a summary does not list memory",
    ),
    Flag(
        "profiling.destination",
        "stderr",
        text,
        "where profiles are printed when the process ends: stderr, stdout, or a file",
    ),
    Flag(
        "perf_map",
        False,
        boolean,
        "whether compiled code is named for `perf`, in /tmp/perf-PID.map",
    ),
)

_FOLDERS = (
    Flag(
        "compiledir",
        _compiled_code,
        text,
        "where compiled code is kept, for reading; LLTHEANO_CACHE_DIR sets it",
        mutable=False,
    ),
    Flag(
        "base_compiledir",
        _compiled_code,
        text,
        "the same folder: code for all machines and versions lies in one",
        mutable=False,
    ),
)

MEANINGFUL_FLAGS = (*_TYPES, *_FUNCTIONS, *_CHECKS, *_PROFILES, *_FOLDERS)
