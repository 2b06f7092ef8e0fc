"""Large tasks: shared cores, several GPUs, RAM, gangs; devices held back for them, and packing."""

import pytest

from app.core import actions as act
from app.core import commands as cmd
from app.core.events import NodeSaid, Tick
from node_agent.wire import messages as m
from node_agent.wire.job import Needs
from tests.unit.app.core.bench import CPU, GIB, GPU, Bench, command_work, of, sent

BIG = m.DeviceInfo(kind="cuda", name="big", memory_bytes=80 * GIB)


def submit(bench: Bench, shot: str, frames: str = "1-4", **needs) -> int:
    """Submit a command step; return its step's number."""
    step = cmd.StepRequest(work=command_work(), frames=frames, needs=Needs(**needs))
    bench.submit(shot, steps=[step])
    return bench.state.next_step() - 1


def assigns(actions: list[act.Action]) -> list[m.Assign]:
    messages = [action.message for action in of(act.SendNode, actions)]
    return [message for message in messages if isinstance(message, m.Assign)]


def running(bench: Bench, step: int) -> list[m.AttemptRef]:
    record = bench.state.steps[step]
    return [m.AttemptRef(step, task, record.epochs[task]) for task in record.running]


def why(bench: Bench, shot: int) -> cmd.Reason:
    answer = bench.ask(cmd.Explain(shot=shot))
    assert isinstance(answer, cmd.Explanation)
    return answer.reasons[0]


class TestSharedCores:
    def test_tasks_share_the_cores_of_a_node(self):
        bench = Bench()
        step = submit(bench, "a", "1-4", cores=6)
        key = bench.node("n1", CPU)
        given = assigns(bench.said)
        assert [(one.device, one.cores) for one in given] == [(0, 6), (0, 6)]
        assert bench.states(step) == "URUR"  # the scouts first
        more = bench.report(key, m.Done, given[0].ref, files=[])
        assert [one.cores for one in assigns(more)] == [6]

    def test_one_that_takes_all_waits_until_they_are_free(self):
        bench = Bench()
        shared = submit(bench, "a", "1", cores=2)
        key = bench.node("n1", CPU)
        whole = submit(bench, "b", "1", device="cpu")
        assert (bench.states(shared), bench.states(whole)) == ("U", "R")
        bench.report(key, m.Done, *running(bench, shared), files=[])
        assert bench.states(whole) == "U"

    def test_ram_is_promised_once(self):
        bench = Bench()
        step = submit(bench, "a", "1-4", cores=1, ram_bytes=40 * GIB)
        key = bench.node("n1", CPU, memory_bytes=100 * GIB)
        assert bench.states(step) == "URUR"
        bench.report(key, m.Done, running(bench, step)[0], files=[])
        assert bench.states(step) == "DRUU"

    def test_ram_that_comes_free_is_used_by_another_device_of_the_node(self):
        bench = Bench()
        first = submit(bench, "a", "1", device="cpu", ram_bytes=80 * GIB)
        key = bench.node("n1", CPU, GPU, memory_bytes=100 * GIB)
        second = submit(bench, "b", "1", device="cuda", ram_bytes=80 * GIB)
        assert (bench.states(first), bench.states(second)) == ("U", "R")
        bench.report(key, m.Done, *running(bench, first), files=[])
        assert bench.states(second) == "U"

    def test_a_gpu_task_takes_cores_beside_its_gpu(self):
        bench = Bench()
        step = submit(bench, "a", "1-2", device="cuda", cores=10)
        bench.node("n1", GPU, GPU, CPU)
        assert bench.states(step) == "UR"
        (given,) = assigns(bench.said)
        assert (given.device, given.more_devices, given.cores) == (0, [], 10)
        small = submit(bench, "b", "1", device="cpu", cores=6)
        large = submit(bench, "c", "1", device="cpu", cores=7)
        assert (bench.states(small), bench.states(large)) == ("U", "R")

    def test_shares_count_cores_as_a_part_of_their_device(self):
        bench = Bench()
        bench.ask(cmd.SetShare(project="NZ2", guarantee=0.0, cap=1.0))
        bench.ask(cmd.SetShare(project="NZ2", guarantee=0.0, cap=0.5))
        step = submit(bench, "a", "1-40", cores=4)
        for name in ("n1", "n2"):
            bench.node(name, CPU)
        assert bench.states(step).count("U") == 4


