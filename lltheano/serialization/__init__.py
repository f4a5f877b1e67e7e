"""Graphs, shared variables and functions in files.

All of them can be pickled as they are, with `pickle` or with what is here, which can do two things
more: let what is loaded use shared variables that exist already, and keep arrays in a zip file as
`.npy` files that other programs can read.
"""

from lltheano.serialization.archive import dump_archive, load_archive
from lltheano.serialization.files import dump, dumps, load, loads
from lltheano.serialization.functions import function_dump
from lltheano.serialization.picklers import CompatUnpickler, StripPickler
from lltheano.shared.rebinding import rebinding

__all__ = [
    "CompatUnpickler",
    "StripPickler",
    "dump",
    "dump_archive",
    "dumps",
    "function_dump",
    "load",
    "load_archive",
    "loads",
    "rebinding",
]
