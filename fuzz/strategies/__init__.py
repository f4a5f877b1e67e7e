"""Hypothesis strategies for arrays, well-typed IR programs and symbolic graphs."""
