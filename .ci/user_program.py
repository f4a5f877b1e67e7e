"""The accumulator, as somebody who installed the wheel would write and type-check it."""

from importlib import metadata

import lltheano
import lltheano.tensor as T
from lltheano import function, shared

state = shared(0)
inc = T.iscalar("inc")
accumulator = function([inc], state, updates=[(state, state + inc)])

assert accumulator(1) == 0
assert accumulator(300) == 1
assert state.get_value() == 301
print(f"lltheano {metadata.version('lltheano')} from {lltheano.__file__}")
