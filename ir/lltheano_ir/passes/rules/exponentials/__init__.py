"""Exponentials that overflow or vanish on the way, and logarithms of what is made of them."""
