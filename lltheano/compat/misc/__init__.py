"""What only Theano's programs use of Theano's smaller modules."""
