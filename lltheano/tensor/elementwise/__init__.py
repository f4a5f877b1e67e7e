"""Ops that compute each element of their result from the elements at its index alone."""
