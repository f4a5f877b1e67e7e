"""What a person asks of `function`, read, checked and gathered into one graph."""
