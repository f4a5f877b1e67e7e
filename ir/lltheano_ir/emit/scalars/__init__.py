"""Arithmetic on scalars, in one lane or many: the ops of `let`, and what they are made of."""
