"""The programs that commands work on: reading, transforming and running them."""
