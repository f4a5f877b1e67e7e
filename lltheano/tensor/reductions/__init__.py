"""Functions that combine elements along axes: sums, means, extrema, products of matrices."""
