"""A made-up farm of 715 nodes and 1,200 GPUs, with a day of history: for the wall's tests and the docs' pictures.

The same every time: all that is drawn by lot comes from one seed.
"""

import math
import random

from app.core import commands as c
from app.core.command_set import Remedy
from app.core.ids import TaskState
from app.core.reports import (
    History,
    HistoryPoint,
    Morning,
    MorningFailure,
    MorningIdle,
    MorningShot,
    MorningSlip,
)
from app.core.views import (
    AttemptRow,
    BudgetRow,
    GpuSample,
    NodeRow,
    NodeSample,
    ScoreRow,
    ShotRow,
    Snapshot,
)
from tests.gui.fakes import (
    NOW,
    FakeLink,
    attempt_cell,
    device_row,
    job_row,
    node_row,
    replaced,
    shot_row,
    snapshot,
    step_row,
)
from tests.gui.morning import nights

PROJECTS = ("KESTREL", "MIRA", "NZ2", "ORBIT")
# Pool, name, nodes, GPUs of each.
POOLS = (
    ("artists", "desk", 85, 1),
    ("gpu-large", "ember", 160, 4),
    ("gpu-small", "forge", 235, 2),
    ("cpu", "loom", 230, 0),
    ("lab", "anvil", 5, 1),
)
STATES = ("busy",) * 86 + ("idle",) * 7 + ("draining",) * 2 + ("drained",) * 2 + ("lost",) * 1
SHOTS = 48
USERS = ("mia", "jonas", "aiko", "lena", "omar")
FAILED = (4, 11)
REASONS = (
    "All nodes that can run it are busy with earlier shots.",
    "All nodes that can run it are busy with earlier shots.",
    "Step comp waits for step render.",
    "4 of 4 of the limit nuke are in use.",
)
STEPS = {"hour": (10, 360), "day": (300, 288), "quarter": (7200, 1080)}


def large_farm(seed: int = 5, seconds: int = 10) -> Snapshot:
    """Return the whole farm, with so many samples of each node's newest minute."""
    rng = random.Random(seed)
    shots = [_shot(rng, number) for number in range(1, SHOTS + 1)]
    nodes: list[NodeRow] = []
    for pool, name, count, gpus in POOLS:
        for number in range(1, count + 1):
            nodes.append(_node(rng, len(nodes) + 1, f"{name}-{number:03d}", pool, gpus))
    samples = [sample for row in nodes for sample in _samples(rng, row, seconds)]
    numbers = range(1, SHOTS + 1)
    whole = snapshot(
        shots,
        [job_row(number) for number in numbers],
        [step_row(number, _tasks(rng)) for number in numbers],
        nodes,
        samples=samples,
    )
    return replaced(whole, budgets=budgets(), scores=scores())


