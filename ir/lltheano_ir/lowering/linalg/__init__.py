"""Products of matrices, and factorisations, by calls of routines."""
