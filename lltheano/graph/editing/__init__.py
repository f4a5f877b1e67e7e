"""Graphs that can be edited, and what is told of each edit."""
