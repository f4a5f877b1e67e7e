"""Speed: each case checked against NumPy, and timed beside it, in one interleaved run.

`python -m tests.benchmarks` prints the table and writes it to docs/benchmarks; `python -m
tests.benchmarks.compare` compares two files of its figures, from before and after a change;
`pytest -n 0 -m benchmark` holds the marks.
"""
