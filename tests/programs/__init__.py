"""Whole programs, each trained to a quality that it states, and checked against its steps in NumPy.

A program is written as one was for Theano; `lltheano.tensor` could be `theano.tensor`. Beside
`NAME.py` stands `test_NAME.py`, which computes the same steps with NumPy alone, and each has a page
in docs/programs.
"""
