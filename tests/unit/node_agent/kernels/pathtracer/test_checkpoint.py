"""Checkpoints: what comes back, and what is refused, each by its name."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from node_agent.kernels.interface import KernelRefusal
from node_agent.kernels.pathtracer.checkpoint import MAGIC, Header, decode, encode
from node_agent.kernels.pathtracer.film import FILM_PLANES

HEADER = Header(version="1", spec="a" * 64, scene="b" * 64, device="cpu", ranges=((0, 4), (8, 12)))
PIXELS = 30
FILM = np.random.default_rng(1).integers(-(2**62), 2**62, (PIXELS, FILM_PLANES))
DATA = encode(HEADER, FILM)


def test_comes_back_whole():
    header, film = decode(DATA, dataclasses.replace(HEADER, ranges=(), device="cuda"), PIXELS)
    assert header == HEADER
    np.testing.assert_array_equal(film, FILM)
    assert film.flags.writeable


@pytest.mark.parametrize("name", ["version", "spec", "scene"])
def test_of_something_else(name):
    with pytest.raises(KernelRefusal, match=name):
        decode(DATA, dataclasses.replace(HEADER, **{name: "other"}), PIXELS)


def test_of_another_size():
    for pixels in (PIXELS - 1, PIXELS + 1):
        with pytest.raises(KernelRefusal, match="size"):
            decode(DATA, HEADER, pixels)


@given(st.integers(0, len(DATA) - 1), st.integers(1, 255))
def test_any_changed_byte(place, change):
    broken = bytearray(DATA)
    broken[place] ^= change
    with pytest.raises(KernelRefusal, match=r"damaged|no checkpoint"):
        decode(bytes(broken), HEADER, PIXELS)


@given(st.integers(0, len(DATA) - 1))
def test_any_truncation(length):
    with pytest.raises(KernelRefusal, match=r"damaged|no checkpoint"):
        decode(DATA[:length], HEADER, PIXELS)


@given(st.binary(max_size=300))
def test_any_bytes_with_a_true_digest(body):
    """Someone may compute the SHA-256 of nonsense too."""
    import hashlib

    content = MAGIC + body
    with pytest.raises(KernelRefusal):
        decode(content + hashlib.sha256(content).digest(), HEADER, PIXELS)
