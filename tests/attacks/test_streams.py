"""Draws of many images at once, each from a stream of its own."""

import numpy as np
from small_models import rng

from weightspace.attacks.streams import Streams, below, distinct

# SplitMix64's first numbers from the key 1234567, as its reference code in C prints them.
KNOWN = [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821]


def keys(count):
    return rng(3).integers(2**63, size=count, dtype=np.uint64)


def test_numbers_are_those_of_the_reference_code():
    streams = Streams(np.array([1, 1234567], dtype=np.uint64))
    found = np.concatenate([streams.bits(np.array([1]), 2), streams.bits(np.array([0, 1]), 3)[1:]], axis=1)
    assert found.tolist() == [KNOWN]


def test_a_stream_depends_neither_on_the_others_nor_on_how_many_are_drawn_at_once():
    alone, together = Streams(keys(1)), Streams(keys(5))
    first = together.uniform(np.array([4, 0]), 6)[1]
    assert (np.concatenate([alone.uniform(np.array([0]), 2), alone.uniform(np.array([0]), 4)], axis=1) == first).all()
    assert ((first >= 0) & (first < 1)).all()


def test_draws_are_even_and_those_of_one_row_are_distinct():
    bits = Streams(keys(2)).bits(np.arange(2), 3 * 5000).reshape(2, 5000, 3)
    drawn = distinct(bits, np.array([3, 7]))
    assert (np.sort(drawn[0], axis=1) == np.arange(3)).all()  # all of three, in all orders
    assert len(np.unique(drawn[0], axis=0)) == 6
    assert (np.diff(np.sort(drawn[1], axis=1), axis=1) > 0).all()
    for size, some in ((3, drawn[0, :, 0]), (7, drawn[1]), (4, below(bits, 4))):
        shares = np.bincount(some.ravel(), minlength=size) / some.size
        assert len(shares) == size
        assert np.allclose(shares, 1 / size, atol=0.03)
