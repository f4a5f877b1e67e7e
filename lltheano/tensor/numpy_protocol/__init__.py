"""What NumPy's functions do with variables: they build the graph, or say why they cannot.

`ufuncs` and `functions` say which function of the tensor language serves each of NumPy's;
`refusals` says what to use for those that none serves. No function of NumPy's ever makes an array
of objects of a variable.
"""
