"""Speed: each case checked against NumPy, and timed beside it, in one interleaved run.

`python -m tests.benchmarks` prints the table and writes it to docs/benchmarks;
`pytest -n 0 -m benchmark` holds the marks.
"""
