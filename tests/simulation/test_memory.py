"""Farms of small and large cards, on which some frames run out of memory while anything else may break too."""

from app.core.changes import AttemptEnded, TaskGrew
from app.simulate.children import Fate
from node_agent.wire.messages import AttemptRef, DeviceInfo
from tests.simulation.world import GPU, World

SMALL = DeviceInfo(kind="cuda", name="small", memory_bytes=8 << 30)
FARMS = range(1, 7)


def is_heavy(ref: AttemptRef | AttemptEnded) -> bool:
    """One frame in four needs more than a small card has."""
    return (5 * ref.step + ref.task) % 4 == 0


class Hungry:
    """The dice of the farm, but that heavy frames fail on a small card."""

    def __init__(self, dice, devices) -> None:
        self.dice, self.devices = dice, devices

    def __call__(self, start) -> Fate:
        fate = self.dice(start)
        on = [self.devices[device] for device in (start.device, *start.more_devices)]
        is_small = any(device is SMALL for device in on)
        return Fate(0.5, "fail", "gpu_memory") if is_small and is_heavy(start.ref) else fate


def test_what_ran_out_is_done_on_a_larger_card():
    grown = 0
    for seed in FARMS:
        world = World(seed)
        smalls = list(world.agents.values())[::2]
        for agent in smalls:
            agent._devices = [SMALL if device is GPU else device for device in agent._devices]
        for agent in world.agents.values():
            agent.fates = Hungry(world.dice, agent._devices)
        world.run()
        changes = world.host.store.changes
        grown += sum(isinstance(change, TaskGrew) and change.gpu_bytes > 0 for change in changes)
        small = [c for c in changes if isinstance(c, AttemptEnded) and c.card_bytes == 8 << 30]
        assert not [c for c in small if c.outcome == "done" and is_heavy(c)]
    assert grown >= 3
