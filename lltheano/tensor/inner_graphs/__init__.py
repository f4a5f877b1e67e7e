"""Ops that are graphs of other ops: compositions, and graphs computed for each index."""
