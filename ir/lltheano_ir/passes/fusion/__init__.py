"""Fusion: what the ops are to it (`kinds`), and what is computed together (`grouping`)."""
