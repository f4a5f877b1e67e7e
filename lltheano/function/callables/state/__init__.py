"""The values that a function keeps for its inputs, as Theano's programs reach them."""

from lltheano.function.callables.state.access import ContainerAccess, ValueAccess
from lltheano.function.callables.state.finder import Finder, Unkept

__all__ = ["ContainerAccess", "Finder", "Unkept", "ValueAccess"]
