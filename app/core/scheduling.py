"""Which task a device gets: the first of the queue, in order, that it can serve.

PURE, and changes nothing but the cursors of steps (a cache). Within a shot: its newest job first; in a
job, the scouts of every ready step (first, middle, last frame), then steps as submitted, frames in order.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from app.core.ready import Klass
from app.core.records import Job, Node, work_of
from app.core.state import FarmState
from app.core.tasks import READY, Step
from node_agent.wire.messages import DeviceInfo, Hello

POOL_TAG = "pool:"
"""A node is in pool NAME by the tag ``pool:NAME``; one that is in any takes the work of its pools alone."""

ANY = 1 << 62
"""As the memory of a card: no task is too large for it."""
Choice = tuple[Step, int]


def own_tags(node: Node) -> list[str]:
    """Return the tags that people gave a node, its pools among them."""
    return [*node.tags, *(POOL_TAG + pool for pool in node.pools)]


def can_serve(klass: Klass, hello: Hello, device: DeviceInfo, own: Sequence[str] = ()) -> bool:
    """Tell whether this device of this node meets these needs."""
    return not misfit(klass, hello, device, own)


def misfit(klass: Klass, hello: Hello, device: DeviceInfo, own: Sequence[str] = ()) -> str:
    """Name the first need that this device does not meet, as words for explain; '' if it meets all.

    ``own``: the node's tags (and pools, as tags) that people gave it, beside what its agent says."""
    if klass.device not in ("any", device.kind):
        return f"a {klass.device} device"
    is_card = device.kind == "cuda"
    if (klass.card_bytes if is_card else klass.memory_bytes) > device.memory_bytes:
        return f"{klass.card_bytes / 2**30:.1f} GiB of memory"
    if klass.is_large and (lack := _lacks(klass, hello, device)):
        return lack
    if klass.kernel and klass.kernel not in hello.kernels:
        return f"the kernel {klass.kernel}"
    known = [*hello.tags, *own]
    missing = [tag for tag in klass.tags if not any(word in known for word in tag.split("|"))]
    if missing:
        return f"the tag {missing[0]}"
    pools = {tag.removeprefix(POOL_TAG) for tag in known if tag.startswith(POOL_TAG)}
    if klass.pool not in (pools or {""}):
        return f"the pool {klass.pool}" if klass.pool else "a node outside the pools"
    return ""


def _lacks(klass: Klass, hello: Hello, device: DeviceInfo) -> str:
    """Name what the node as a whole has too little of, were it empty; '' if it has enough."""
    alike = [
        one for one in hello.devices if one.kind == "cuda" and one.memory_bytes >= klass.card_bytes
    ]
    if klass.gpus > 1 and (device.kind != "cuda" or len(alike) < klass.gpus):
        return f"{klass.gpus} GPUs of one node"
    cores = max((max(1, one.cores) for one in hello.devices if one.kind == "cpu"), default=0)
    if klass.cores > (max(1, device.cores) if device.kind == "cpu" else cores):
        return f"{klass.cores} cores of one node"
    if klass.ram_bytes > hello.memory_bytes:
        return f"{klass.ram_bytes / 2**30:.1f} GiB of RAM"
    return ""


def pick(
    state: FarmState,
    ready: Collection[int],
    may: Callable[[Job, Step], bool],
    card_bytes: int = ANY,
) -> Choice | None:
    """Return the task that a device gets which can serve the classes ``ready``, all of them open.

    ``may`` says whether a job may go to that device's node at all (bad-node marks); ``card_bytes`` is the
    memory of a GPU, for tasks that ran out of a smaller one's.
    """
    if state.queue.favoured:
        favoured = [number for number in ready if number in state.queue.favoured]
        if len(favoured) < len(ready) and (choice := _pick(state, favoured, may, card_bytes)):
            return choice
    return _pick(state, ready, may, card_bytes)


def _pick(
    state: FarmState, ready: Collection[int], may: Callable[[Job, Step], bool], card_bytes: int
) -> Choice | None:
    lists = state.queue.lists
    heads = [lists[number][0] for number in ready if lists[number]]
    if not heads:
        return None
    # Nearly always the first shot has something; only marks make it pass.
    choice = choose(state, min(heads)[1], ready, may, card_bytes)
    if choice:
        return choice
    for _, shot in state.queue.in_order(ready):
        if choice := choose(state, shot, ready, may, card_bytes):
            return choice
    return None


def choose(
    state: FarmState,
    shot: int,
    fits: Collection[int],
    may: Callable[[Job, Step], bool],
    card_bytes: int = ANY,
) -> Choice | None:
    """Return the task of this shot that comes next for these classes, or None."""
    for number in reversed(state.shots[shot].jobs):
        job = state.jobs[number]
        steps = [
            step
            for step in map(state.steps.__getitem__, work_of(job))
            if step.counts[READY] and step.klass in fits and may(job, step)
        ]
        if not steps:
            continue
        if job.scouts:
            for step in steps:
                for task in step.scouts:
                    if step.states[task] == READY and step.heavy.get(task, 0) <= card_bytes:
                        return step, task
        for step in steps:
            task = step.next_ready_within(card_bytes) if step.heavy else step.next_ready()
            if task >= 0:
                return step, task
    return None
