"""From loop IR to LLVM IR.

`emit_function` gives the text of a module; `frame_layout` says how its entry is called. From the
outside in:

* `module` (the whole function), `frame` (how it is called), `exits` (results and failures);
* `allocation`, `memory` (buffers and their elements), `loops`, `reductions` with `blocked`,
  `accumulators` and `jobs`, `routines` with `blas` and `products`, `lapack`, `fourier`, `nonzero`,
  and `sorting` with `ranks` and `radix`: what emits each statement;
* `analysis` (what varies in a loop), `context` (what is known at one place of a function);
* `scalars`, with `casts`, `complexes` and `complex_math`, `division` and `math`: arithmetic in any
  number of lanes;
* `values` and `control`: LLVM's types, registers, blocks and helper functions.
"""

from lltheano_ir.emit.frame import Field, FrameLayout, frame_layout
from lltheano_ir.emit.module import emit_function

__all__ = ["Field", "FrameLayout", "emit_function", "frame_layout"]
