"""The loop IR: buffers, loop nests, scalar statements and library calls."""
