"""How near the math kernels come to the exact results, and how the kernels' constants were found."""
