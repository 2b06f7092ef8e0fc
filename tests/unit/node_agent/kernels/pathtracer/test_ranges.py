"""Sets of samples against Python's own sets."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from node_agent.kernels.pathtracer.ranges import add_range, holds_any, reach

pieces = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 6)), max_size=12)


@given(pieces, st.integers(0, 45), st.integers(1, 8))
def test_against_a_set(parts, first, length):
    ranges, numbers = [], set()
    for start, size in parts:
        new = set(range(start, start + size))
        assert holds_any(ranges, start, start + size) == bool(new & numbers)
        if not new & numbers:
            ranges, numbers = add_range(ranges, start, start + size), numbers | new
    assert {n for low, high in ranges for n in range(low, high)} == numbers
    assert all(a[1] < b[0] for a, b in itertools.pairwise(ranges))
    assert holds_any(ranges, first, first + length) == bool(
        numbers & set(range(first, first + length))
    )
    end = first
    while end in numbers:
        end += 1
    assert reach(ranges, first) == end
