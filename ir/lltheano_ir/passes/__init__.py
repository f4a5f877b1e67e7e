"""The passes over the tensor IR, each a named function from a program to a program."""
