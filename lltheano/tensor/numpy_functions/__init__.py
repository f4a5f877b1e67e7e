"""Functions that NumPy names and Theano lacked, one module for each meaning.

All are made of the tensor language's own ops, so they have gradients, and each has NumPy's values;
its dtypes are those of `lltheano.tensor.variables.promotion`.
"""
