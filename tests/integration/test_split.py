"""The last frame of a shot on a farm of real processes: an idle node takes its part, and nobody sees a seam."""

from pathlib import Path

from app.core import commands as cmd
from app.core.config import Config
from app.store.home import write_connection
from node_agent.wire.job import KernelWork, Output
from tests.integration.dispatcher.farm import dispatching
from tests.integration.local_farm import LocalFarm, wait_until

CONFIG = Config(split_s=0.5, split_look_s=0.3)
FILE = "frame.0001.exr"


def submit(client, shot: str, folder: Path, cost_s: float) -> None:
    work = KernelWork(
        kernel="noop",
        scene="/none.usda",
        width=64,
        height=36,
        samples=400,
        samples_per_pass=1,
        options={"cost_s": cost_s},
        output=Output(directory=str(folder)),
    )
    step = cmd.StepRequest(work=work, frames="1")
    request = cmd.Submit(project="NZ2", sequence="q", shot=shot, name="v1", steps=[step])
    client.submit(request)


def is_done(client, shot: str) -> bool:
    return any(row.name == shot and row.state == "done" for row in client.list("shots"))


def test_a_running_frame_is_split_over_an_idle_node_and_merged_to_the_same_bytes(tmp_path):
    """The whole frame is rendered while there is one node alone; what it costs is not in its pixels."""
    farm = LocalFarm(tmp_path)
    with dispatching(farm.home, config=CONFIG) as dispatcher:
        write_connection(dispatcher.home, dispatcher.connection)
        try:
            attempts = play(farm, tmp_path)
        finally:
            farm.stop()
    pieces = [row for row in attempts if row.step > 2]
    assert {row.outcome for row in pieces} == {"done"}
    assert {row.node for row in pieces} == {1, 2}
    assert [path.name for path in (tmp_path / "split").iterdir()] == [FILE]
    assert (tmp_path / "split" / FILE).read_bytes() == (tmp_path / "whole" / FILE).read_bytes()


def play(farm: LocalFarm, folder: Path):
    """Render both frames; return the attempts of the split one."""
    with farm.client() as client:
        farm.start_agent("one", "--threads", "1")
        submit(client, "whole", folder / "whole", cost_s=0.0)
        wait_until(lambda: is_done(client, "whole"), 60, "the whole frame")
        farm.start_agent("two", "--threads", "1")
        wait_until(lambda: online(client) == 2, 60, "the second node's Hello")
        submit(client, "split", folder / "split", cost_s=6.0)
        wait_until(lambda: is_done(client, "split"), 90, "the split frame")
        answer = client._ask(cmd.GetAttempts(shot=2), cmd.Attempts)
        return answer.rows


def online(client) -> int:
    return sum(row.state in ("idle", "busy") for row in client.list("nodes"))
