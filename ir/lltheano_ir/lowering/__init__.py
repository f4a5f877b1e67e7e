"""From the tensor IR to the loop IR: values become scalars, buffers and loop nests.

`lower` (module `lower`) is the way in. The modules: `context` keeps names, statements and sites;
`state` knows where each value lives and computes scalars and elements; `places` is what the rules
of single ops may ask of it; `checks` makes the failing conditions explicit; `views` gives a value
memory; `groups` makes loop nests; `indexing`, `ordering`, `control` and `callback` lower the ops
that have a shape of their own. `linalg` has those that call BLAS and LAPACK, and `fourier` the
functions that a transform calls.
"""
