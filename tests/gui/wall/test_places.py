"""Where nodes stand on the wall: each once, inside, apart, and in the same place whatever they do."""

from hypothesis import given, settings
from hypothesis import strategies as st

from app.gui.wall.places import GAP, SIDE_MIN, TITLE_PX, place

FARM = {"artists": range(86), "cpu": range(86, 286), "gpu-a": range(286, 536), "": range(536, 715)}


def boxes(places):
    return {(round(x), round(y)) for x, y in places.cells.values()}


def test_715_nodes_fit_where_the_window_opens():
    places = place(FARM, 1100, 400)
    assert places.height <= 400
    assert places.side >= 14
    assert len(places.cells) == 715
    assert [title.name for title in places.titles] == ["artists", "cpu", "gpu-a", ""]


groups = st.dictionaries(st.text("abc", max_size=3), st.integers(1, 90), max_size=5)


@settings(max_examples=60, deadline=None)
@given(groups, st.integers(160, 1600), st.integers(60, 900))
def test_every_node_has_a_place_of_its_own(sizes, width, height):
    first, made = 0, {}
    for name, size in sizes.items():
        made[name] = range(first, first + size)
        first += size
    places = place(made, width, height)
    assert places.cells.keys() == set(range(first))
    assert len(boxes(places)) == first
    assert all(x + places.side <= width + SIDE_MIN for x, _ in places.cells.values())
    assert places.height <= height or places.side == SIDE_MIN
    for node, (x, y) in places.cells.items():
        assert places.at(x + places.side / 2, y + places.side / 2) == node


def test_beside_the_cells_there_is_nobody():
    places = place({"a": range(5)}, 400, 300)
    last = places.cells[4]
    assert places.at(last[0] + places.side + GAP + 1, last[1] + 1) is None
    assert places.at(1, places.height + TITLE_PX + 40) is None


def test_arrow_keys_reach_every_node():
    places = place({"a": range(7), "b": range(7, 12)}, 200, 80)
    assert places.step(None, 1, 0) == 0
    assert [places.step(node, 1, 0) for node in range(11)] == list(range(1, 12))
    assert places.step(11, 1, 0) == 11
    assert places.step(0, -1, 0) == 0
    seen, at = {0}, 0
    for _ in range(20):
        at = places.step(at, 0, 1)
        seen.add(at)
    assert at in places.rows[-1]
    assert place({}, 100, 100).step(None, 1, 0) is None
