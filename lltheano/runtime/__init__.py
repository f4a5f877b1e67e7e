"""The run time: the pool, storages of shared variables with their locks, native calls and the
boxing of results.

Everything that must be fast or atomic is native code, shipped as textual LLVM IR in `native/` and
compiled on first use; these modules are its Python side. Importing them compiles nothing.
"""
