"""Large tasks against a tiny model: what each attempt was given, by the assignments alone, and that no node ever
gives more than it has, no gang begins by halves, and no sample of a split frame is merged twice or not at all."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from app.core import commands as cmd
from app.core.events import NodeSaid, Tick
from app.core.ids import TaskState
from node_agent.wire import messages as m
from node_agent.wire.job import Needs
from node_agent.wire.templates import part_range
from tests.unit.app.core.bench import CPU, GIB, GPU, USAGE, Bench, command_work, kernel_work

DEVICES = (GPU, GPU, CPU)
RAM = 100 * GIB
NODES = 3
PASSES = 40


class Room(RuleBasedStateMachine):
    """Three nodes with two cards and sixteen cores each."""

    def __init__(self) -> None:
        super().__init__()
        self.bench = Bench(split_s=2.0, split_look_s=1.0, hold_s=5.0, hold_max_s=60.0)
        self.given: dict[m.AttemptRef, tuple[str, m.Assign]] = {}
        self.keys = [self.bench.node(f"n{n}", *DEVICES, memory_bytes=RAM) for n in range(NODES)]
        self.shots = 0

    def _look(self, actions) -> None:
        """Note what was assigned, and what is not the dispatcher's any more once it was said to be gone."""
        for action in actions:
            message = getattr(action, "message", None)
            if isinstance(message, m.Assign):
                self.given[message.ref] = (action.key, message)
                if message.parts:
                    self._check_parts(message)
            elif isinstance(message, m.Revoke) and message.mode == "kill":
                self._report(message.ref, m.Released)

    def _check_parts(self, message: m.Assign) -> None:
        step = self.bench.state.steps[message.ref.step]
        at = step.kept.get(message.ref.task, ("", 0))[1] * step.work.samples_per_pass
        for first, samples in sorted(map(part_range, message.parts)):
            assert first == at
            at += samples
        assert at == step.work.samples

    def _report(self, ref: m.AttemptRef, kind: type, **fields) -> None:
        if ref in self.given:
            key, _ = self.given.pop(ref)
            self._look(self.bench.report(key, kind, ref, **fields))

    def _pass(self, seconds: float) -> None:
        self.bench.mono += seconds
        beats = [
            NodeSaid(key, m.Heartbeat([ref for ref, (at, _) in self.given.items() if at == key]))
            for key in self.keys
        ]
        self._look(self.bench.turn(*beats, Tick()))

    def _ask(self, body: cmd.Command) -> None:
        from app.core.events import ClientAsked
        from tests.unit.app.core.bench import ADMIN

        self._look(self.bench.turn(ClientAsked(ADMIN, b"r", 1, body)))

    @rule(data=st.data(), frames=st.integers(1, 4))
    def submit(self, data, frames) -> None:
        self.shots += 1
        kind = data.draw(st.sampled_from(["plain", "kernel", "cores", "pair", "ram", "gang"]))
        needs = {
            "cores": Needs(device="cpu", cores=data.draw(st.integers(1, 16))),
            "pair": Needs(device="cuda", gpus=2),
            "ram": Needs(ram_bytes=data.draw(st.integers(1, 60)) * GIB),
            "gang": Needs(device="cuda", gang=True),
        }.get(kind, Needs(device=data.draw(st.sampled_from(["any", "cuda", "cpu"]))))
        work = (
            kernel_work(samples=PASSES, samples_per_pass=1) if kind == "kernel" else command_work()
        )
        count = min(frames, NODES) if kind == "gang" else frames
        step = cmd.StepRequest(work=work, frames=f"1-{count}", needs=needs)
        self._ask(
            cmd.Submit(
                project="P", sequence="q", shot=f"s{self.shots}", name="v", steps=[step], attempts=2
            )
        )

    @precondition(lambda self: self.given)
    @rule(data=st.data(), what=st.sampled_from(["done", "done", "fail", "yield", "progress"]))
    def report(self, data, what) -> None:
        ref = data.draw(st.sampled_from(sorted(self.given)))
        is_kernel = self.bench.state.steps[ref.step].work.__struct_config__.tag == "kernel"
        if what == "done":
            self._report(ref, m.Done, files=[], usage=m.Usage(wall_s=20.0))
        elif what == "fail":
            self._report(ref, m.Failed, cause="crash", sentence="It broke.", usage=USAGE)
        elif what == "progress":
            key, _ = self.given[ref]
            self._look(self.bench.say(key, m.Progress(ref, 1, 10)))
        elif is_kernel:
            step = self.bench.state.steps[ref.step]
            passes = step.ranges[ref.task][1] if step.is_piece else PASSES
            had = step.kept.get(ref.task, ("", 0))[1]
            done = data.draw(st.integers(min(had, passes - 1), passes - 1))
            self._report(ref, m.Yielded, checkpoint=f"/c/{ref.epoch}", passes_done=done)

    @rule(seconds=st.sampled_from([1.0, 6.0, 12.0]))
    def wait(self, seconds) -> None:
        self._pass(seconds)

    @precondition(lambda self: self.shots)
    @rule(data=st.data(), what=st.sampled_from(["drop", "drop", "kill", "cancel", "retry"]))
    def order(self, data, what) -> None:
        shot = data.draw(st.integers(1, self.shots))
        if what in ("drop", "kill"):
            self._ask(cmd.Move(shots=[shot], place="top", preempt=True, kill=what == "kill"))
        else:
            self._ask(cmd.Cancel(shots=[shot]) if what == "cancel" else cmd.Retry(shots=[shot]))

    @rule()
    def restart(self) -> None:
        seqs = self.bench.seqs
        self.bench = self.bench.restart()
        self.bench.seqs = seqs
        for key in self.keys:
            running = [ref for ref, (at, _) in self.given.items() if at == key]
            self._look(self.bench.hello(key, *DEVICES, running=running, memory_bytes=RAM))

    @invariant()
    def no_node_gives_more_than_it_has(self) -> None:
        for key in self.keys:
            cards, cores, ram = [], 0, 0
            for ref, (at, assign) in self.given.items():
                if at == key:
                    devices = [assign.device, *assign.more_devices]
                    cards += [device for device in devices if device < 2]
                    is_on_cores = assign.cores or assign.device == 2
                    cores += (assign.cores or 16) if is_on_cores else 0
                    ram += self.bench.state.steps[ref.step].needs.ram_bytes
            assert len(set(cards)) == len(cards)
            assert cores <= 16
            assert ram <= RAM

    @invariant()
    def gangs_run_whole_and_apart(self) -> None:
        for step in self.bench.state.steps.values():
            if step.needs.gang and step.running:
                nodes = [node for node, _, _ in step.running.values()]
                assert len(set(nodes)) == len(nodes)
                assert len(nodes) + step.counts[TaskState.DONE] == step.total

    @invariant()
    def a_free_farm_leaves_nothing_ready(self) -> None:
        """With nothing under way, whatever is ready and whole fits somewhere, so it must have begun."""
        if not self.given and not self.bench.core._turn.live.attempts:
            assert not any(
                step.counts[TaskState.READY] and step.is_whole()
                for step in self.bench.state.steps.values()
            )


TestRoom = Room.TestCase
TestRoom.settings = settings(max_examples=40, stateful_step_count=25)
