"""What only Theano's programs use of `theano.gof`."""
