"""Shared variables: state that lives between calls and is shared by functions."""

from lltheano.shared.compound import CONTAINERS, CompoundContainer, CompoundSharedVariable
from lltheano.shared.construct import shared, shared_constructor
from lltheano.shared.container import Container, ObjectContainer, TensorContainer
from lltheano.shared.objects import ObjectStorage
from lltheano.shared.variable import (
    GenericSharedVariable,
    ScalarSharedVariable,
    SharedVariable,
    TensorSharedVariable,
    fresh_storage,
    shared_class,
)

__all__ = [
    "CONTAINERS",
    "CompoundContainer",
    "CompoundSharedVariable",
    "Container",
    "GenericSharedVariable",
    "ObjectContainer",
    "ObjectStorage",
    "ScalarSharedVariable",
    "SharedVariable",
    "TensorContainer",
    "TensorSharedVariable",
    "fresh_storage",
    "shared",
    "shared_class",
    "shared_constructor",
]
