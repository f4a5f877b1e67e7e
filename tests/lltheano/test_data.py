"""The shipped digits: shape, ranges, balance, and the refusal of a damaged file."""

import gzip

import numpy as np
import pytest

from lltheano import data


def test_digits_have_the_published_shape_and_range() -> None:
    images, labels = data.load_optdigits()
    assert images.shape == (1797, 64)
    assert images.dtype == np.uint8
    assert (images.min(), images.max()) == (0, 16)
    assert labels.shape == (1797,)
    assert sorted(set(labels.tolist())) == list(range(10))


def test_every_digit_is_about_a_tenth() -> None:
    _, labels = data.load_optdigits()
    assert np.bincount(labels).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


def test_the_arrays_belong_to_the_caller() -> None:
    images, labels = data.load_optdigits()
    images[:] = 255
    labels[:] = 255
    again, again_labels = data.load_optdigits()
    assert again.max() == 16
    assert again_labels.max() == 9


def test_another_file_is_refused_by_digest() -> None:
    with pytest.raises(data.DamagedDataError, match="install lltheano again"):
        data.verified(gzip.compress(b"0,0\n"))
