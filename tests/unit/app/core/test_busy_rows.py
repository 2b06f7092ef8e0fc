"""Rows of a farm whose every node has news all the time: a part of them at each flush, all of them in the end."""

from app.core import actions as act
from app.core.publish import BUSY_NODES_MAX
from app.core.views import NodeRow
from tests.unit.app.core.bench import Bench, of


def nodes_in(actions: list[act.Action]) -> list[int]:
    rows = [action.row for action in of(act.PublishRow, actions)]
    return [row.id for row in rows if isinstance(row, NodeRow)]


def test_rows_of_nodes_whose_tasks_moved_come_a_part_at_a_time():
    bench = Bench()
    for number in range(BUSY_NODES_MAX + 10):
        bench.node(f"n{number}x")
    bench.sleep(2)
    bench.submit(
        frames=f"1-{BUSY_NODES_MAX + 10}"
    )  # in that turn all begin, and the first rows come

    assert len(nodes_in(bench.sleep(0.1))) == 10
    assert nodes_in(bench.sleep(0.1)) == []
