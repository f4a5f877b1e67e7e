"""Reading and replacing parts of tensors."""
