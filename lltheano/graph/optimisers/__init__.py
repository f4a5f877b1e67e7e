"""Optimisers of edited graphs: in sequence, to a fixed point, by pattern, by merging; and databases
of them, from which a query chooses.

They work on a `FunctionGraph`. What a program registers in `lltheano.graph.optdb` is run on the
graph of every function before it is lowered; the compiler's own rules are of another kind.
"""
