"""Running programs that were written for Theano: `install_as_theano()`.

`table` says, area by area, where each of Theano's modules and names is in this package; `modules`
makes the modules that serve them. Nothing is imported that a program does not ask for.
"""

from lltheano.compat.modules import install_as_theano, uninstall_as_theano

__all__ = ["install_as_theano", "uninstall_as_theano"]
