"""A drag with a real mouse, in the real window, on a real farm: what is dropped is rendered next.

Dispatcher, agent and window are processes of their own; the pointer is xdotool's. At its end a test
saves the screen beside its other files (tmp_path/screen.png), which pytest keeps for the last runs.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from app.core import commands
from app.core.views import AttemptRow
from app.gui.probe import VARIABLE
from node_agent.wire.job import KernelWork
from tests.integration.local_farm import ROOT, LocalFarm, local_farm, wait_until

SHOTS, FRAMES, FRAME_S = 8, 40, 0.3
TIMEOUT_S = 40.0
STEP_S = 0.03
DRAG_STEPS = 8
# A root without a login session has no XDG_RUNTIME_DIR; Qt makes one and says so.
IGNORED = re.compile("QStandardPaths: ")


class RealWindow:
    """The window's process, and what it says of itself (app.gui.probe)."""

    def __init__(self, farm: LocalFarm, folder: Path) -> None:
        self._told = folder / "told.json"
        self.log = folder / "window.log"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "tests.gui_xvfb.entry"),
                    *(str(farm.home), str(folder / "window.ini")),
                ],
                cwd=ROOT,
                env=os.environ | {VARIABLE: str(self._told)},
                stdout=log,
                stderr=log,
            )

    def told(self) -> dict:
        """Return what it said last."""
        assert self.process.poll() is None, self.log.read_text()
        return json.loads(self._told.read_text()) if self._told.exists() else {}

    def wait_for(self, condition, what: str) -> dict:
        wait_until(lambda: (told := self.told()) and condition(told), TIMEOUT_S, what)
        return self.told()

    def at(self, shot: int, part: float = 0.5) -> tuple[int, int]:
        """Return the screen's point in a shot's line; ``part`` of its height from its top."""
        x, y, height = self.told()["rows"][str(shot)]
        return x, round(y + (part - 0.5) * height)

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=20)


def hand(*arguments: object) -> None:
    """Do this with the display's pointer and keys."""
    subprocess.run(["xdotool", *map(str, arguments)], check=True, timeout=30)


def click(at: tuple[int, int], *keys: str) -> None:
    held = [word for key in keys for word in ("keydown", key)]
    freed = [word for key in keys for word in ("keyup", key)]
    hand("mousemove", *at, "sleep", STEP_S, *held, "click", 1, *freed, "sleep", STEP_S)


def drag(start: tuple[int, int], end: tuple[int, int], *, drop: bool = True) -> None:
    """Press, go there by small steps, rest over the place, let go (or press Esc first)."""
    moves = []
    for n in range(1, DRAG_STEPS + 1):
        point = [round(a + (b - a) * n / DRAG_STEPS) for a, b in zip(start, end, strict=True)]
        moves += ["mousemove", *point, "sleep", STEP_S]
    escape = () if drop else ("key", "Escape", "sleep", 0.2)
    rest = ("mousemove", *end, "sleep", 0.2)
    hand("mousemove", *start, "sleep", STEP_S, "mousedown", 1, *moves, *rest, *escape, "mouseup", 1)


@pytest.fixture
def farm(tmp_path):
    with local_farm(tmp_path / "farm") as made:
        yield made


@pytest.fixture
def client(farm):
    with farm.client() as made:
        yield made


@pytest.fixture
def shots(client):
    """Hand in the shots; return their ids in queue order."""
    work = KernelWork(
        kernel="noop",
        scene="none",
        width=16,
        height=9,
        samples=4,
        samples_per_pass=4,
        options={"cost_s": FRAME_S},
    )
    step = commands.StepRequest(work=work, frames=f"1-{FRAMES}")
    return [
        client.submit(
            commands.Submit(
                project="NZ2", sequence="sq010", shot=f"sh{n:04d}", name="test", steps=[step]
            )
        ).shot
        for n in range(1, SHOTS + 1)
    ]


