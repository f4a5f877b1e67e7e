"""What `function` returns, and what it can be asked."""
