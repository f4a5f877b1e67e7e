"""The configuration: one object with an attribute per flag, and a section per group of flags.

    LLTHEANO_FLAGS="floatX=float32,on_unused_input=warn" python program.py

`flags` lists the flags that mean something here, `inert` those that programs may set and that
change nothing, each with the reason; `configuration` holds the values, `sources` reads them.
"""

from lltheano.config.configuration import FLAGS, Configuration, change_flags, config
from lltheano.config.flag import Flag
from lltheano.config.sources import ENVIRONMENT, parse_flags

__all__ = ["ENVIRONMENT", "FLAGS", "Configuration", "Flag", "change_flags", "config", "parse_flags"]
