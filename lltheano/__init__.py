"""Symbolic array programs in Theano's model, compiled to machine code through LLVM."""
