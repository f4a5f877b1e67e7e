"""Linear algebra: products, factorisations, and solving with their factors."""
