"""The one op table of the tensor IR, a family of ops to a module."""
