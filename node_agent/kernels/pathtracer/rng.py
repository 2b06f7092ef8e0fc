"""Random numbers as a function of (seed, pixel, sample, dimension), and of nothing else.

So a sample may be taken by any thread, process or device, in any order, and be the same sample. Pairs
of dimensions come from the (0, 2)-sequence (the first two dimensions of Sobol), its index shuffled and
its points scrambled anew for each pixel and pair by hash-based Owen scrambling:

* Burley, "Practical Hash-based Owen Scrambling", JCGT 9(4), 2020: shuffle and scramble, section 3;
* Vegdahl, "Building a Better LK Hash", 2021: the constants of ``scramble_reversed``;
* Ahmed, "An Implementation Algorithm of 2D Sobol Sequence Fast, Elegant, and Compact", 2024: the second
  dimension as five shifts;
* PBRT 4, 8.6 and 8.7: why padded (0, 2)-points serve a path tracer.

Every product and sum is cut to 32 bits by hand: Numba widens uint32 arithmetic to 64 bits, numpy does not.
"""

from __future__ import annotations

import numpy as np

from node_agent.kernels.pathtracer.jit import shared

U = np.uint32
F = np.float32

GOLDEN = np.uint32(0x9E3779B9)
TO_UNIT = np.float32(2.0**-24)

# Dimensions. A vertex of the path takes DIMENSIONS_A_VERTEX of them, from FIRST_VERTEX on.
DIM_FILM, DIM_LENS, FIRST_VERTEX = U(0), U(1), U(2)
DIM_TIME = U(2)
"""The first vertex's, which are free: vertices count from 1."""
DIM_LIGHT, DIM_SCATTER, DIM_ROULETTE, DIM_LOBE = U(0), U(1), U(2), U(3)
DIMENSIONS_A_VERTEX = U(4)


@shared
def mix(x):
    """Hash a uint32 to a uint32 (lowbias32 of C. Wellons' hash prospector)."""
    x = U(x ^ (x >> U(16)))
    x = U(x * U(0x7FEB352D))
    x = U(x ^ (x >> U(15)))
    x = U(x * U(0x846CA68B))
    return U(x ^ (x >> U(16)))


@shared
def pixel_key(seed, pixel):
    """The uint32 key of one pixel's random numbers."""
    return mix(U(mix(U(seed)) + U(pixel) * GOLDEN))


@shared
def reverse_bits(x):
    """Mirror the 32 bits of a uint32."""
    x = U((x >> U(16)) | (x << U(16)))
    x = U(((x >> U(8)) & U(0x00FF00FF)) | ((x & U(0x00FF00FF)) << U(8)))
    x = U(((x >> U(4)) & U(0x0F0F0F0F)) | ((x & U(0x0F0F0F0F)) << U(4)))
    x = U(((x >> U(2)) & U(0x33333333)) | ((x & U(0x33333333)) << U(2)))
    return U(((x >> U(1)) & U(0x55555555)) | ((x & U(0x55555555)) << U(1)))


@shared
def scramble_reversed(x, seed):
    """Owen-scramble a bit-reversed uint32: each bit flips by a hash of those below it."""
    x = U(x ^ U(x * U(0x3D20ADEA)))
    x = U(x + seed)
    x = U(x * U((seed >> U(16)) | U(1)))
    x = U(x ^ U(x * U(0x05526C56)))
    return U(x ^ U(x * U(0x53A22864)))


@shared
def sobol_second(index):
    """The second dimension of Sobol at ``index``, bit-reversed: a product with Pascal's triangle mod 2.

    Bit k is the sum of all bits j of which k is a binary subset (Lucas), hence a butterfly."""
    x = U(index ^ (index >> U(16)))
    x = U(x ^ ((x >> U(8)) & U(0x00FF00FF)))
    x = U(x ^ ((x >> U(4)) & U(0x0F0F0F0F)))
    x = U(x ^ ((x >> U(2)) & U(0x33333333)))
    return U(x ^ ((x >> U(1)) & U(0x55555555)))


@shared
def to_unit(x):
    """A uint32 as float32 in [0, 1): the 24 bits that a float32 holds, so that 1 is never reached."""
    return F(U(x >> U(8))) * TO_UNIT


@shared
def draw_pair(key, reversed_sample, dimension):
    """Two float32 in [0, 1) of one pixel, stratified together over the samples.

    ``reversed_sample`` is ``reverse_bits(sample)``, computed once a sample."""
    seed = mix(U(key ^ U(dimension * GOLDEN)))
    index = reverse_bits(scramble_reversed(reversed_sample, seed))
    second_seed = mix(U(seed ^ U(0x51633E2D)))
    first = reverse_bits(scramble_reversed(index, U(second_seed ^ U(0x68BC21EB))))
    second = reverse_bits(scramble_reversed(sobol_second(index), second_seed))
    return to_unit(first), to_unit(second)


@shared
def draw(key, reversed_sample, dimension):
    """One float32 in [0, 1), not stratified: for the decisions where that gains nothing."""
    return to_unit(mix(U(mix(U(reversed_sample + dimension * GOLDEN)) ^ key)))
