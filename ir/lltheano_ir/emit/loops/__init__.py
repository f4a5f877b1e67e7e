"""Loops: nests, reductions in their fixed order, and asking whether to stop."""
