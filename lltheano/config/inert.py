"""The flags of Theano's that change nothing here, by the reason.

Programs set them, so they are known, checked and can be read back. What they would switch does not
exist here, or cannot be switched.
"""

from lltheano.config.flag import Convert, Flag, boolean, integer, number, one_of, text

__all__ = ["INERT_FLAGS"]

_Entry = tuple[str, object, Convert]

_WARNED = one_of("None", "ignore", "warn", "raise", "call", "print", "log")
_TESTED = one_of("off", "ignore", "warn", "raise", "pdb")
_VERSIONS = one_of(
    *("None", "all", "0.3", "0.4", "0.4.1", "0.5", "0.6", "0.7", "0.8", "0.8.1", "0.8.2", "0.9"),
    *("0.10", "1.0", "1.0.1", "1.0.2", "1.0.3", "1.0.4", "1.0.5"),
)


def _text(*names: str) -> list[_Entry]:
    return [(name, "", text) for name in names]


def _off(*names: str) -> list[_Entry]:
    return [(name, False, boolean) for name in names]


def _on(*names: str) -> list[_Entry]:
    return [(name, True, boolean) for name in names]


_REASONS: dict[str, list[_Entry]] = {
    "functions are compiled through LLVM, not by a C compiler": [
        *_text("cxx", "gcc.cxxflags", "compiledir_format"),
        *_off(
            *("nocleanup", "lib.amdlibm", "cmodule.debug", "cmodule.compilation_warning"),
            *("cmodule.remove_gxx_opt", "cmodule.warn_no_version", "cmodule.preload_cache"),
        ),
        ("cmodule.mac_framework_link", False, boolean),
        ("cmodule.age_thresh_use", 60 * 60 * 24 * 24, integer()),
        ("compile.wait", 5, integer(least=1)),
        ("compile.timeout", 120, integer(least=0)),
        (
            "linker",
            "cvm",
            one_of("cvm", "c|py", "py", "c", "c|py_nogc", "vm", "vm_nogc", "cvm_nogc"),
        ),
        *_text("ctc.root"),
    ],
    "BLAS and LAPACK are SciPy's": [*_text("blas.ldflags"), *_on("blas.check_openmp")],
    "programs run on the processor": [
        *_text("init_gpu_device", "contexts", "magma.library_path", "magma.include_path"),
        *_text("dnn.library_path", "dnn.include_path", "dnn.bin_path", "dnn.base_path"),
        *_text("dnn.conv.workmem", "dnn.conv.workmem_bwd", "dnn.conv.algo_bwd", "cuda.root"),
        *_off("force_device", "magma.enabled", "pycuda.init", "gpuelemwise.sync"),
        *_on("print_active_device"),
        ("dnn.enabled", "auto", one_of("auto", "True", "False", "no_check")),
        ("dnn.conv.algo_fwd", "small", text),
        ("dnn.conv.algo_bwd_data", "none", text),
        ("dnn.conv.algo_bwd_filter", "none", text),
        ("dnn.conv.precision", "as_input_f32", text),
        ("gpuarray.preallocate", 0.0, number),
        ("gpuarray.sched", "default", text),
        ("gpuarray.single_stream", True, boolean),
        ("gpuarray.cache_path", "", text),
        ("assert_no_cpu_op", "ignore", one_of("ignore", "warn", "raise", "pdb")),
    ],
    "temporaries go back to a pool that all functions share": [
        *_on("allow_gc", "scan.allow_output_prealloc"),
        *_off("scan.allow_gc"),
    ],
    "loops are threaded by LLTHEANO_NUM_THREADS, not by OpenMP": [
        *_off("openmp"),
        ("openmp_elemwise_minsize", 200000, integer(least=0)),
    ],
    "a profile times what is compiled together, and says what memory that takes": [
        *_off("profiling.min_peak_memory", "profiling.debugprint"),
        *_on("profiling.time_thunks"),
    ],
    "the compiler's passes do not fail, and are watched with `lltheano dump`": [
        *_off("optimizer_verbose"),
        ("on_shape_error", "warn", one_of("warn", "raise")),
        ("compute_test_value_opt", "off", _TESTED),
        ("cycle_detection", "regular", one_of("regular", "fast")),
        ("metaopt.verbose", 0, integer()),
        *_text("metaopt.optimizer_including", "metaopt.optimizer_excluding"),
        ("tensor.insert_inplace_optimizer_validate_nb", -1, integer(least=-1)),
        *_on("tensor.local_elemwise_fusion", "experimental.local_alloc_elemwise"),
        *_on("experimental.local_alloc_elemwise_assert", "check_input"),
        *_off("scan.debug", "conv.assert_shape", "unittests.use_gpu", "experimental.unpickle_gpu"),
    ],
    "what passes make comes from the line of what they make it of": [
        ("traceback.compile_limit", 0, integer()),
    ],
    "a call runs one native program, whole": [*_off("vm.lazy")],
    "tolerances are given where values are compared": [
        ("tensor.cmp_sloppy", 0, integer(least=0)),
    ],
    "rewriting does not take long enough to be cached": [*_off("cache_optimizations")],
    "results do not depend on the number of threads, nor on when they are computed": [
        ("deterministic", "default", one_of("default", "more")),
    ],
    "`/` is true division in Python 3, for integers too": [
        ("int_division", "int", one_of("int", "raise", "floatX")),
    ],
    "a pickled function is a graph, which is compiled anew, or found in the cache": [
        *_off("reoptimize_unpickled_function"),
        *_on("unpickle_function", "pickle_test_value"),
    ],
    "compiled code follows IEEE 754 and raises no warnings": [
        ("numpy.seterr_all", "ignore", _WARNED),
        *[
            (f"numpy.seterr_{one}", "None", _WARNED)
            for one in ("divide", "over", "under", "invalid")
        ],
    ],
    "Theano's old faults are not here": [
        ("warn.ignore_bug_before", "0.9", _VERSIONS),
        *_off(
            *("warn.argmax_pushdown_bug", "warn.gpusum_01_011_0111_bug", "warn.sum_sum_bug"),
            *("warn.sum_div_dimshuffle_bug", "warn.subtensor_merge_bug", "warn.vm_gc_bug"),
            *("warn.gpu_set_subtensor1", "warn.signal_conv2d_interface", "warn.reduce_join"),
            *("warn.inc_set_subtensor1", "warn.inc_subtensor1_opt", "warn.round"),
        ),
    ],
    "DebugMode compares every call with the reference, in one way": [
        ("DebugMode.patience", 1, integer(least=1)),
        *_on("DebugMode.check_c", "DebugMode.check_py"),
        *_on("DebugMode.warn_input_not_reused"),
        ("DebugMode.check_strides", 0, integer()),
        ("DebugMode.check_preallocated_output", "", text),
        ("DebugMode.check_preallocated_output_ndim", 4, integer(least=1)),
    ],
}

INERT_FLAGS = tuple(
    Flag(name, default, convert, "Theano's", inert=reason)
    for reason, entries in _REASONS.items()
    for name, default, convert in entries
)
