"""From LLVM IR text to code that runs: target, optimiser, callees, MCJIT, object cache.

Importing this package loads nothing; its modules import `llvmlite.binding` (some 60 ms), so
whoever compiles imports them when there is something to compile.
"""
