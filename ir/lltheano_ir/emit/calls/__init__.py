"""Calls: of functions of the module, of libraries, of the host, and of algorithms of our own."""
