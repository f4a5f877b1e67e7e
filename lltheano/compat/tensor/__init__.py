"""What only Theano's programs use of `theano.tensor`."""
