"""The rows of the table for `theano.gof`, and for the parts of `theano.compile` that make ops.

What only makes sense where ops are written in C is gone; `docs/differences.md` lists it.
"""

from lltheano.compat.table.rows import Row, gone, serve

__all__ = ["GRAPHS"]

_NO_GPU = "programs run on the processor; there is no GPU back end"
_NO_C = "functions are compiled through LLVM, not through C"
_WRITE_IT = (
    "an op is written without C: build it from the compiler's ops in `lower`, or compute it in"
    " Python in `perform` (docs/add_an_op.md)"
)
_PARAMETERS = (
    "the parameters of an op are its attributes: name them in `__props__`, and read them in `lower`"
    " or `perform`"
)
_TYPES = (
    "values are tensors, or Python objects of type Generic; nothing of a type is written in C, and"
    " nothing has to be registered"
)
_LINKERS = "functions are linked in one way; leave the linker out of Mode"

_REGISTERED = (
    "register_deep_copy_op_c_code register_rebroadcast_c_code register_shape_c_code"
    " register_shape_i_c_code register_specify_shape_c_code register_view_op_c_code"
)
_LINKED = "CLinker DualLinker OpWiseCLinker PerformLinker WrapLinker WrapLinkerMany"
_TYPED = "CDataType CLinkerType"
_PARAMS = "CEnumType EnumList EnumType Params ParamsType"

GRAPHS: tuple[Row, ...] = (
    serve("theano", "lltheano.graph", "FunctionGraph"),
    serve("theano.compile", "lltheano.graph", "is_same_graph io_connection_pattern"),
    serve("theano.compile", "lltheano.graph.optimisers.registry", "optdb"),
    serve("theano.compile.mode", "lltheano.graph.optimisers.registry", "optdb"),
    serve("theano.compile", "lltheano.graph.editing.memory"),
    serve("theano.compile.function_module", "lltheano.graph.editing.memory"),
    serve("theano.compile", "lltheano.ops"),
    serve("theano.compile.ops", "lltheano.ops"),
    serve("theano.compile.ops", "lltheano.ops.identity", "expandable_types"),
    serve("theano.printing", "lltheano.ops", "Print"),
    serve("theano.gof", "lltheano.graph", "PureOp=Op PureType=Type generic"),
    serve("theano.gof", "lltheano.compat.gof.utilities", "hashtype"),
    serve("theano.gof", "lltheano.compat.gof.objects", "CachedConstantError object2"),
    serve("theano.gof", "lltheano.compat.compile.containers", "Container"),
    serve("theano.gof.graph", "lltheano.compat.gof.objects", "OrderedSet"),
    serve("theano.gof.fg", "lltheano.compat.gof.objects", "CachedConstantError"),
    serve("theano.gof.destroyhandler", "lltheano.graph.editing.memory"),
    serve("theano.gof.optdb", "lltheano.graph"),
    serve("theano.gof.utils", "lltheano.compat.gof.objects"),
    serve("theano.gof.op.utils", "lltheano.errors", "MethodNotDefined"),
    serve("theano.gof.op.utils", "lltheano.compat.gof.utilities"),
    serve("theano.gof.toolbox", "lltheano.compat.gof.objects"),
    serve("theano.gof", "lltheano.graph"),
    serve("theano.gof", "lltheano.errors"),
    serve("theano.gof.fg", "lltheano.graph", "FunctionGraph"),
    serve("theano.gof.fg", "lltheano.errors", "InconsistencyError MissingInputError"),
    serve("theano.gof.graph", "lltheano.graph", "clone=clone_graph"),
    serve("theano.gof.graph", "lltheano.graph"),
    serve("theano.gof.graph", "lltheano.graph.text"),
    serve("theano.gof.op", "lltheano.graph", "PureOp=Op"),
    serve("theano.gof.op", "lltheano.function.debugging.debug_checks"),
    serve("theano.gof.op", "lltheano.function.debugging.test_values", "get_test_value"),
    serve("theano.gof", "lltheano.function.debugging.debug_checks", "get_debug_values"),
    serve("theano.gof.op", "lltheano.graph"),
    serve("theano.gof.opt", "lltheano.graph", "CheckStrackTraceFeature=CheckStackTraceFeature"),
    serve("theano.gof.opt", "lltheano.graph.optimisers.rewriting"),
    serve("theano.gof.opt", "lltheano.graph"),
    serve("theano.gof.opt", "lltheano.errors"),
    serve("theano.gof.toolbox", "lltheano.errors", "AlreadyThere"),
    serve("theano.gof.toolbox", "lltheano.graph.editing.features"),
    serve("theano.gof.type", "lltheano.graph", "PureType=Type generic"),
    serve("theano.gof.type", "lltheano.compat.gof.utilities", "SingletonType"),
    serve("theano.gof.type", "lltheano.graph"),
    serve("theano.gof.utils", "lltheano.errors", "MethodNotDefined"),
    serve("theano.gof.utils", "lltheano.compat.gof.utilities"),
    serve("theano.scalar", "lltheano.graph", "Apply Constant FunctionGraph Type Variable"),
    serve("theano.tensor", "lltheano.errors", "MethodNotDefined"),
    serve(
        "theano.tensor.opt",
        "lltheano.graph.optimisers.registry",
        "register_canonicalize register_specialize register_stabilize",
    ),
    serve("theano.tensor.opt", "lltheano.tensor.shapes.make_vector", "MakeVector make_vector"),
    serve("theano.tensor", "lltheano.compat.gof.utilities", "hashtype"),
    serve("theano.tensor.utils", "lltheano.function.shapes", "shape_of_variables"),
    serve("theano.tensor.utils", "lltheano.compat.gof.utilities", "hash_from_ndarray"),
    serve("theano.typed_list", "lltheano.graph", "Apply Constant Variable"),
    gone("theano.gof", "COp CLinkerOp OpenMPOp", _WRITE_IT),
    gone("theano.gof.op", "COp CLinkerOp OpenMPOp", _WRITE_IT),
    gone("theano.gof", _LINKED, _LINKERS),
    gone("theano", "CLinker DualLinker Linker LocalLinker OpWiseCLinker PerformLinker", _LINKERS),
    gone("theano", "OpenMPOp", _WRITE_IT),
    gone("theano.gof", "Linker LocalLinker HideC", _LINKERS),
    gone("theano.gof.opt", "GraphToGPULocalOptGroup", _NO_GPU),
    gone("theano.compile", "register_linker register_checker", _LINKERS),
    gone("theano.compile.mode", "register_linker register_checker", _LINKERS),
    gone("theano.gof.link", "", _LINKERS),
    gone("theano.gof.vm", "", _LINKERS),
    gone("theano.gof", _PARAMS, _PARAMETERS),
    gone("theano.gof.params_type", "", _PARAMETERS),
    gone("theano.tensor", "ParamsType", _PARAMETERS),
    gone("theano.gof", _TYPED, _TYPES),
    gone("theano.gof.type", f"{_TYPED} CEnumType EnumList EnumType", _TYPES),
    gone("theano.compile", _REGISTERED, _TYPES),
    gone("theano.compile.ops", _REGISTERED, _TYPES),
    gone("theano.gof.cc", "", _NO_C),
    gone("theano.gof.cmodule", "", _NO_C),
    gone("theano.gof.cutils", "", _NO_C),
    gone("theano.gof.lazylinker_c", "", _NO_C),
)
