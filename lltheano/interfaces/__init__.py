"""What lower layers need of layers above them.

A module imports only from layers below its own. Where a layer needs one above it, a protocol of
this package lists what it needs, and a name of `lltheano.interfaces.layers` stands for the layer.
"""
