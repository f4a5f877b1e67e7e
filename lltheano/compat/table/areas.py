"""Where each of Theano's modules and names is in this package, area by area.

`serve(module, ours)` serves all that our module has; with names, separated by spaces and written
`theirs=ours` where they differ, only those. `gone(module, names, instead)` is for what nothing
serves: why, and what to use in its place. Rows that name a name come before rows that do not; among
rows without names the first module that has the name serves it.
"""

from lltheano.compat.table.control import LOOPS_AND_BRANCHES
from lltheano.compat.table.graphs import GRAPHS
from lltheano.compat.table.loops import LOOPS
from lltheano.compat.table.matrices import MATRICES
from lltheano.compat.table.networks import CONVOLUTIONS, NETWORKS
from lltheano.compat.table.random import RANDOM
from lltheano.compat.table.rows import Row, gone, serve
from lltheano.compat.table.tensors import TENSORS

__all__ = ["TABLE", "rows"]

_COMPOSITES = "Compositef32 composite_f32 handle_cast handle_composite"
_HALF = "float16 is computed in float32 by the compiler; leave the call out"
_PRINTERS = (
    "a profile gives what it has counted as data: f.profile.as_record(), or by op and line with"
    " f.profile.op_time() and f.profile.line_time()"
)
_PROFILE = "ProfileStats ScanProfileStats=ProfileStats"
_GPU_CHECKS = "GpuArrayType f_gpua_absmax f_gpua_max f_gpua_min"
_NO_GPU = "programs run on the processor; there is no GPU back end"

