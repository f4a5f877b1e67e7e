"""The compiler of LLTheano: a small optimising IR for array programs, usable alone."""

import time

IMPORTED = time.time()
"""When this process began to read the compiler's source files."""
