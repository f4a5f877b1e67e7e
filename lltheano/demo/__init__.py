"""The demonstration: softmax regression on handwritten digits.

`lltheano.demo.digits` is the program as a user would write it; `training` runs it to the end,
`drawing` and `sketch` show what came of it, on paper and in a terminal.
"""