@pytest.fixture
def window(display, qapp, farm, shots, tmp_path):
    made = RealWindow(farm, tmp_path)
    made.wait_for(lambda told: len(told["rows"]) >= SHOTS - 1, "showing the shots")
    yield made
    qapp.primaryScreen().grabWindow(0).save(str(tmp_path / "screen.png"))
    made.close()
    said = [line for line in made.log.read_text().splitlines() if not IGNORED.search(line)]
    assert not said  # a warning of Qt's, or a traceback that the window survived


def queue(client) -> list[int]:
    return [row.id for row in client.list("shots")]


def newest_attempts(client) -> list[AttemptRow]:
    return client._ask(commands.GetAttempts(count=20), commands.Attempts).rows


def assert_rendered_next(client, shot: int) -> None:
    """Every attempt that begins once the farm has the new order is of that shot."""
    wait_until(lambda: queue(client)[0] == shot, TIMEOUT_S, "the new order in the farm")
    known = {(row.step, row.task, row.epoch) for row in newest_attempts(client)}

    def fresh() -> list[AttemptRow]:
        rows = newest_attempts(client)
        return [row for row in rows if (row.step, row.task, row.epoch) not in known]

    wait_until(lambda: len(fresh()) >= 3, TIMEOUT_S, "three more frames")
    assert {row.shot for row in fresh()} == {shot}


@pytest.mark.slow
def test_what_is_dragged_to_the_top_is_rendered_next(farm, client, shots, window):
    farm.start_agent("one", "--threads", "1")
    wait_until(lambda: len(newest_attempts(client)) >= 2, TIMEOUT_S, "the first frames")
    assert {row.shot for row in newest_attempts(client)} == {shots[0]}
    dragged = shots[4]
    drag(window.at(dragged), window.at(shots[0], 0.15))
    assert_rendered_next(client, dragged)
    assert window.wait_for(lambda told: told["order"][0] == dragged, "the new order in the window")


@pytest.mark.slow
def test_five_shots_from_here_and_there_keep_their_order(client, shots, window):
    chosen = [shots[at] for at in (1, 3, 4, 5, 6)]
    click(window.at(chosen[0]))
    for shot in chosen[1:]:
        click(window.at(shot), "ctrl")
    window.wait_for(lambda told: told["chosen"] == chosen, "the choice of five")
    drag(window.at(chosen[2]), window.at(shots[0], 0.15))
    expected = [*chosen, *(shot for shot in shots if shot not in chosen)]
    wait_until(lambda: queue(client) == expected, TIMEOUT_S, "the new order in the farm")
    told = window.wait_for(lambda told: told["order"] == expected, "the new order in the window")
    assert told["chosen"] == chosen


@pytest.mark.slow
def test_a_drag_given_up_changes_nothing_and_keys_move_and_undo(client, shots, window):
    drag(window.at(shots[4]), window.at(shots[1], 0.15), drop=False)
    click(window.at(shots[3]))
    window.wait_for(lambda told: told["chosen"] == [shots[3]], "the choice of one")
    assert queue(client) == shots
    hand("key", "alt+Home")
    expected = [shots[3], *(shot for shot in shots if shot != shots[3])]
    wait_until(lambda: queue(client) == expected, TIMEOUT_S, "the move by key")
    # The farm has the move before the window has the answer, and only then is there something to undo.
    window.wait_for(lambda told: told["may_undo"], "the move as something to undo")
    hand("key", "ctrl+z")
    wait_until(lambda: queue(client) == shots, TIMEOUT_S, "the order of before")
    assert window.wait_for(
        lambda told: told["order"] == shots, "the order of before, in the window"
    )


@pytest.mark.slow
def test_a_dispatcher_that_dies_is_said_and_found_again(farm, client, shots, window):
    window.wait_for(lambda told: told["link"] == "live", "being live")
    farm.kill_dispatcher()
    window.wait_for(lambda told: told["link"] == "lost", "saying that the farm is lost")
    farm.start_dispatcher()
    told = window.wait_for(lambda told: told["link"] == "live", "being live again")
    assert told["order"] == shots
