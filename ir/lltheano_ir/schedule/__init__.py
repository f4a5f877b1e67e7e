"""How the loops of a function run: in which order, tile by tile, collapsed into one another, in
vectors, on several threads.
"""

from lltheano_ir.schedule.collapse import collapse_loops
from lltheano_ir.schedule.hoist import hoist_invariants
from lltheano_ir.schedule.inline import inline_producers
from lltheano_ir.schedule.interchange import interchange_reductions
from lltheano_ir.schedule.threads import share_among_threads
from lltheano_ir.schedule.tile import tile_rows
from lltheano_ir.schedule.vectorise import vectorise

__all__ = [
    "collapse_loops",
    "hoist_invariants",
    "inline_producers",
    "interchange_reductions",
    "share_among_threads",
    "tile_rows",
    "vectorise",
]
