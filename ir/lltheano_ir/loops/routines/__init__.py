"""The routines that a `call` of the loop IR may name: what each is given, and what it writes.

A routine is compiled code that is no loop nest: a call of BLAS or LAPACK, or a sequential algorithm
that is emitted once and shared by all its calls. All that is known of one stands in its record
(`record`), in the table (`table`).
"""