def _shot(rng: random.Random, number: int) -> ShotRow:
    state = "running" if number < 9 else rng.choice(("ready", "ready", "running", "paused", "done"))
    done = 24 if state == "done" else rng.randrange(23)
    project = PROJECTS[(number - 1) // 4 % len(PROJECTS)]
    running = 4 if state == "running" else 0
    hours = rng.choice((0, 0, 0, 7.3, 7.3, 20, 38))
    finish = NOW + 600 * number
    return shot_row(
        number,
        project=project,
        state=state,
        done=done,
        running=running,
        nodes=rng.randint(1, 4) if running else 0,
        progress=done / 24,
        user=USERS[number * 7 % len(USERS)],
        due=NOW + 3600 * hours if hours and state != "done" else 0.0,
        due_pinned=number in (2, 7),
        reason={"ready": REASONS[number % len(REASONS)], "paused": "Paused."}.get(state, ""),
        failed=2 if number in FAILED else 0,
        error="clothsolver ended with exit code 1." if number in FAILED else "",
        finish_p90=finish + rng.uniform(0.05, 0.5) * 600 * number,
    )


def _tasks(rng: random.Random) -> bytes:
    return bytes(
        rng.choice((TaskState.DONE, TaskState.RUNNING, TaskState.READY)) for _ in range(24)
    )


def _node(rng: random.Random, number: int, name: str, pool: str, gpus: int) -> NodeRow:
    state = rng.choice(STATES)
    devices = []
    for _ in range(max(1, gpus)):
        shot = min(SHOTS, 1 + int(rng.expovariate(0.12)))
        cell = attempt_cell(
            step=shot,
            frame=1001 + rng.randrange(24),
            shot=shot,
            progress=rng.random(),
            since=NOW - 90,
        )
        is_at_work = state in ("busy", "draining") and rng.random() < 0.96
        kind = "cuda" if gpus else "cpu"
        devices.append(device_row(kind, attempts=[cell] if is_at_work else []))
    return node_row(
        number,
        devices=devices,
        name=name,
        state=state,
        drain=state.startswith("drain"),
        pools=[pool],
        tags=["linux", "vray"] if gpus else ["linux"],
        gflops=8200.0 if gpus else 2100.0,
        disk_bps=1.9e9,
        done=rng.randrange(900, 4000),
        failed=rng.randrange(9),
        reserved_until=NOW + 3 * 3600 if pool == "artists" and rng.random() < 0.3 else 0.0,
        seen_at=NOW - (240 if state == "lost" else 1),
    )


def _samples(rng: random.Random, row: NodeRow, seconds: int) -> list[NodeSample]:
    """Return the newest minute of a node; a lost one has none."""
    if row.state == "lost":
        return []
    gpus = sum(device.kind == "cuda" for device in row.devices)
    at_work = [bool(device.attempts) for device in row.devices]
    full = rng.uniform(0.3, 0.8)
    found = []
    for at in range(0, 60, max(1, 60 // seconds)):
        wave = 6 * math.sin(at / 9 + row.id)
        cpu = _percent((62 if any(at_work) else 5) + wave + rng.gauss(0, 4))
        found.append(
            NodeSample(
                row.id,
                NOW - 60 + at,
                cpu,
                int(full * (64 << 30)),
                64 << 30,
                0,
                0,
                0,
                0,
                cpu / 3,
                [_gpu(rng, is_on=at_work[each], wave=wave) for each in range(gpus)],
            )
        )
    return found  # fmt: skip


def _gpu(rng: random.Random, *, is_on: bool, wave: float) -> GpuSample:
    load = _percent((92 if is_on else 3) + wave / 2 + rng.gauss(0, 7))
    heat = 38 + load * 0.36 + rng.gauss(0, 3)
    return GpuSample(load, int(18e9), int(24e9), heat, 60 + load * 2.6)


def _percent(value: float) -> float:
    return min(100.0, max(0.0, value))


# --- what the farm answers ---------------------------------------------------------------------------


def answer_for(link: FakeLink) -> None:
    """Have the link answer for this farm's past."""
    link.answers[c.GetHistory] = history
    link.answers[c.GetUsage] = lambda _ask: usage()
    link.answers[c.GetAttempts] = attempts
    link.answers[c.GetMorning] = lambda _ask: morning()


def history(ask: c.GetHistory, seed: int = 4) -> History:
    """Return a span of the farm: days and nights, an hour of no dispatcher, one bad quarter of an hour."""
    rng = random.Random(seed)
    step_s, count = STEPS[ask.span]
    points = []
    for number in range(count):
        at = NOW - (count - number) * step_s
        if not 0.30 < number / count < 0.34:
            is_bad = number == int(count * 0.7)
            points.append(_point(rng, at, step_s, is_bad=is_bad))
    return History(span=ask.span, step_s=step_s, points=points)


def _point(rng: random.Random, at: float, step_s: float, *, is_bad: bool) -> HistoryPoint:
    night = math.sin(at / 86400 * 2 * math.pi)
    busy = min(1.0, max(0.0, 0.78 + 0.16 * night + rng.gauss(0, 0.025)))
    a_minute = max(0.0, 190 * busy + rng.gauss(0, 5))
    failed = int((42 if is_bad else 1.4) * step_s / 60)
    return HistoryPoint(
        at, 1.0, 1200, 1200 * busy, 22_880, 22_880 * max(0.0, busy - 0.12), int(a_minute * step_s / 60),
        failed, 0, max(0.0, 5200 + 3100 * night + rng.gauss(0, 90)), max(0.0, 1300 - 600 * night), 715,
        310_000 * busy, a_minute,
    )  # fmt: skip


def usage() -> c.UsageTable:
    """Return what the projects used."""
    columns = ["project", "attempts", "gpu_hours", "core_hours", "energy_kwh", "lost_hours"]
    rows = [
        ["NZ2", 41_200, 11_250.0, 190_000.0, 3_900.0, 61.0],
        ["KESTREL", 22_900, 6_420.0, 92_000.0, 2_100.0, 30.0],
        ["ORBIT", 9_300, 2_880.0, 31_000.0, 800.0, 11.0],
        ["MIRA", 2_100, 640.0, 9_800.0, 190.0, 2.0],
    ]
    return c.UsageTable(columns=columns, rows=rows)


def budgets() -> list[BudgetRow]:
    """Return a budget that holds, one that is near its end and one that is over."""
    given = (
        ("NZ2", 180_000.0, 98_300.0, "ok"),
        ("KESTREL", 60_000.0, 53_100.0, "warned"),
        ("MIRA", 5_000.0, 5_080.0, "over"),
    )
    return [
        BudgetRow(
            name=name,
            gpu_hours=whole,
            core_hours=-1.0,
            warn=0.8,
            at_end="hold",
            used_gpu_hours=used,
            used_core_hours=0.0,
            state=state,
        )
        for name, whole, used, state in given
    ]


def scores() -> list[ScoreRow]:
    """Return forecasts that are as honest as they say, and a little less so far ahead."""
    given = (
        ("all", 1240, 0.48, 0.90),
        ("under 1 h", 610, 0.52, 0.92),
        ("1 h to 8 h", 420, 0.47, 0.90),
        ("8 h to 1 d", 180, 0.42, 0.86),
        ("over 1 d", 30, 0.37, 0.80),
    )
    return [
        ScoreRow(name=name, forecasts=n, by_p50=p50, by_p90=p90, between=p90 - p50, error=0.1)
        for name, n, p50, p90 in given
    ]


def attempts(ask: c.GetAttempts) -> c.Attempts:
    """Return the newest attempts of a node or a shot."""
    rng = random.Random(ask.node or ask.shot)
    rows = [_attempt(rng, ask.node, number) for number in range(24)]
    if ask.shot:
        rows = [
            replaced(row, step=ask.shot, shot=ask.shot, outcome="done", wall_s=_wall(rng, number))
            for number, row in enumerate(rows)
        ]
    return c.Attempts(rows=rows)


def _wall(rng: random.Random, number: int) -> float:
    return (140 + 6 * number) * rng.uniform(0.85, 1.2) * (2.4 if number == 16 else 1.0)


def morning() -> Morning:
    """Return what a night brought: three causes, a stuck frame, slips, idle nodes, and much that is done."""
    stuck = nights.stuck(
        shot=8,
        frame=1017,
        node_name="ember-044",
        sentence="KESTREL/sq020/sh0080 frame 1017 has run for 112 min on ember-044; its like take 6 min.",
        remedies=[Remedy(text="End it and try again", command=c.Kill(tasks=[(8, 16)]))],
    )
    found = nights.night(
        frames_done=18_412,
        attempts_failed=80,
        utilisation=0.93,
        stuck=[stuck],
        idle=_idle(),
        slips=_slips(),
        finished=[_finished(number) for number in range(1, 8)],
    )
    return replaced(found, failures=_failures())


def _failures() -> list[MorningFailure]:
    causes = (
        ("exit", "clothsolver: cloth.#.abc ends after # of # bytes", 61, 38, [4, 11], "forge-114"),
        ("memory", "The node has too little memory for this frame.", 12, 9, [9], "desk-021"),
        ("lost", "No news of loom-057 for 30 s.", 7, 0, [6, 7, 8], "loom-057"),
    )
    return [
        nights.failure(
            number + 1,
            cause=cause,
            sentence=sentence,
            count=count,
            left=left,
            shots=shots,
            nodes=[node],
            tasks=[(4, 3)] if left else [],
            remedies=_answers(left, node) if left else [],
        )
        for number, (cause, sentence, count, left, shots, node) in enumerate(causes)
    ]


def _answers(left: int, node: str) -> list[Remedy]:
    return [
        Remedy(text=f"Retry {left} frames", command=c.Retry(tasks=[(4, 3)])),
        Remedy(text=f"Go on without {left} frames", command=c.Skip(tasks=[(4, 3)])),
        Remedy(text=f"Drain {node}", command=c.DrainNode(nodes=[4], on=True)),
    ]


def _idle() -> list[MorningIdle]:
    lost = {"kind": "lost", "sentence": "loom-057 is lost: no news of it.", "remedies": []}
    made = [nights.idle(node=12, name="loom-057", since=NOW - 16_200, **lost)]
    for node, name in ((5, "ember-031"), (9, "forge-012")):
        work = Remedy(text="Let it work", command=c.DrainNode(nodes=[node], on=False))
        said = {"sentence": f"{name} is drained.", "remedies": [work]}
        made.append(nights.idle(node=node, name=name, since=NOW - 3600 * node, **said))
    return made


def _slips() -> list[MorningSlip]:
    top = Remedy(text="Move to the top", command=c.Move(shots=[14], place="top"))
    given = (
        (14, 6600.0, NOW + 26_000, "is expected 67 min after its promise and slipped by 110 min"),
        (15, 2400.0, 0.0, "slipped by 40 min"),
    )
    return [
        nights.slip(
            shot=shot,
            name=f"ORBIT/sq040/sh0{shot}0",
            slip_s=slip,
            p50=NOW + 30_000,
            due=due,
            sentence=f"ORBIT/sq040/sh0{shot}0 {said}.",
            remedies=[top],
        )
        for shot, slip, due, said in given
    ]


def _finished(number: int) -> MorningShot:
    return nights.finished(
        shot=30 + number,
        name=f"KESTREL/sq0{number}0/sh0{number}40",
        finished_at=NOW - 2900.0 * number,
        frames=96 + 24 * number,
        failed=number % 3,
        due=NOW if number % 2 else 0.0,
    )


def _attempt(rng: random.Random, node: int, number: int) -> AttemptRow:
    has_failed = number in (3, 17)
    began = NOW - 400 * (number + 1)
    return AttemptRow(
        step=1 + number % 8,
        task=number,
        epoch=1,
        shot=1 + number % 8,
        job=1,
        first=1001 + number,
        last=1001 + number,
        node=node,
        node_name="",
        device=0,
        started_at=began,
        ended_at=began + rng.uniform(180, 390),
        outcome="failed" if has_failed else "done",
        cause="exit" if has_failed else "",
        sentence="cloth.1014.abc ends after 1,048,576 of 3,211,264 bytes" if has_failed else "",
        wall_s=300.0,
        cpu_s=300.0,
        peak_memory_bytes=1 << 33,
        samples=0,
        energy_j=1.0,
    )
