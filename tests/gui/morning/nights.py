"""A night for the tests of the morning, as the farm tells it."""

from app.core.command_set import BlockNodes, Kill, Move, Remedy, Retry, Skip
from app.core.reports import (
    Morning,
    MorningFailure,
    MorningIdle,
    MorningShot,
    MorningSlip,
    MorningStuck,
)
from tests.gui.fakes import NOW


def failure(number: int, **fields) -> MorningFailure:
    """Return a cause that failed ``10 * number`` times, on shot ``number``."""
    given = {
        "cause": "crash",
        "sentence": f"Solver {number}: cloth.#.abc ends early",
        "count": 10 * number,
        "left": number,
        "tasks": [(number, 3)],
        "shots": [number],
        "nodes": ["node01", "node02"],
        "remedies": [
            Remedy(text="Retry on other nodes", command=Retry(tasks=[(number, 3)])),
            Remedy(text="Skip the frames", command=Skip(tasks=[(number, 3)])),
            Remedy(text="Block node01", command=BlockNodes(jobs=[number], nodes=[1])),
        ],
    }
    return MorningFailure(**(given | fields))


def stuck(**fields) -> MorningStuck:
    """Return a frame of shot 2 that runs for two hours instead of six minutes."""
    given = {
        "step": 2,
        "task": 5,
        "epoch": 1,
        "shot": 2,
        "frame": 1006,
        "node": 2,
        "node_name": "node02",
        "since": NOW - 7200,
        "expected_s": 360.0,
        "sentence": "It has said nothing for 1 h 50 min.",
        "remedies": [Remedy(text="Kill it", command=Kill(tasks=[(2, 5)]))],
    }
    return MorningStuck(**(given | fields))


def idle(**fields) -> MorningIdle:
    """Return a node that was drained."""
    given = {
        "node": 1,
        "name": "node01",
        "devices": 2,
        "since": NOW - 5400,
        "kind": "drained",
        "sentence": "It is drained.",
        "remedies": [Remedy(text="Put it to work", command=None)],
    }
    return MorningIdle(**(given | fields))


def slip(**fields) -> MorningSlip:
    """Return a shot that misses its promise."""
    given = {
        "shot": 4,
        "name": "NZ2/sq010/sh0040",
        "due": NOW + 3600,
        "was_p50": NOW + 1800,
        "p50": NOW + 5400,
        "p90": NOW + 6000,
        "slip_s": 3600.0,
        "sentence": "It misses 10:00 by 30 min.",
        "remedies": [Remedy(text="Move to top", command=Move(shots=[4], place="top"))],
    }
    return MorningSlip(**(given | fields))


def finished(**fields) -> MorningShot:
    """Return a shot that was done in time."""
    given = {
        "shot": 5,
        "name": "NZ2/sq020/sh0050",
        "finished_at": NOW - 3600,
        "frames": 96,
        "failed": 2,
        "due": NOW - 1800,
    }
    return MorningShot(**(given | fields))


def night(failures=2, **fields) -> Morning:
    """Return what a night brought."""
    late = {"finished_at": NOW - 1800, "frames": 48, "failed": 0, "due": NOW - 3600}
    given = {
        "since": NOW - 13 * 3600,
        "at": NOW,
        "sentence": "2 shots finished, 30 attempts failed of 2 causes.",
        "frames_done": 4812,
        "attempts_failed": 30,
        "utilisation": 0.87,
        "failures": [failure(n) for n in range(failures, 0, -1)],
        "stuck": [stuck()],
        "idle": [idle()],
        "slips": [slip()],
        "finished": [finished(), finished(shot=6, name="NZ2/sq020/sh0060", **late)],
    }
    return Morning(**(given | fields))
