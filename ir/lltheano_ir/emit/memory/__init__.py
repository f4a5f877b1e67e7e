"""Memory: blocks of the pool, buffers that lie in them, and accesses to elements."""
