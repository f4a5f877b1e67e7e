"""What is known of loops from their text: strides, invariance, dependences, what may be vectors.

The verifier and the passes ask here, and what emission needs to know of a loop it asks here too, so
that all three have one answer.
"""
