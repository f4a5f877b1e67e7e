"""Loops over the same rows, tile by tile: what a nest touches (`nests`), which nests go together
(`groups`), and the loops that they become (`tiles`).
"""
