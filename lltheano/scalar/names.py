"""What scalar ops and their classes are called, from the names in the tensor language."""

__all__ = ["INSTANCES", "class_name", "tensor_name"]

_CLASSES = {
    "and_": "AND",
    "arccos": "ArcCos",
    "arccosh": "ArcCosh",
    "arcsin": "ArcSin",
    "arcsinh": "ArcSinh",
    "arctan": "ArcTan",
    "arctan2": "ArcTan2",
    "arctanh": "ArcTanh",
    "chi2sf": "Chi2SF",
    "deg2rad": "Deg2Rad",
    "eq": "EQ",
    "fill": "Second",
    "gammainc": "GammaInc",
    "gammaincc": "GammaIncC",
    "gammaln": "GammaLn",
    "ge": "GE",
    "gt": "GT",
    "isinf": "IsInf",
    "isnan": "IsNan",
    "le": "LE",
    "lt": "LT",
    "neq": "NEQ",
    "or_": "OR",
    "rad2deg": "Rad2Deg",
    "sigmoid": "ScalarSigmoid",
    "softplus": "ScalarSoftplus",
    "tensor_copy": "Identity",
    "xlogx.xlogx": "XlogX",
    "xlogx.xlogy0": "XlogY0",
    "xor": "XOR",
}
"""The classes whose names are not the op's words with capitals."""

_OPS = {value: key for key, value in _CLASSES.items()}

INSTANCES = {
    "identity": "tensor_copy",
    "scalar_maximum": "maximum",
    "scalar_minimum": "minimum",
    "scalar_sigmoid": "sigmoid",
    "scalar_softplus": "softplus",
    "second": "fill",
    "xlogx": "xlogx.xlogx",
    "xlogy0": "xlogx.xlogy0",
}
"""The scalar ops that have another name in the tensor language, with that."""


def class_name(op: str) -> str:
    """Return what the class of an op is called.

    >>> class_name("round_half_to_even"), class_name("eq")
    ('RoundHalfToEven', 'EQ')
    """
    return _CLASSES.get(op) or "".join(word.capitalize() for word in op.split("_"))


def tensor_name(class_name: str) -> str:
    """Return the name, in the tensor language, of the op that a class would be of.

    >>> tensor_name("RoundHalfToEven"), tensor_name("EQ")
    ('round_half_to_even', 'eq')
    """
    words = "".join(f"_{one.lower()}" if one.isupper() else one for one in class_name)
    return _OPS.get(class_name, words.lstrip("_"))
