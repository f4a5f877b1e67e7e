"""Convolutions as functions of the module, which all convolutions of a program share."""
