"""Where each of Theano's modules and names is in this package."""
