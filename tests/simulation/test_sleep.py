"""Farms whose nodes sleep when they have nothing to do, while anything else may break too."""

from app.core import commands as cmd
from app.core.changes import NodeSlept
from tests.simulation import world as worlds
from tests.simulation.world import World

FARMS = range(1, 9)


def test_nodes_sleep_and_wake_and_everything_ends(monkeypatch):
    quick = {"sleep_look_s": 1.0, "wake_again_s": 5.0, "wake_s": 120.0}
    settings = {name: getattr(worlds.CONFIG, name) for name in worlds.CONFIG.__struct_fields__}
    monkeypatch.setattr(worlds, "CONFIG", type(worlds.CONFIG)(**{**settings, **quick}))
    slept = woke = 0
    for seed in FARMS:
        world = World(seed)
        for number, agent in enumerate(world.agents.values()):
            agent.mac = f"0c:42:a1:5e:99:{number:02x}"
        world.clock.after(6.0, lambda world=world: world.people.ask(cmd.SetSleep(minutes=0.1)))
        world.run()
        changes = [c for c in world.host.store.changes if isinstance(c, NodeSlept)]
        slept += sum(change.hello is not None for change in changes)
        woke += sum(change.hello is None for change in changes)
    assert slept > 10
    assert woke > 5
