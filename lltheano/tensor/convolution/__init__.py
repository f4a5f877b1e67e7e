"""Convolutions, pooling and what else is made of windows of images."""
