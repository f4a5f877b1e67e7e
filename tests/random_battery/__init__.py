"""A statistical battery for random numbers: raw words, and every distribution.

`python -m tests.random_battery` runs it, with dieharder where that is installed, and writes
docs/random_tests.md. The seeds are fixed: what it says of one version it says again.
"""
