"""What Theano kept in `tensor.signal`: pooling, and convolutions of single images."""
