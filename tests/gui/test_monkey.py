"""A monkey plays for a moment; ``make monkey`` lets it play for ten minutes."""

import pytest

from tests.gui.monkey import Monkey, farm_rows

STEPS = 80


@pytest.mark.parametrize("seed", [7])
def test_ux07_a_monkey_does_not_break_the_window(window, link, farm, qapp, seed):
    link.show(farm_rows())
    monkey = Monkey(window, link, farm, seed)
    for _ in range(STEPS):
        monkey.play()
        qapp.processEvents()
    monkey.stop()
    assert monkey.steps == STEPS
