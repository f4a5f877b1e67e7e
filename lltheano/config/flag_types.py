"""What each flag holds, for type checkers and for completion in an editor.

The flags themselves, with their defaults and what they mean, are in `flags` and `inert`; a test
holds the two together.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lltheano.config.configuration import Section

__all__ = ["FlagTypes"]


class FlagTypes:
    """The types of the flags; those with a point in their name are attributes of a `Section`."""

    allow_gc: bool
    allow_input_downcast: str
    assert_no_cpu_op: str
    autocast_float: str
    base_compiledir: str
    blas: "Section"
    cache_optimizations: bool
    cast_policy: str
    check_input: bool
    check_stack_trace: str
    cmodule: "Section"
    compile: "Section"
    compiledir: str
    compiledir_format: str
    compute_test_value: str
    compute_test_value_opt: str
    contexts: str
    conv: "Section"
    ctc: "Section"
    cuda: "Section"
    cxx: str
    cycle_detection: str
    DebugMode: "Section"
    deterministic: str
    device: str
    dnn: "Section"
    exception_verbosity: str
    experimental: "Section"
    floatX: str  # noqa: N815 - the name that programs use
    force_device: bool
    gcc: "Section"
    gpuarray: "Section"
    gpuelemwise: "Section"
    init_gpu_device: str
    int_division: str
    lib: "Section"
    linker: str
    magma: "Section"
    metaopt: "Section"
    mode: str
    NanGuardMode: "Section"
    nocleanup: bool
    numpy: "Section"
    on_opt_error: str
    on_shape_error: str
    on_unused_input: str
    openmp: bool
    openmp_elemwise_minsize: int
    optdb: "Section"
    optimizer: str
    optimizer_excluding: str
    optimizer_including: str
    optimizer_requiring: str
    optimizer_verbose: bool
    perf_map: bool
    pickle_test_value: bool
    print_active_device: bool
    print_test_value: bool
    profile: bool
    profile_memory: bool
    profile_optimizer: bool
    profiling: "Section"
    pycuda: "Section"
    reoptimize_unpickled_function: bool
    scan: "Section"
    tensor: "Section"
    traceback: "Section"
    unittests: "Section"
    unpickle_function: bool
    verify_passes: bool
    vm: "Section"
    warn: "Section"
    variables_as_values: str
    warn_float64: str
