"""Cases beside several peers, a family a module; `python -m tests.benchmarks.peers` times them."""
