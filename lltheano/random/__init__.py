"""Random numbers: streams whose states are shared variables, drawn by compiled code."""

from lltheano.random.mrg import MRG_RandomStreams
from lltheano.random.state import RandomState, RandomStateSharedVariable
from lltheano.random.streams import RandomStreams, RandomStreamsBase

__all__ = [
    "MRG_RandomStreams",
    "RandomState",
    "RandomStateSharedVariable",
    "RandomStreams",
    "RandomStreamsBase",
]