TABLE: dict[str, tuple[Row, ...]] = {
    "packages": (
        serve("theano", "lltheano"),
        serve("theano.tensor", "lltheano.tensor"),
        serve("theano.tensor.basic", "lltheano.tensor"),
        serve("theano.tensor.var", "lltheano.tensor"),
        serve("theano.tensor.type", "lltheano.tensor", "TensorType"),
    ),
    "function/shared": (
        serve("theano.compile", "lltheano"),
        serve("theano.compile.builders", "lltheano"),
        serve("theano.compile.function", "lltheano", "function"),
        serve("theano.compile.function_module", "lltheano", "Function"),
        serve("theano.compile.io", "lltheano", "In Out"),
        serve("theano.compile.mode", "lltheano.function.modes.mode"),
        serve(
            "theano.compile",
            "lltheano.function.modes.mode",
            "FAST_COMPILE FAST_RUN get_default_mode get_mode predefined_linkers predefined_modes"
            " register_mode",
        ),
        serve("theano.compile.mode", "lltheano.function.modes.passes"),
        serve("theano.compile.mode", "lltheano.compat.compile.making"),
        serve("theano.compile", "lltheano.function.modes.passes"),
        serve("theano.compile.function_module", "lltheano.compat.compile.making"),
        serve("theano.compile.pfunc", "lltheano.compat.compile.making", "pfunc"),
        serve("theano.compile", "lltheano.compat.compile.making"),
        serve("theano.compile.builders", "lltheano.compat.compile.making", "inline_ofg_expansion"),
        serve("theano", "lltheano.compat.compile.making", "FunctionMaker"),
        serve("theano", "lltheano.compat.compile.containers", "Container"),
        serve("theano", "lltheano.compat.misc.logs"),
        serve("theano", "lltheano.compat.gof.objects", "object2"),
        serve("theano", "lltheano.errors", "InconsistencyError"),
        serve("theano", "lltheano.graph", "generic"),
        serve("theano", "lltheano", "SymbolicInput=In SymbolicOutput=Out"),
        serve("theano.compile", "lltheano", "SymbolicInput=In SymbolicOutput=Out"),
        serve("theano.compile.io", "lltheano", "SymbolicInput=In SymbolicOutput=Out"),
        serve("theano", "lltheano.config.configuration", "change_flags"),
        serve("theano", "lltheano.compat.tensor.comparing", "get_scalar_constant_value"),
        serve(
            "theano",
            "lltheano.function.modes.mode",
            "FAST_COMPILE FAST_RUN predefined_linkers predefined_modes",
        ),
        serve("theano", "lltheano.function.modes.passes", "predefined_optimizers"),
        gone("theano", "test", "run `pytest --pyargs` on the tests of the archive of the sources"),
        serve("theano.compile.ops", "lltheano"),
        serve("theano.compile.pfunc", "lltheano", "Param"),
        serve("theano.compile.pfunc", "lltheano.function.rebuild", "rebuild_collect_shared"),
        serve("theano.compile", "lltheano.function.rebuild", "rebuild_collect_shared"),
        serve(
            "theano.compile.sharedvalue",
            "lltheano.shared",
            "SharedVariable shared shared_constructor",
        ),
        serve("theano.compile.sharedvalue", "lltheano.graph", "generic"),
        serve("theano.compile", "lltheano.shared", "SharedVariable shared_constructor"),
        serve("theano.updates", "lltheano", "OrderedUpdates"),
        serve("theano.tensor.sharedvar", "lltheano.shared"),
    ),
    "creation": (serve("theano.tensor", "lltheano.shared", "_shared=shared"),),
    "variable-types": (
        serve(
            "theano.tensor",
            "lltheano.tensor.variables.operators",
            "_tensor_py_operators=TensorOperators",
        ),
        serve(
            "theano.tensor.var",
            "lltheano.tensor.variables.operators",
            "_tensor_py_operators=TensorOperators",
        ),
    ),
    "elementwise": (
        serve("theano.tensor.elemwise", "lltheano.tensor"),
        serve("theano.tensor.inplace", "lltheano.tensor.inplace"),
        serve("theano.tensor.xlogx", "lltheano.tensor.xlogx"),
    ),
    "scalar": (
        serve("theano.scalar", "lltheano.scalar"),
        serve("theano.scalar.basic", "lltheano.scalar"),
        serve("theano.scalar.basic_scipy", "lltheano.scalar"),
        serve("theano.scalar", "lltheano.compat.scalars"),
        serve("theano.scalar.basic", "lltheano.compat.scalars"),
        serve("theano.scalar.basic_scipy", "lltheano.compat.scalars"),
        serve(
            "theano.scalar.sharedvar",
            "lltheano.shared",
            "ScalarSharedVariable SharedVariable shared",
        ),
        gone("theano.scalar", _COMPOSITES, _HALF),
        gone("theano.scalar.basic", _COMPOSITES, _HALF),
        serve("theano.tensor.scal", "lltheano.scalar"),
        serve("theano.tensor.nnet.sigm", "lltheano.scalar", "ScalarSigmoid scalar_sigmoid"),
        serve("theano.tensor.nnet.nnet", "lltheano.scalar", "ScalarSoftplus scalar_softplus"),
    ),
    "reduction": (
        serve("theano.tensor.extra_ops", "lltheano.tensor"),
        serve(
            "theano.tensor.elemwise",
            "lltheano.tensor.reducers.ops",
            "All Any CAReduce CAReduceDtype Prod Sum",
        ),
    ),
    "shape": (
        serve("theano.compile", "lltheano.tensor", "Rebroadcast Shape Shape_i SpecifyShape"),
        serve("theano.compile", "lltheano.tensor", "shape shape_i specify_shape"),
        serve("theano.compile.ops", "lltheano.tensor", "Rebroadcast Shape Shape_i SpecifyShape"),
        serve("theano.compile.ops", "lltheano.tensor", "shape shape_i specify_shape"),
    ),
    "indexing": (serve("theano.tensor.subtensor", "lltheano.tensor"),),
    "sort": (serve("theano.tensor.sort", "lltheano.tensor"),),
    "linalg": (
        serve("theano.tensor.blas", "lltheano.tensor"),
        serve("theano.tensor.nlinalg", "lltheano.tensor.nlinalg"),
        serve("theano.tensor.slinalg", "lltheano.tensor.slinalg"),
        serve("theano.sandbox.linalg", "lltheano.tensor.nlinalg", "diag"),
        serve("theano.sandbox.linalg.ops", "lltheano.tensor.nlinalg", "diag"),
        serve("theano.sandbox.linalg", "lltheano.tensor.linalg"),
        serve("theano.sandbox.linalg.kron", "lltheano.tensor.linalg", "kron"),
        serve("theano.sandbox.linalg.ops", "lltheano.tensor.linalg"),
        serve("theano.sandbox.solve", "lltheano.tensor.linalg", "Solve solve"),
    ),
    "fft": (serve("theano.tensor.fft", "lltheano.tensor.fft"),),
    "grad": (
        serve("theano.gradient", "lltheano.gradient"),
        serve("theano.gradient", "lltheano.errors"),
        serve("theano.compile", "lltheano.gradient", "DisconnectedType"),
        serve(
            "theano.scalar",
            "lltheano.gradient",
            "DisconnectedType grad_not_implemented grad_undefined",
        ),
        serve(
            "theano.sparse",
            "lltheano.gradient",
            "DisconnectedType grad_not_implemented grad_undefined",
        ),
    ),
    "nnet": NETWORKS,
    "conv": CONVOLUTIONS,
    "random": RANDOM,
    "scan": LOOPS,
    "control": (*LOOPS_AND_BRANCHES, serve("theano.tensor.opt", "lltheano.tensor.opt")),
    "printing": (
        serve("theano.printing", "lltheano.printing.printers"),
        serve("theano.printing", "lltheano.compat.misc.helpers", "_TagGenerator=TagGenerator"),
        serve("theano.printing", "lltheano.printing"),
        serve("theano.printing", "lltheano.shared", "SharedVariable"),
        serve("theano.printing", "lltheano.graph", "Apply"),
        serve("theano.printing", "lltheano.function", "Function"),
        serve("theano.scalar", "lltheano.printing", "pprint"),
        serve("theano.d3viz", "lltheano.printing", "d3viz d3write"),
        serve("theano.d3viz.d3viz", "lltheano.printing.web"),
        serve("theano.d3viz.formatting", "lltheano.printing.web", "PyDotFormatter"),
    ),
    "io": (),
    "gof": GRAPHS,
    "tensors": TENSORS,
    "config": (
        serve("theano.configparser", "lltheano.config.parameters", "_config_var_list"),
        serve("theano.configparser", "lltheano.compat.misc.settings"),
        serve("theano.configparser", "lltheano.config.parameters"),
        serve("theano.configparser", "lltheano.config"),
        serve(
            "theano.configparser",
            "lltheano.config",
            "TheanoConfigParser=Configuration",
        ),
        serve("theano.configdefaults", "lltheano.config.parameters"),
        serve("theano.configdefaults", "lltheano.config", "config"),
    ),
    "serialization": (
        serve(
            "theano.misc.pkl_utils",
            "lltheano.serialization.archive",
            "dump=dump_archive load=load_archive PersistentNdarrayID PersistentNdarrayLoad"
            " PersistentSharedVariableID",
        ),
        serve("theano.misc.pkl_utils", "lltheano.serialization", "StripPickler CompatUnpickler"),
        serve("theano.misc.pkl_utils", "lltheano.compat.misc.pickles"),
        serve("theano", "lltheano.serialization", "function_dump"),
        serve("theano.compile", "lltheano.serialization", "function_dump"),
        serve("theano.compile.function", "lltheano.serialization", "function_dump"),
        gone(
            "theano.misc.pkl_utils",
            "CudaNdarray_unpickler PersistentGpuArrayID",
            "arrays of Theano's old GPU back end can be read by Theano alone; save them as NumPy"
            " arrays there",
        ),
    ),
    "misc": (
        serve("theano.version", "lltheano.compat.misc.version"),
        serve("theano", "lltheano.compat.misc.version", "__version__=version"),
        serve("theano", "lltheano.compat.misc.helpers", "_asarray=asarray"),
        serve("theano.misc.safe_asarray", "lltheano.compat.misc.helpers", "_asarray=asarray"),
        serve("theano.misc.strutil", "lltheano.compat.misc.helpers", "render_string"),
    ),
    "tensor-misc": (),
    "sparse": MATRICES,
    "typed_list": (
        serve("theano.typed_list", "lltheano.compat.typed_lists"),
        serve("theano.typed_list.basic", "lltheano.compat.typed_lists"),
        serve("theano.typed_list.type", "lltheano.compat.typed_lists", "TypedListType"),
    ),
    "debug/profile": (
        serve("theano.compile.debugmode", "lltheano.function.debugging.debug_mode", "DebugMode"),
        serve("theano.compile", "lltheano.function.debugging.debug_mode", "DebugMode"),
        serve(
            "theano.compile.debugmode",
            "lltheano.errors",
            "DebugModeError BadThunkOutput=DebugModeError"
            " StochasticOrder=DebugModeError InvalidValueError BadDestroyMap BadViewMap",
        ),
        serve("theano.compile.debugmode", "lltheano.compat.gof.objects", "BadOptimization"),
        serve("theano.compile", "lltheano.function.debugging.monitor", "MonitorMode"),
        serve(
            "theano.compile.monitormode",
            "lltheano.function.debugging.monitor",
            "MonitorMode detect_nan",
        ),
        serve("theano.compile.monitormode", "lltheano", "Mode"),
        serve("theano.compile", "lltheano.function.profiling.stats", _PROFILE),
        serve("theano.compile.profiling", "lltheano.function.profiling.stats", _PROFILE),
        serve(
            "theano.compile.profiling",
            "lltheano.function.profiling.requests",
            "print_global_stats",
        ),
        gone("theano.compile.profiling", "register_profiler_printer", _PRINTERS),
        gone(
            "theano.compile.debugmode",
            "default_make_thunk",
            "ops are compiled together; what runs each alone is lltheano.function.MonitorMode",
        ),
        gone("theano.compile.nanguardmode", _GPU_CHECKS, _NO_GPU),
        serve("theano.compile.nanguardmode", "lltheano.compat.compile.guards"),
        serve("theano.compile.nanguardmode", "lltheano.function.debugging.nan_guard"),
        serve("theano.compile", "lltheano.function.debugging.nan_guard", "NanGuardMode"),
    ),
    "removed": (
        serve(
            "theano.tensor.basic",
            "lltheano.compat.tensor.comparing",
            "_allclose=allclose _cast_mapping=cast_mapping",
        ),
        serve("theano.compat", "builtins", "ifilter=filter imap=map izip=zip"),
        serve("theano.compat", "collections", "OrderedDict"),
        serve("theano.compat", "lltheano.compat.misc.helpers", "exc_message get_unbound_function"),
        serve("theano.gof.graph", "collections", "deque"),
        gone(
            "theano.gof.compilelock",
            "get_lock release_lock lock_ctx",
            "any number of processes may use the cache of compiled code; leave the call out",
        ),
        serve("theano.compat.python2x", "collections", "Counter OrderedDict"),
        serve(
            "theano.sandbox.cuda",
            "lltheano.compat.misc.cuda",
            "cuda_available cuda_enabled use",
        ),
        gone("theano.sandbox.cuda.dnn", "", _NO_GPU),
        gone("theano.sandbox.cuda.basic_ops", "", _NO_GPU),
        gone("theano.sandbox.cuda.blas", "", _NO_GPU),
        gone("theano.sandbox.cuda.var", "", _NO_GPU),
        gone("theano.sandbox.cuda.rng_curand", "", _NO_GPU),
        serve("theano.gpuarray", "lltheano.compat.misc.cuda", "pygpu_activated use"),
        gone("theano.gpuarray.dnn", "", _NO_GPU),
        gone("theano.gpuarray.basic_ops", "", _NO_GPU),
        gone("theano.gpuarray.type", "", _NO_GPU),
    ),
}


def rows() -> tuple[Row, ...]:
    """Return the rows of all areas, in order."""
    return tuple(row for area in TABLE.values() for row in area)
