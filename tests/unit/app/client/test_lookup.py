"""From what a person writes to the shot it means."""

import pytest

from app.client.lookup import find_nodes, find_shots, find_task
from app.errors import UserMistake
from node_agent.wire.job import Run
from tests.integration.cli.fake_farm import make_node, make_shot, make_step

SHOTS = [
    make_shot(1, "sh0010"),
    make_shot(2, "sh0020"),
    make_shot(3, "sh0010", sequence="sq020"),
    make_shot(4, "7"),
]


@pytest.mark.parametrize(
    ("key", "number"),
    [
        (2, 2),
        ("2", 2),
        ("sh0020", 2),
        ("SH0020", 2),
        ("sq020/sh0010", 3),
        ("NZ2/sq010/sh0010", 1),
        ("/nz2/sq010/sh0010/", 1),
        ("7", 4),
    ],
)
def test_a_shot_is_found_by_id_or_any_clear_end_of_its_name(key, number):
    assert [row.id for row in find_shots(SHOTS, [key])] == [number]


def test_each_shot_is_given_once_in_the_order_asked():
    assert [row.id for row in find_shots(SHOTS, ["sh0020", 1, "2"])] == [2, 1]


@pytest.mark.parametrize(
    ("key", "sentence"),
    [
        ("sh0010", "'sh0010' means several shots: NZ2/sq010/sh0010, NZ2/sq020/sh0010; write PROJ/SEQ/SHOT."),
        ("sh0021", "There is no shot 'sh0021' in the queue; there is NZ2/sq010/sh0020"),
        ("NZ2/sq010/sh0030", "there is NZ2/sq010/sh0020"),
        ("zzz", "There is no shot 'zzz' in the queue; `windfire ls` lists them."),
    ],
)  # fmt: skip
def test_what_is_not_found_is_told_with_what_is_near(key, sentence):
    with pytest.raises(UserMistake) as refused:
        find_shots(SHOTS, [key])
    assert sentence in refused.value.sentence


def test_an_empty_queue_is_said():
    with pytest.raises(UserMistake, match="queue, which is empty"):
        find_shots([], ["sh0010"])


def test_nodes_by_name_or_id():
    nodes = [make_node(1, "kea"), make_node(2, "kaka")]
    assert [row.id for row in find_nodes(nodes, ["kaka", 1])] == [2, 1]
    with pytest.raises(UserMistake, match="there is kea"):
        find_nodes(nodes, ["kae"])
    with pytest.raises(UserMistake, match="no node has joined yet"):
        find_nodes([], ["kea"])


def test_a_frame_is_found_in_the_newest_step_that_has_it():
    old, new = make_step(1), make_step(2, tasks=3)
    chunked = make_step(
        3, runs=[Run(0, 1, 100, 12, 8, 4), Run(1, 1, 112, 0, 0, 4)], frames="100-112x4"
    )
    assert find_task([old, new, chunked], 2) == (new, 1)
    assert find_task([old, new, chunked], 9) == (old, 8)
    assert find_task([old, new, chunked], 104) == (chunked, 0)
    with pytest.raises(
        UserMistake, match="Frame 105 is not in this shot, which has 100-112x4, 1-3, 1-10"
    ):
        find_task([old, new, chunked], 105)
    with pytest.raises(UserMistake, match="no job yet"):
        find_task([], 1)
