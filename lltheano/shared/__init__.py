"""Shared variables: state that lives between calls and is shared by functions."""

from lltheano.shared.construct import shared
from lltheano.shared.container import Container, ObjectContainer, TensorContainer
from lltheano.shared.objects import ObjectCell
from lltheano.shared.variable import (
    GenericSharedVariable,
    ScalarSharedVariable,
    SharedVariable,
    TensorSharedVariable,
)

__all__ = [
    "Container",
    "GenericSharedVariable",
    "ObjectCell",
    "ObjectContainer",
    "ScalarSharedVariable",
    "SharedVariable",
    "TensorContainer",
    "TensorSharedVariable",
    "shared",
]
