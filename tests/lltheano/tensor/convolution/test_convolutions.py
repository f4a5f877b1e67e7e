"""Convolutions give what loops over windows give; their gradients agree with differences."""

import itertools
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.signal

import lltheano
import lltheano.tensor as T
from lltheano import function, shared
from lltheano.graph.walk import io_toposort
from lltheano.tensor import nnet
from lltheano.tensor.convolution import abstract, shapes
from lltheano.tensor.convolution.functions import assert_conv_shape, causal_conv1d
from lltheano.tensor.convolution.older import ConvOp, conv2d as older_conv2d, conv3d2d
from lltheano.tensor.signal.conv import conv2d as conv_of_images
from tests.lltheano.evaluation import assert_gradient

Array = np.ndarray[Any, Any]

BORDERS: list[Any] = ["valid", "full", "half", 2, (1, 0), ((0, 1), (2, 0))]


def pads_of(border: Any, filters: Any, dilation: Any) -> list[Any]:
    spans = [(size - 1) * d for size, d in zip(filters, dilation, strict=True)]
    if border in ("valid", "full", "half"):
        sides = {"valid": [0] * len(spans), "full": spans, "half": [(s + 1) // 2 for s in spans]}
        return [(side, side) for side in sides[border]]
    whole = border if isinstance(border, tuple) else (border,) * len(spans)
    return [one if isinstance(one, tuple) else (one, one) for one in whole]


def by_loops(
    x: Array,
    w: Array,
    border: Any = "valid",
    step: Any = None,
    dilation: Any = None,
    flip: bool = True,
    groups: int = 1,
) -> Array:
    """One window after the other."""
    axes = x.ndim - 2
    step, dilation = step or (1,) * axes, dilation or (1,) * axes
    x = np.pad(x, [(0, 0), (0, 0), *pads_of(border, w.shape[2:], dilation)])
    w = np.flip(w, axis=tuple(range(2, w.ndim))) if flip else w
    spans = [(size - 1) * d + 1 for size, d in zip(w.shape[2:], dilation, strict=True)]
    outer = [(size - span) // s + 1 for size, span, s in zip(x.shape[2:], spans, step, strict=True)]
    out = np.zeros((len(x), len(w), *outer), np.result_type(x, w))
    inside, mine = x.shape[1] // groups, len(w) // groups
    whole: Any = out
    for place in itertools.product(*map(range, outer)):
        where = [
            slice(p * s, p * s + span, d)
            for p, s, span, d in zip(place, step, spans, dilation, strict=True)
        ]
        for k, filter_ in enumerate(w):
            first = k // mine * inside
            mine_of: Any = x[:, first : first + inside]
            window = mine_of[(..., *where)]
            whole[(slice(None), k, *place)] = (window * filter_).sum(axis=tuple(range(1, x.ndim)))
    return out


@pytest.fixture
def images(rng: np.random.Generator) -> Array:
    return rng.normal(size=(2, 4, 7, 6))


@pytest.mark.parametrize("flip", [True, False])
@pytest.mark.parametrize("border", BORDERS, ids=str)
@pytest.mark.parametrize(("step", "dilation"), [((1, 1), (1, 1)), ((3, 2), (2, 1))])
def test_two_axes(
    border: Any, step: Any, dilation: Any, flip: bool, images: Array, rng: np.random.Generator
) -> None:
    x, w = T.dtensor4("x"), T.dtensor4("w")
    filters = rng.normal(size=(3, 4, 3, 2))
    out = nnet.conv2d(
        x, w, border_mode=border, subsample=step, filter_dilation=dilation, filter_flip=flip
    )
    got = function([x, w], out)(images, filters)
    expected = by_loops(images, filters, border, step, dilation, flip)
    np.testing.assert_allclose(got, expected, rtol=1e-11, atol=1e-12)
    shape = shapes.get_conv_output_shape(images.shape, filters.shape, border, step, dilation)
    assert got.shape == shape


@pytest.mark.parametrize("mode", ["valid", "full"])
def test_scipys_convolution(mode: str, images: Array, rng: np.random.Generator) -> None:
    w = rng.normal(size=(3, 2))
    x = T.dmatrix("x")
    got = conv_of_images(x, w, border_mode=mode).eval({x: images[0, 0]})
    np.testing.assert_allclose(got, scipy.signal.convolve2d(images[0, 0], w, mode), rtol=1e-12)
    stack = conv_of_images(images[0], np.stack([w, 2 * w]), border_mode=mode).eval()
    assert stack.shape[:2] == (4, 2)
    np.testing.assert_allclose(stack[:, 1], 2 * stack[:, 0])


@pytest.mark.parametrize("groups", [1, 2, 4])
def test_groups(groups: int, images: Array, rng: np.random.Generator) -> None:
    filters = rng.normal(size=(4, 4 // groups, 2, 3))
    got = nnet.conv2d(images, filters, num_groups=groups).eval()
    np.testing.assert_allclose(
        got, by_loops(images, filters, groups=groups), rtol=1e-11, atol=1e-12
    )


def test_three_axes(rng: np.random.Generator) -> None:
    x, w = rng.normal(size=(2, 3, 4, 5, 3)), rng.normal(size=(2, 3, 2, 3, 2))
    for border, step in (("valid", (1, 1, 1)), ("half", (2, 1, 1)), ((1, 0, (0, 2)), (1, 2, 1))):
        got = nnet.conv3d(x, w, border_mode=border, subsample=step).eval()
        np.testing.assert_allclose(got, by_loops(x, w, border, step), rtol=1e-11, atol=1e-12)
    order = (0, 2, 1, 3, 4)
    video = conv3d2d(x.transpose(order), w.transpose(order)).eval()
    np.testing.assert_allclose(video.transpose(order), by_loops(x, w), rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("groups", [1, 2])
def test_filters_of_their_own_at_each_place(
    groups: int, images: Array, rng: np.random.Generator
) -> None:
    w = rng.normal(size=(4, 6, 5, 4 // groups, 2, 2))
    options: Any = {"unshared": True, "filter_flip": False, "num_groups": groups}
    got = nnet.conv2d(images, w, **options).eval()
    for i, j in itertools.product(range(6), range(5)):
        window = images[:, :, i : i + 2, j : j + 2]
        expected = by_loops(window, w[:, i, j], flip=False, groups=groups)[:, :, 0, 0]
        np.testing.assert_allclose(got[:, :, i, j], expected, rtol=1e-11, atol=1e-12)
    top = rng.normal(size=got.shape)
    by_images = nnet.conv2d_grad_wrt_inputs(top, w, images.shape, **options).eval()
    by_filters = nnet.conv2d_grad_wrt_weights(images, top, w.shape, **options).eval()
    np.testing.assert_allclose((by_images * images).sum(), (got * top).sum())
    np.testing.assert_allclose((by_filters * w).sum(), (got * top).sum())
    with pytest.raises(ValueError, match="for 5 places on axis 1, the output has 6"):
        nnet.conv2d(images, w[:, :5], **options).eval()


def test_separable_transposed_and_causal(images: Array, rng: np.random.Generator) -> None:
    depthwise, pointwise = rng.normal(size=(8, 1, 2, 2)), rng.normal(size=(3, 8, 1, 1))
    got = nnet.separable_conv2d(images, depthwise, pointwise, 4).eval()
    inner = by_loops(images, depthwise, groups=4)
    np.testing.assert_allclose(got, by_loops(inner, pointwise), rtol=1e-11, atol=1e-12)

    w = rng.normal(size=(4, 3, 3, 2))
    back = nnet.conv2d_transpose(images, w, (None, None, 15, 12), input_dilation=(2, 2))
    y = rng.normal(size=(2, 3, 15, 12))
    product = (by_loops(y, w, step=(2, 2)) * images).sum()
    np.testing.assert_allclose((back.eval() * y).sum(), product)  # it is the transpose

    x, filters = rng.normal(size=(2, 3, 8)), rng.normal(size=(4, 3, 3))
    causal = causal_conv1d(x, filters, (4, 3, 3), filter_dilation=2).eval()
    before = np.pad(x, ((0, 0), (0, 0), (4, 0)))[..., None]
    expected = by_loops(before, filters[..., None], dilation=(2, 1))[..., 0]
    np.testing.assert_allclose(causal, expected, rtol=1e-11, atol=1e-12)


GRADIENTS: dict[str, Any] = {
    "valid": {},
    "full": {"border_mode": "full"},
    "half": {"border_mode": "half", "subsample": (2, 1)},
    "pads": {"border_mode": ((0, 1), (2, 0)), "filter_flip": False},
    "steps": {"subsample": (2, 3), "filter_dilation": (1, 2)},
}


@pytest.mark.parametrize("name", GRADIENTS)
def test_gradients(name: str, images: Array, rng: np.random.Generator) -> None:
    """By images and filters, also as functions of their own, and of second order."""
    options = GRADIENTS[name]
    filters = rng.normal(size=(3, 4, 3, 2))

    def convolution(x: Any, w: Any) -> Any:
        return nnet.conv2d(x, w, **options)

    T.verify_grad(convolution, [images, filters], rng=np.random.RandomState(1))
    x, w = T.dtensor4("x"), T.dtensor4("w")
    out = convolution(x, w)
    g = T.cos(T.arange(out.size)).reshape(out.shape)
    by_x, by_w = T.grad((out * g).sum(), [x, w])
    direct = [
        nnet.conv2d_grad_wrt_inputs(g, w, x.shape, **options),
        nnet.conv2d_grad_wrt_weights(x, g, w.shape, **options),
    ]
    found = function([x, w], [by_x, by_w, *direct])(images, filters)
    np.testing.assert_allclose(found[0], found[2], rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(found[1], found[3], rtol=1e-10, atol=1e-12)

    by_x, by_w = T.grad((out**2).sum(), [x, w])
    slope = (by_x**2).sum() + (by_w * T.sin(w)).sum()
    given = {x: images[:1, :, :, :5], w: filters}
    for leaf in (x, w):
        assert_gradient(slope, given, leaf, step=1e-5, curvature=1e-5)
    right = lltheano.Rop(out, [x, w], [T.ones_like(x), w])
    assert np.isfinite(function([x, w], right)(images, filters)).all()


def test_gradients_of_other_forms(images: Array, rng: np.random.Generator) -> None:
    T.verify_grad(
        lambda x, w: nnet.conv2d(x, w, num_groups=2),
        [images, rng.normal(size=(4, 2, 2, 3))],
        rng=np.random.RandomState(1),
    )
    T.verify_grad(
        lambda x, w: nnet.conv2d(x, w, unshared=True, num_groups=2),
        [images[:, :2, :4, :4], rng.normal(size=(2, 3, 3, 1, 2, 2))],
        rng=np.random.RandomState(1),
    )
    T.verify_grad(
        lambda x, w: nnet.conv3d(x, w, border_mode="half"),
        [rng.normal(size=(1, 2, 3, 4, 3)), rng.normal(size=(2, 2, 2, 3, 2))],
        rng=np.random.RandomState(1),
    )
    x, w, g = rng.normal(size=(1, 2, 4, 3, 3)), rng.normal(size=(3, 2, 2, 2, 2)), None
    out = by_loops(x, w)
    g = rng.normal(size=out.shape)
    by_x = nnet.conv3d_grad_wrt_inputs(g, w, x.shape).eval()
    by_w = nnet.conv3d_grad_wrt_weights(x, g, w.shape).eval()
    np.testing.assert_allclose((by_x * x).sum(), (out * g).sum())
    np.testing.assert_allclose((by_w * w).sum(), (out * g).sum())


@pytest.mark.parametrize("dtype", ["float32", "float64", "int32"])
def test_dtypes_and_sizes(dtype: str, rng: np.random.Generator) -> None:
    x = rng.integers(-4, 5, (2, 3, 5, 5)).astype(dtype)
    w = rng.integers(-4, 5, (2, 3, 2, 2)).astype(dtype)
    got = nnet.conv2d(x, w).eval()
    assert got.dtype == ("float64" if dtype == "int32" else dtype)
    np.testing.assert_array_equal(got, by_loops(x, w))
    empty = nnet.conv2d(x[:0], w).eval()
    assert empty.shape == (0, 2, 4, 4)
    no_filters = nnet.conv2d(x, w[:0]).eval()
    assert no_filters.shape == (2, 0, 4, 4)


def test_one_compile_serves_all_sizes(rng: np.random.Generator) -> None:
    x, w = T.dtensor4("x"), T.dtensor4("w")
    f = function([x, w], nnet.conv2d(x, w, border_mode="half"))
    for sizes in ((1, 1, 1, 1), (3, 2, 9, 4), (1, 5, 2, 30)):
        images = rng.normal(size=sizes)
        for filters in ((1, sizes[1], 1, 1), (4, sizes[1], 3, 5)):
            kernel = rng.normal(size=filters)
            expected = by_loops(images, kernel, "half")
            np.testing.assert_allclose(f(images, kernel), expected, rtol=1e-10, atol=1e-12)


def test_the_op_is_in_the_graph() -> None:
    x, w = T.ftensor4("x"), T.ftensor4("w")
    out = nnet.conv2d(x, w, (None, 1, 28, 28), (20, 1, 5, 5), subsample=(2, 2))
    (op,) = [
        node.op for node in io_toposort([], [out]) if isinstance(node.op, abstract.BaseAbstractConv)
    ]
    assert isinstance(op, abstract.AbstractConv2d)
    assert (op.imshp, op.kshp) == ((None, 1, 28, 28), (20, 1, 5, 5))
    assert (op.subsample, op.border_mode, op.filter_flip) == ((2, 2), "valid", True)
    assert str(abstract.AbstractConv2d()) == (
        "AbstractConv2d{convdim=2, border_mode='valid', subsample=(1, 1), filter_flip=True,"
        " imshp=(None, None, None, None), kshp=(None, None, None, None), filter_dilation=(1, 1),"
        " num_groups=1, unshared=False}"
    )
    assert ConvOp.getOutputShape((28, 28), (5, 5), (1, 1), "full") == (32, 32)


BAD: dict[str, tuple[Any, type[Exception], str]] = {
    "border": (
        lambda x, w: nnet.conv2d(x, w, border_mode="same"),
        ValueError,
        "invalid border_mode",
    ),
    "negative": (lambda x, w: nnet.conv2d(x, w, border_mode=-1), ValueError, "invalid border_mode"),
    "steps": (lambda x, w: nnet.conv2d(x, w, subsample=(1,)), ValueError, "subsample must be 2"),
    "step 0": (lambda x, w: nnet.conv2d(x, w, subsample=(0, 1)), ValueError, "positive integers"),
    "axes": (lambda x, w: nnet.conv2d(x[0], w), TypeError, "img must have 4 axes"),
    "filters": (lambda x, w: nnet.conv2d(x, w[0]), TypeError, "kern must have 4 axes"),
    "logical": (
        lambda x, w: nnet.conv2d(x, w, imshp_logical=(1, 8, 8)),
        ValueError,
        "'imshp_logical' and 'kshp_logical' for conv2d are not supported",
    ),
    "both names": (
        lambda x, w: nnet.conv2d(x, w, input_shape=(1, 2, 4, 4), image_shape=(1, 2, 4, 4)),
        ValueError,
        "should not be provided at the same time",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_wrong_is_said_when_it_is_built(name: str) -> None:
    build, error, message = BAD[name]
    with pytest.raises(error, match=message):
        build(T.dtensor4("x"), T.dtensor4("w"))


def test_shapes_that_are_known_are_checked_when_it_is_built() -> None:
    x, w = T.dtensor4("x"), T.dtensor4("w")
    shapes_and_messages: tuple[tuple[Any, Any, dict[str, Any], str], ...] = (
        ((2, 3, 6, 5), (4, 4, 3, 2), {}, "images of 3 channels do not go with filters for 4"),
        ((2, 4, 6, 5), (4, 4, 3, 2), {"num_groups": 2}, "filters for 8"),
        ((2, 4, 6, 5), (3, 2, 3, 2), {"num_groups": 2}, "2 groups do not divide 3 filters"),
        ((2, 3, 6, 5), (4, 3, 9, 2), {}, "nothing is left"),
        ((2, 3, 6), None, {}, "imshp must have 4 sizes"),
        (None, (-1, 3, 6, 5), {}, "kshp should be None or a tuple of constant int values"),
        ((2, 3, 6, 5.5), None, {}, "imshp should be None or a tuple of constant int values"),
    )
    for images, filters, options, message in shapes_and_messages:
        with pytest.raises(ValueError, match=message):
            nnet.conv2d(x, w, images, filters, **options)


def test_gradients_of_other_sizes_are_refused(rng: np.random.Generator) -> None:
    """What no convolution gives has no gradient, though a sum of windows could be formed."""
    x, w, g = T.dtensor4("x"), T.dtensor4("w"), T.dtensor4("g")
    images, filters = rng.normal(size=(2, 4, 6, 5)), rng.normal(size=(3, 4, 3, 2))
    top = rng.normal(size=(2, 3, 4, 4))

    def by_images(sizes: Any, given: Array = top, **options: Any) -> Any:
        out = nnet.conv2d_grad_wrt_inputs(g, w, sizes, **options)
        return function([g, w], out)(given, filters)

    def by_filters(sizes: Any, given: Array = top, **options: Any) -> Any:
        out = nnet.conv2d_grad_wrt_weights(x, g, sizes, **options)
        return function([x, g], out)(images, given)

    assert by_images(images.shape).shape == images.shape
    assert by_filters(filters.shape).shape == filters.shape
    calls: tuple[tuple[Callable[[], Array], str], ...] = (
        (lambda: by_images((2, 4, 9, 5)), r"g \(.* has size 4 on axis 2; .* have 7 there"),
        (lambda: by_images((2, 4, 6, 9)), "on axis 3"),
        (lambda: by_images((2, 5, 6, 5)), "has size 4 on axis 1, not 5"),
        (lambda: by_images((7, 4, 6, 5)), "has size 2 on axis 0, not 7"),
        (lambda: by_images(images.shape, top[:, :2]), "has 2 channels, there are 3 filters"),
        (lambda: by_filters((3, 4, 4, 2)), r"g \(.* has size 4 on axis 2; .* have 3 there"),
        (lambda: by_filters((3, 5, 3, 2)), "has size 4 on axis 1, not 5"),
        (lambda: by_filters((2, 4, 3, 2)), "has size 3 on axis 0, not 2"),
        (lambda: by_filters(filters.shape, top[:1]), r"2 images in x \(.*, 1 in the gradient g"),
        (
            lambda: by_filters((None, 2, 3, 2), num_groups=2),
            "3 channels, which 2 groups do not divide",
        ),
    )
    for call, message in calls:
        with pytest.raises(ValueError, match=message):
            call()


def test_messages_name_what_was_checked_before(images: Array) -> None:
    x, w = T.dtensor4("x"), T.dtensor4("w")
    out = nnet.conv2d(x, w, (None, None, 7, 6))
    with pytest.raises(ValueError, match=r"images of 4 channels, x .* filters for 3, w "):
        function([x, w], out)(images, np.ones((1, 3, 2, 2)))


def test_older_parameters_are_taken_with_a_warning() -> None:
    x, w = T.dtensor4("x"), np.ones((1, 2, 2, 2))
    with pytest.warns(UserWarning, match="`image_shape` keyword argument") as caught:
        out = nnet.conv2d(x, w, image_shape=(None, 2, 5, 5))
    assert caught[0].filename == __file__
    with pytest.raises(ValueError, match="input_shape: x"):
        out.eval({x: np.ones((1, 2, 4, 4))})
    with pytest.warns(UserWarning, match=r"\['version'\] are now deprecated") as caught:
        nnet.conv2d(x, w, version=3)
    assert caught[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        older_conv2d(x, w, (None, 2, 5, 5), unroll_batch=2, version=1)
        older_conv2d(x, w, image_shape=(None, 2, 5, 5), kshp_logical=None)


def test_numpys_integers_are_integers() -> None:
    one, two = np.int64(1), np.int8(2)
    op = abstract.AbstractConv2d(None, None, (one, (two, 0)), (two, 1), True, (one, two))
    plain = abstract.AbstractConv2d(None, None, (1, (2, 0)), (2, 1), True, (1, 2))
    assert op == plain
    assert all(type(step) is int for step in op.subsample + op.filter_dilation)
    assert abstract.AbstractConv2d(None, None, one).border_mode == ((1, 1), (1, 1))


def test_what_is_wrong_is_said_when_it_runs() -> None:
    """With the variable's name, and nothing changed."""
    x, w, count = T.dtensor4("x"), T.dtensor4("w"), shared(0)

    def run(out: Any, *given: Any) -> Any:
        return function([x, w], out, updates=[(count, count + 1)])(*given)

    image = np.ones((1, 2, 4, 4))
    with pytest.raises(
        ValueError, match=r"nothing is left: an image of size .* 4, a filter of size 5"
    ):
        run(nnet.conv2d(x, w), image, np.ones((1, 2, 5, 1)))
    with pytest.raises(ValueError, match=r"images of 2 channels, x .* filters for 3, w"):
        run(nnet.conv2d(x, w), image, np.ones((1, 3, 2, 2)))
    with pytest.raises(ValueError, match="2 groups do not divide 3 filters"):
        run(nnet.conv2d(x, w, num_groups=2), image, np.ones((3, 1, 2, 2)))
    with pytest.raises(ValueError, match=r"input_shape: x .* has size 4 on axis 2, not 5"):
        run(nnet.conv2d(x, w, input_shape=(None, 2, 5, None)), image, np.ones((1, 2, 2, 2)))
    assert int(count.get_value()) == 0
    with pytest.raises(ValueError, match="size 0 on axis 2"):
        assert_conv_shape((1, 1, 0, 3))


@pytest.mark.parametrize("border", BORDERS, ids=str)
def test_shapes_there_and_back(border: Any) -> None:
    image, filters = (2, 3, 9, 12), (4, 3, 3, 5)
    top = shapes.get_conv_output_shape(image, filters, border, (1, 1), (1, 2))
    back = shapes.get_conv_gradinputs_shape(filters, top, border, (1, 1), (1, 2))
    assert back == image
    assert shapes.check_conv_gradinputs_shape(image, filters, top, border, (1, 1), (1, 2))
    assert not shapes.check_conv_gradinputs_shape(image, filters, (2, 4, 1, 1), border, (1, 1))
    if border != "half":
        there = shapes.get_conv_gradweights_shape(image, top, border, (1, 1), (1, 2))
        assert there == filters
    assert shapes.get_conv_gradinputs_shape(filters, top, border, (2, 1), (1, 2))[2] is None
