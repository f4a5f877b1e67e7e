"""From loop IR to LLVM IR.

`emit_function` gives the text of a module; `frame_layout` says how its entry is called. The
modules: `module` (the whole function), `frame` (how it is called), `context` (what is known at one
place), `loops`, `reductions`, `memory`, `allocation`, `routines` and `exits` (statements),
`scalars`, `casts`, `complexes`, `division` and `math` (arithmetic), `values` and `control` (LLVM's
types and blocks).
"""

from lltheano_ir.emit.frame import Field, FrameLayout, frame_layout
from lltheano_ir.emit.module import emit_function

__all__ = ["Field", "FrameLayout", "emit_function", "frame_layout"]
