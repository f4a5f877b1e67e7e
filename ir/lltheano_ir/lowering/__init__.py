"""From the tensor IR to the loop IR: values become scalars, buffers and loop nests.

`lower` (module `lower`) is the way in. The modules: `context` keeps names, statements and sites;
`scalars` computes sizes and other single values; `checks` makes the failing conditions explicit;
`elements` gives the element of a value at an index; `views` gives a value memory; `groups` makes
loop nests; `indexing`, `products` and `control` lower the ops that have a shape of their own.
"""
