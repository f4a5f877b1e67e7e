"""From loop IR to LLVM IR.

`emit_module` gives the text of a module; `frame_layout` says how its entry is called. From the
outside in:

* `module` (a whole module, function by function), with `parts` and `table` where a body is long,
  `frame` (how a function is called), `exits` (results and failures);
* `loops` (nests and reductions, and when they are asked to stop), `memory` (blocks, buffers and
  accesses), `calls` (of functions, libraries, the host, and of algorithms of our own): what emits
  each statement;
* `scalars`, with `math` and `complex_math`: arithmetic in any number of lanes;
* `context` (what is known at one place of a function), `values` and `control`: LLVM's types,
  registers, blocks and helper functions.
"""

from lltheano_ir.emit.frame import Field, FrameLayout, frame_layout
from lltheano_ir.emit.module import emit_module

__all__ = ["Field", "FrameLayout", "emit_module", "frame_layout"]
