"""Sizes and axes: reading, reordering, reshaping, joining and splitting."""
