"""The compiler of LLTheano: a small optimising IR for array programs, usable alone."""
