"""Loops: `scan` and what is made of it."""

from lltheano.loops.checkpoints import scan_checkpoints
from lltheano.loops.op import Scan
from lltheano.loops.scanning import scan
from lltheano.loops.until import until
from lltheano.loops.views import foldl, foldr, map, reduce  # noqa: A004 - Theano's name

__all__ = ["Scan", "foldl", "foldr", "map", "reduce", "scan", "scan_checkpoints", "until"]
