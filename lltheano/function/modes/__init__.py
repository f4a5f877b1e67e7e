"""Modes, and the passes that they run."""
