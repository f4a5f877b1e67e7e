"""Where the names of Theano's loops are."""

from lltheano.compat.table.rows import Row, gone, serve

__all__ = ["LOOPS"]

_VIEWS = "foldl foldr map reduce"

LOOPS: tuple[Row, ...] = (
    serve("theano.scan_module", "lltheano", "clone"),
    serve("theano.scan_module", "lltheano.loops"),
    serve("theano.scan_module.scan", "lltheano.loops", "scan"),
    serve("theano.scan_module.scan_views", "lltheano.loops", _VIEWS),
    serve("theano.scan_module.scan_checkpoints", "lltheano.loops", "scan_checkpoints"),
    serve("theano.scan_module.scan_op", "lltheano.loops", "Scan"),
    serve("theano.scan_module.scan_utils", "lltheano", "clone"),
    serve("theano.scan_module.scan_utils", "lltheano.loops", "until"),
    serve("theano.scan_module.scan_utils", "lltheano.loops.utilities"),
    serve("theano.scan_module.scan_utils", "lltheano.loops.mapping"),
    gone(
        "theano.scan_module.scan_utils",
        "traverse",
        "it found the copies that a graphics processor needs, and there is none; to replace"
        " variables use clone(output, replace={x: y})",
    ),
)
