"""The layers above, for modules that cannot import them.

Each name is a module that is imported when one of its attributes is first used. A type checker
takes it for what its protocol lists, and checks here that the module has all of that.
"""

from typing import TYPE_CHECKING

from lltheano.lazy import LazyModule

if TYPE_CHECKING:
    import lltheano.compat.typed_lists.ops as _lists
    import lltheano.function as _compilation
    import lltheano.function.debugging.debug_mode as _debugging
    import lltheano.function.debugging.nan_guard as _nan_guards
    import lltheano.function.debugging.test_values as _test_values
    import lltheano.function.evaluation as _evaluation
    import lltheano.function.profiling.requests as _profiling
    import lltheano.ops.performing as _python_ops
    import lltheano.printing as _listings
    import lltheano.scalar as _scalar_ops
    import lltheano.sparse as _matrices
    import lltheano.tensor as _language
    import lltheano.tensor.numpy_protocol.functions as _numpy_functions
    import lltheano.tensor.numpy_protocol.ufuncs as _numpy_ufuncs
    from lltheano.interfaces.function import (
        Compilation,
        Debugging,
        Evaluation,
        NanGuards,
        Profiling,
        TestValues,
    )
    from lltheano.interfaces.lists import ListOps
    from lltheano.interfaces.matrices import SparseLanguage
    from lltheano.interfaces.ops import Listings, PythonOps, ScalarOps
    from lltheano.interfaces.tensor import NumpyFunctions, NumpyUfuncs, TensorLanguage

    language: TensorLanguage = _language
    numpy_functions: NumpyFunctions = _numpy_functions
    numpy_ufuncs: NumpyUfuncs = _numpy_ufuncs
    matrices: SparseLanguage = _matrices
    lists: ListOps = _lists
    compilation: Compilation = _compilation
    evaluation: Evaluation = _evaluation
    test_values: TestValues = _test_values
    debugging: Debugging = _debugging
    nan_guards: NanGuards = _nan_guards
    profiling: Profiling = _profiling
    python_ops: PythonOps = _python_ops
    scalar_ops: ScalarOps = _scalar_ops
    listings: Listings = _listings
else:
    language = LazyModule("lltheano.tensor")
    numpy_functions = LazyModule("lltheano.tensor.numpy_protocol.functions")
    numpy_ufuncs = LazyModule("lltheano.tensor.numpy_protocol.ufuncs")
    matrices = LazyModule("lltheano.sparse")
    lists = LazyModule("lltheano.compat.typed_lists.ops")
    compilation = LazyModule("lltheano.function")
    evaluation = LazyModule("lltheano.function.evaluation")
    test_values = LazyModule("lltheano.function.debugging.test_values")
    debugging = LazyModule("lltheano.function.debugging.debug_mode")
    nan_guards = LazyModule("lltheano.function.debugging.nan_guard")
    profiling = LazyModule("lltheano.function.profiling.requests")
    python_ops = LazyModule("lltheano.ops.performing")
    scalar_ops = LazyModule("lltheano.scalar")
    listings = LazyModule("lltheano.printing")

__all__ = [
    "compilation",
    "debugging",
    "evaluation",
    "language",
    "listings",
    "lists",
    "matrices",
    "nan_guards",
    "numpy_functions",
    "numpy_ufuncs",
    "profiling",
    "python_ops",
    "scalar_ops",
    "test_values",
]
