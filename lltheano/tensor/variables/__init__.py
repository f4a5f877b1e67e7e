"""Tensors as variables: their types and dtypes, operators and methods, and what becomes one."""
