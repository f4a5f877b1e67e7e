"""From loop IR to LLVM IR: entries, loops, statements and math functions."""