class TestSeveralGpus:
    def test_they_are_of_one_node(self):
        bench = Bench()
        step = submit(bench, "a", "1-2", device="cuda", gpus=2)
        bench.node("n1", GPU)
        assert why(bench, 1).sentence == "No node can run it: it needs 2 GPUs of one node."
        bench.node("n2", GPU, GPU, GPU)
        (given,) = assigns(bench.said)
        assert sorted([given.device, *given.more_devices]) == [0, 1]
        assert bench.states(step) == "UR"

    def test_they_come_back_together_after_a_restart(self):
        bench = Bench()
        step = submit(bench, "a", "1", device="cuda", gpus=2)
        key = bench.node("n1", GPU, GPU)
        refs, seqs = running(bench, step), bench.seqs
        other = bench.restart()
        other.seqs = seqs
        other.hello(key, GPU, GPU, running=refs)
        late = submit(other, "b", "1", device="cuda")
        assert other.states(late) == "R"
        other.report(key, m.Done, refs[0], files=[])
        assert (other.states(step), other.states(late)) == ("D", "U")

    def test_one_gpu_tasks_leave_whole_nodes_alone(self):
        bench = Bench()
        for name in ("n1", "n2"):
            bench.node(name, GPU, GPU)
        first = submit(bench, "a", "1", device="cuda")
        second = submit(bench, "b", "1", device="cuda")
        pair = submit(bench, "c", "1", device="cuda", gpus=2)
        nodes = [bench.state.steps[step].running[0][0] for step in (first, second)]
        assert nodes[0] == nodes[1]
        assert bench.states(pair) == "U"

    def test_small_frames_leave_the_big_card_alone(self):
        bench = Bench()
        bench.node("n1", BIG)
        bench.node("n2", GPU)
        small = submit(bench, "a", "1", device="cuda")
        assert bench.state.steps[small].running[0][0] == 2
        big = submit(bench, "b", "1", device="cuda", memory_bytes=60 * GIB)
        assert bench.states(big) == "U"


