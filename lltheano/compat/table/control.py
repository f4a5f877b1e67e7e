"""Where Theano's names of loops and branches are."""

from lltheano.compat.table.rows import Row, gone, serve

__all__ = ["LOOPS_AND_BRANCHES"]

_SUNK = (
    "work that only one branch needs is moved there by the compiler; it has no rewrites to name or"
    " to leave out"
)

LOOPS_AND_BRANCHES: tuple[Row, ...] = (
    serve("theano.ifelse", "lltheano.ifelse"),
    serve("theano.ifelse", "lltheano", "clone"),
    gone(
        "theano.ifelse",
        "CondMerge cond_make_inplace cond_merge_ifs_false cond_merge_ifs_true cond_merge_random_op"
        " cond_remove_identical ifelse_lift_single_if_through_acceptable_ops",
        _SUNK,
    ),
)
