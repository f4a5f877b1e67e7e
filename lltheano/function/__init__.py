"""Compiled functions: `function` makes one; `In` and `Out` say more about what goes in and out."""

from lltheano.function.build import function
from lltheano.function.callable import Function
from lltheano.function.inputs import In, Out, Param

__all__ = ["Function", "In", "Out", "Param", "function"]