class TestHolds:
    def busy(self) -> tuple[Bench, str, list[m.AttemptRef]]:
        """Two GPUs, behind whose single frames a pair waits (step 2); then more singles come (step 3)."""
        bench = Bench(hold_s=60.0, hold_max_s=600.0)
        first = submit(bench, "a", "1-2", device="cuda")
        key = bench.node("n1", GPU, GPU)
        submit(bench, "b", "1", device="cuda", gpus=2)
        submit(bench, "c", "1-50", device="cuda")
        one, two = running(bench, first)
        bench.report(key, m.Done, one, files=[])
        return bench, key, [two, *running(bench, 3)]

    def wait(self, bench: Bench, key: str, refs: list[m.AttemptRef], seconds: int) -> None:
        for _ in range(seconds // 10):
            bench.mono += 10
            bench.turn(NodeSaid(key, m.Heartbeat(refs)), Tick())

    def test_a_pair_that_waits_long_gets_devices_held_back(self):
        bench, key, refs = self.busy()
        self.wait(bench, key, refs, 50)
        assert bench.turn_hold() is None
        self.wait(bench, key, refs, 20)
        assert bench.turn_hold() is not None
        bench.report(key, m.Done, refs[1], files=[])
        assert running(bench, 3) == []
        assert (why(bench, 2).kind, why(bench, 3).kind) == ("room", "held")
        assert why(bench, 2).sentence == (
            "It needs 2 GPUs of one node at once, and no node has that free now; n1 is held back for it."
        )
        assert why(bench, 3).sentence == (
            "The devices that are free are held back for sq010/b, which needs 2 GPUs of one node at once."
        )
        bench.report(key, m.Done, refs[0], files=[])
        assert bench.states(2) == "U"
        assert bench.turn_hold() is None

    def test_earlier_shots_may_still_begin_on_what_is_held(self):
        bench, key, refs = self.busy()
        self.wait(bench, key, refs, 70)
        bench.report(key, m.Done, refs[1], files=[])
        urgent = submit(bench, "d", "1", device="cuda")
        assert bench.states(urgent) == "R"
        bench.ask(cmd.Move(shots=[4], place="top"))
        assert bench.states(urgent) == "U"

    def test_a_hold_ends_when_nothing_of_its_class_is_left(self):
        bench, key, refs = self.busy()
        self.wait(bench, key, refs, 70)
        bench.report(key, m.Done, refs[1], files=[])
        assert running(bench, 3) == []
        bench.ask(cmd.Pause(shots=[2]))
        assert len(running(bench, 3)) == 1

    def test_a_hold_is_given_up_after_its_time(self):
        bench, key, refs = self.busy()
        self.wait(bench, key, refs, 70)
        bench.report(key, m.Done, refs[1], files=[])
        self.wait(bench, key, refs[:1], 580)
        assert running(bench, 3) == []
        self.wait(bench, key, refs[:1], 30)
        assert len(running(bench, 3)) == 1

    def test_two_that_need_all_nodes_do_not_lock_each_other_out(self):
        bench = Bench(hold_s=10.0, hold_max_s=1000.0)
        keys = [bench.node(f"n{number}", GPU, GPU) for number in (1, 2)]
        submit(bench, "fill", "1-4", device="cuda")
        gangs = [submit(bench, f"g{number}", "1-2", gpus=2, gang=True) for number in (1, 2)]
        submit(bench, "stream", "1-40", device="cuda")
        for _ in range(40):
            bench.mono += 5
            for number, key in enumerate(keys, 1):
                refs = [
                    m.AttemptRef(step.id, task, step.epochs[task])
                    for step in bench.state.steps.values()
                    for task, (node, _, _) in step.running.items()
                    if node == number
                ]
                bench.say(key, m.Heartbeat(refs))
                if refs:
                    bench.report(key, m.Done, refs[0], files=[])
        assert [bench.states(step) for step in gangs] == ["DD", "DD"]


class TestGangs:
    def begun(self, nodes: int = 3) -> tuple[Bench, list[str], int]:
        bench = Bench()
        step = submit(bench, "train", "1-3", device="cuda", gang=True)
        keys = [bench.node(f"n{number}", GPU, GPU) for number in range(1, nodes + 1)]
        return bench, keys, step

    def test_all_begin_together_each_on_a_node_of_its_own(self):
        bench, _, step = self.begun(2)
        assert bench.states(step) == "RRR"
        assert why(bench, 1).sentence == "It needs 3 nodes at once, and only 2 can run it."
        bench.node("n3", GPU)
        given = assigns(bench.said)
        assert [one.ref.task for one in given] == [0, 1, 2]
        assert {tuple(one.peers) for one in given} == {("n1", "n2", "n3")}

    def test_one_that_fails_takes_the_others_and_they_begin_anew_together(self):
        bench, keys, step = self.begun()
        refs = running(bench, step)
        actions = bench.report(keys[1], m.Failed, refs[1], cause="crash", sentence="Out of memory.")
        assert [sent(actions, keys[0])[0], sent(actions, keys[2])[0]] == [
            m.Revoke(refs[0], "kill"),
            m.Revoke(refs[2], "kill"),
        ]
        # The second card of each node is free: all begin at once, and nobody twice on a node.
        assert bench.states(step) == "UUU"
        assert [ref.epoch for ref in running(bench, step)] == [2, 2, 2]

    def test_one_that_failed_for_good_fails_them_all_and_one_retry_brings_all_back(self):
        bench, keys, step = self.begun()
        bench.report(keys[1], m.Failed, running(bench, step)[1], cause="user", sentence="No data.")
        assert bench.states(step) == "FFF"
        bench.ask(cmd.Retry(tasks=[(step, 1)]))
        assert bench.states(step) == "UUU"

    def test_a_node_that_is_lost_takes_its_gang_along(self):
        bench, keys, step = self.begun()
        refs = running(bench, step)
        for _ in range(4):
            bench.mono += 9
            for key, ref in zip(keys[1:], refs[1:], strict=True):
                bench.say(key, m.Heartbeat([ref]))
        bench.sleep(0.0)
        assert bench.states(step) == "RRR"
        bench.node("n4", GPU)
        assert bench.states(step) == "UUU"

    @pytest.mark.parametrize("yields", [True, False])
    def test_a_kill_of_one_ends_all(self, yields):
        bench, _, step = self.begun()
        first = running(bench, step)
        bench.ask(cmd.Kill(tasks=[(step, 0), (step, 1)], yields=yields))
        assert running(bench, step) != first
        assert bench.states(step) == "UUU"

    def test_once_a_rank_is_done_the_rest_cannot_begin_anew(self):
        bench, keys, step = self.begun()
        refs = running(bench, step)
        bench.report(keys[0], m.Done, refs[0], files=[])
        bench.report(keys[1], m.Failed, refs[1], cause="crash", sentence="Out of memory.")
        assert bench.states(step) == "DFF"

    def test_a_cancelled_gang_is_cancelled_whole(self):
        bench, _, step = self.begun()
        bench.ask(cmd.Cancel(shots=[1]))
        assert bench.states(step) == "CCC"
