"""The rules of the passes, a family to a module; each module lists its own in one tuple."""
