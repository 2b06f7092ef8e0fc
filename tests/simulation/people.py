"""Supervisors and artists: they submit, drag, pause, cancel, retry, drain, set limits and undo at random."""

from random import Random
from typing import Literal

from app.core import commands as cmd
from app.core.events import ClientAsked
from app.core.ids import TaskState
from app.core.state import FarmState
from app.simulate.host import ADMIN, Host
from app.simulate.options import Options
from node_agent.wire.job import CommandWork, KernelWork, Needs, Output

LIMITS = ("nuke", "houdini")


class People:
    """Each asks by what the committed farm looks like; answers are kept to be checked after crashes."""

    def __init__(self, rng: Random, options: Options, host: Host) -> None:
        self._rng, self._options, self._host = rng, options, host
        self._asked = 0
        self.receipts: list[int] = []
        self.sent: dict[int, cmd.Command] = {}

    def ask(self, body: cmd.Command) -> None:
        self._asked += 1
        self.sent[self._asked] = body
        self._host.trace(f"somebody asks {body}")
        self._host.take(ClientAsked(ADMIN, b"r", self._asked, body))

    def submit_film(self) -> None:
        for number in range(self._options.shots):
            self.ask(self.submission(f"sh{number:03d}"))

    def submission(self, shot: str) -> cmd.Submit:
        rng = self._rng
        frames = f"1-{self._options.frames}"
        project = rng.choice("PPQ")
        # What writes no files is never split.
        output = Output(directory=f"/out/{project}/{shot}") if rng.random() < 0.7 else Output()
        # A node has graphics cards, and its cores as the last device.
        devices = ["any", "any", "cpu", "cuda" if self._options.devices > 1 else "cpu"]
        steps = [
            cmd.StepRequest(
                name="render",
                work=KernelWork(kernel="pathtracer", scene="/s.usda", output=output),
                frames=frames,
                needs=self.needs(rng.choice(devices)),
            )
        ]
        if rng.random() < 0.3:
            comp = CommandWork(argv=["comp", "{frame}"])
            after = ["render"] if rng.random() < 0.5 else []
            by_frame = [] if after else [cmd.FrameAfter("render", rng.randint(-1, 0), 1)]
            steps.append(
                cmd.StepRequest(
                    name="comp",
                    work=comp,
                    frames=frames,
                    after=after,
                    frame_after=by_frame,
                    chunk=rng.randint(1, 4),
                )
            )
        if rng.random() < 0.2:
            steps.append(self.gang())
        return cmd.Submit(
            project=project,
            sequence="q",
            shot=shot,
            name=f"v{rng.randint(1, 99)}",
            steps=steps,
        )

    def needs(self, device: Literal["any", "cpu", "cuda"]) -> Needs:
        """Most take a device; some share the cores, or take two cards, or a part of the RAM."""
        rng, options = self._rng, self._options
        limits, what = self.licences(), rng.random()
        if what < 0.15:
            return Needs(device="cpu", cores=rng.randint(1, 16), limits=limits)
        if what < 0.3 and options.devices > 2:
            return Needs(device="cuda", gpus=2, limits=limits)
        if what < 0.4:
            return Needs(device=device, ram_bytes=rng.randint(1, 64) << 30, limits=limits)
        return Needs(device=device, limits=limits)

    def gang(self) -> cmd.StepRequest:
        """Ranks on a few nodes, never more than there are."""
        size = self._rng.randint(1, min(3, self._options.nodes))
        work = CommandWork(argv=["train", "{rank}"])
        return cmd.StepRequest(name="train", work=work, frames=f"1-{size}", needs=Needs(gang=True))

    def licences(self) -> dict[str, int]:
        """What a third of all steps hold of the farm's limits."""
        rng = self._rng
        return {rng.choice(LIMITS): rng.randint(1, 2)} if rng.random() < 0.3 else {}

    def drag(self) -> None:
        """A move of one to five shots."""
        core, rng = self._host.core, self._rng
        if core and core.state.shots:
            shots = list(core.state.shots)
            chosen = rng.sample(shots, min(len(shots), rng.randint(1, 5)))
            place = rng.choice(["before", "top", "bottom"])
            preempts, kills = rng.random() < 0.4, rng.random() < 0.5
            self.ask(
                cmd.Move(
                    shots=chosen,
                    place=place,
                    before=rng.choice(shots),
                    preempt=preempts,
                    kill=preempts and kills,
                )
            )

    def act(self) -> None:
        """Anything but a move."""
        core, rng = self._host.core, self._rng
        if core is None or not core.state.shots:
            return
        shot = rng.choice(list(core.state.shots))
        choices = [
            lambda: self.submission(f"sh{rng.randint(0, self._options.shots):03d}"),
            lambda: cmd.Pause(shots=[shot]),
            lambda: cmd.Resume(shots=[shot]),
            lambda: cmd.Cancel(shots=[shot]),
            lambda: cmd.Retry(shots=[shot]),
            lambda: cmd.Retry(tasks=[(rng.choice(list(core.state.steps)), 0)]),
            lambda: cmd.DrainNode(
                nodes=[rng.choice(list(core.state.nodes))], on=rng.random() < 0.5
            ),
            lambda: cmd.SetLimit(name=rng.choice(LIMITS), count=rng.randint(-1, 4)),
            lambda: cmd.SetLimit(name=rng.choice(LIMITS), count=4, owned={rng.choice("PQ"): 2}),
            lambda: cmd.SetShare(
                project=rng.choice("PQ"), guarantee=0.3, cap=rng.random() * 0.7 + 0.3
            ),
            lambda: self.plan(core.state, shot),
            lambda: self.plan(core.state, shot),
            lambda: self.meddle(core.state),
            lambda: cmd.Undo(command=rng.randint(1, core.state.commands + 1)),
        ]
        self.ask(rng.choice(choices)())

    def plan(self, state: FarmState, shot: int) -> cmd.Command:
        """Times: promises, starts, reservations, and the order by promises."""
        rng, now = self._rng, self._host.now.wall
        soon = now + rng.uniform(1, 60)
        nodes = list(state.nodes)
        choices: list[cmd.Command] = [
            cmd.SetDue(shots=[shot], due=soon, pinned=rng.random() < 0.5),
            cmd.OrderByDue(),
            cmd.SetStart(jobs=[rng.choice(list(state.jobs))], at=soon),
            cmd.ReserveNodes(
                nodes=[rng.choice(nodes)], until=soon, project=rng.choice(["P", "Q", ""])
            ),
        ]
        return rng.choice(choices)

    def meddle(self, state: FarmState) -> cmd.Command:
        """With single tasks, and with nodes that a job is kept away from or that are in a pool."""
        rng = self._rng
        step = rng.choice(list(state.steps.values()))
        task = (step.id, rng.randrange(step.total))
        node = rng.choice(list(state.nodes))
        choices: list[cmd.Command] = [
            cmd.Skip(tasks=[task]),
            cmd.Kill(tasks=[task], yields=rng.random() < 0.5),
            cmd.BlockNodes(jobs=[step.job], nodes=[node], on=rng.random() < 0.7),
            cmd.SetNode(nodes=[node], pools=rng.choice([[], ["fx"]])),
        ]
        return rng.choice(choices)

    def on_answer(self, number: int, body: cmd.Answer) -> None:
        if isinstance(body, cmd.Receipt):
            self.receipts.append(body.command)

    def settle(self) -> None:
        """Undo what would keep work from ending: pauses, rules and drains."""
        core = self._host.core
        assert core
        self.ask(cmd.Resume(shots=list(core.state.shots)))
        for name in list(core.state.limits):
            self.ask(cmd.SetLimit(name=name, count=-1))
        for name in list(core.state.shares):
            self.ask(cmd.SetShare(project=name, guarantee=0.0, cap=1.0))
        nodes = list(core.state.nodes)
        if nodes:
            self.ask(cmd.DrainNode(nodes=nodes, on=False))
            self.ask(cmd.SetNode(nodes=nodes))
            self.ask(cmd.BlockNodes(jobs=list(core.state.jobs), nodes=nodes, on=False))


def unfinished(host: Host) -> list[tuple[int, int]]:
    """(step, tasks) still to be done; steps that wait for what failed are left out."""
    core = host.core
    assert core
    steps, stuck = core.state.steps, set[int]()
    for number, step in steps.items():  # what is needed was submitted before what needs it
        for before in [*step.after, *(other for other, _, _ in step.frame_after)]:
            ended = [
                steps[before].counts[state] for state in (TaskState.FAILED, TaskState.CANCELLED)
            ]
            if before in stuck or sum(ended) > len(steps[before].skipped):
                stuck.add(number)
    first = {number: TaskState.READY if number in stuck else TaskState.WAITING for number in steps}
    counts = {number: sum(steps[number].counts[first[number] : TaskState.DONE]) for number in steps}
    return [(number, count) for number, count in counts.items() if count]
