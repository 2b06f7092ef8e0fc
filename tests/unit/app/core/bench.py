"""A farm on the table: the real core, a clock that a test turns by hand, and words for what happens.

A test feeds events, and compares what came out. Every turn ends with ``check_invariants`` and with the
rule that the state is the saved changes folded, nothing else.
"""

from itertools import count

from app.core import actions as act
from app.core import commands as cmd
from app.core.changes import Change
from app.core.config import Config
from app.core.dispatcher import Dispatcher
from app.core.events import ClientAsked, Event, NodeSaid, Now, Tick
from app.core.ids import Role
from app.core.state import FarmState
from node_agent.wire import messages as m
from node_agent.wire.job import CommandWork, KernelWork, Output

ADMIN = "a" * 40
WALL = 1_800_000_000.0
GIB = 2**30
USAGE = m.Usage(wall_s=10.0, cpu_s=20.0)

CPU = m.DeviceInfo(kind="cpu", name="cores", memory_bytes=64 * GIB, cores=16)
GPU = m.DeviceInfo(kind="cuda", name="card", memory_bytes=24 * GIB)


FOLDERS = count(1)


def kernel_work(**options) -> KernelWork:
    """A frame of a kernel; each into a folder of its own, as two shots may not share one."""
    output = options.pop("output", None) or Output(directory=f"/out/{next(FOLDERS)}")
    return KernelWork(kernel="pathtracer", scene="/scenes/a.usda", output=output, **options)


def command_work(*argv: str) -> CommandWork:
    return CommandWork(argv=list(argv) or ["true"])


class Bench:
    """A dispatcher with an admin, and turns of its loop."""

    def __init__(self, state: FarmState | None = None, **config) -> None:
        self.config = Config(**config)
        self.mono = 100.0
        self.saved: list[Change] = []
        self.state = state or FarmState()
        self.core = Dispatcher(self.state, self.config)
        self.seqs: dict[str, int] = {}
        if state is None:
            self.keep(self.core.admit(ADMIN, Role.ADMIN, "Ada", self.now))

    @property
    def now(self) -> Now:
        return Now(self.mono, WALL + self.mono)

    def keep(self, actions: list[act.Action]) -> list[act.Action]:
        self.saved += [action.change for action in actions if isinstance(action, act.Save)]
        return actions

    def turn(self, *events: Event) -> list[act.Action]:
        """One turn of the loop: handle all, place, check."""
        actions = [action for event in events for action in self.core.handle(event, self.now)]
        actions += self.core.place(self.now)
        self.core.check_invariants()
        return self.keep(actions)

    def sleep(self, seconds: float) -> list[act.Action]:
        """Let time pass in one jump, and tick."""
        self.mono += seconds
        return self.turn(Tick())

    def restart(self) -> "Bench":
        """A new dispatcher over what was saved."""
        other = Bench(FarmState.from_sections(self.state.sections()), **_fields(self.config))
        other.mono, other.seqs = self.mono + 5, {}
        other.turn(Tick())
        return other

    # --- people -----------------------------------------------------------------------------------

    def ask(self, body: cmd.Command | cmd.Query, key: str = ADMIN) -> cmd.Answer:
        return only(act.AnswerClient, self.turn(ClientAsked(key, b"r", 1, body))).body

    def submit(self, shot: str = "sh010", frames: str = "1-4", **options) -> tuple[int, int]:
        """Return (shot, job)."""
        fields = {"after": [], "chunk": 1, **options.pop("step", {})}
        steps = options.pop("steps", None) or [
            cmd.StepRequest(work=options.pop("work", kernel_work()), frames=frames, **fields)
        ]
        body = cmd.Submit(
            project="NZ2", sequence="sq010", shot=shot, name="v001", steps=steps, **options
        )
        answer = self.ask(body)
        assert isinstance(answer, cmd.Receipt), answer
        return answer.ids[0], answer.ids[1]

    # --- nodes ------------------------------------------------------------------------------------

    def node(self, name: str = "n1", *devices: m.DeviceInfo, **hello) -> str:
        """Admit a node and let it say Hello; return its key."""
        key = name.ljust(40, "0")
        self.keep(self.core.admit(key, Role.NODE, name, self.now))
        self.hello(key, *devices, **hello)
        return key

    def hello(self, key: str, *devices: m.DeviceInfo, **fields) -> list[act.Action]:
        settings = {"incarnation": "1" * 16, "kernels": ["pathtracer"], **fields}
        hello = m.Hello(
            protocol=1,
            version="0.1.0",
            name=key.rstrip("0"),
            devices=list(devices) or [GPU],
            **settings,
        )
        self.said: list[act.Action] = self.say(key, hello)
        return self.said

    def say(self, key: str, *messages: m.FromNode) -> list[act.Action]:
        return self.turn(*(NodeSaid(key, message) for message in messages))

    def report(self, key: str, kind: type, ref: m.AttemptRef, **fields) -> list[act.Action]:
        """Send the next reliable report of this node."""
        self.seqs[key] = self.seqs.get(key, 0) + 1
        if kind is not m.Ready:
            fields.setdefault("usage", USAGE)
        return self.say(key, kind(seq=self.seqs[key], ref=ref, **fields))

    def finish(self, key: str, ref: m.AttemptRef) -> list[act.Action]:
        files = [m.OutputFile(f"/out/{ref.task}.exr", 1, "0" * 64)]
        ready = self.report(key, m.Ready, ref, files=files)
        assert m.Grant in [type(message) for message in sent(ready, key)]
        return self.report(key, m.Done, ref, files=files)

    def turn_hold(self):
        """What is held back for a large task, if anything is."""
        return next(iter(self.core._turn.holds.by_klass.values()), None)

    def states(self, step: int = 1) -> str:
        """The tasks of a step, a letter each: Waiting, Ready, rUnning, Publishing, Done, Failed..."""
        return "".join("WRUPDFC"[state] for state in self.state.steps[step].states)


def _fields(config: Config) -> dict[str, float]:
    return {name: getattr(config, name) for name in config.__struct_fields__}


def of(kind: type, actions: list[act.Action]) -> list:
    return [action for action in actions if isinstance(action, kind)]


def only(kind: type, actions: list[act.Action]):
    (action,) = of(kind, actions)
    return action


def sent(actions: list[act.Action], key: str) -> list[m.ToNode]:
    return [action.message for action in of(act.SendNode, actions) if action.key == key]


def assigned(actions: list[act.Action]) -> list[m.AttemptRef]:
    """The attempts that were given out, in order."""
    messages = [action.message for action in of(act.SendNode, actions)]
    return [message.ref for message in messages if isinstance(message, m.Assign)]
