"""What goes into the agent's session and what comes out: the seam between brain and shell.

PURE. The simulator drives thousands of sessions over these types with fake children; the real loop
drives one with real ones. Times are seconds of one monotonic clock that also counts suspend.
"""

from __future__ import annotations

from msgspec import Struct, field

from node_agent.wire.job import Frames, Work
from node_agent.wire.messages import (
    AttemptRef,
    DeviceInfo,
    FromNode,
    OutputFile,
    Reliable,
    ToNode,
    Usage,
)
from node_agent.wire.paths import System


class SessionConfig(Struct, frozen=True, kw_only=True):
    """Facts about this agent that do not change while it runs."""

    name: str
    incarnation: str
    version: str
    devices: list[DeviceInfo]
    kernels: list[str] = field(default_factory=list[str])
    tags: list[str] = field(default_factory=list[str])
    cores: int = 0
    memory_bytes: int = 0
    platform: str = ""
    gflops: float = 0.0
    disk_bps: float = 0.0
    """Of the last self-check; a new one comes as ``Measured``."""
    macs: list[str] = field(default_factory=list[str])
    broadcasts: list[str] = field(default_factory=list[str])
    """As in ``Hello``."""
    can_sleep: bool = False
    hello_retry_s: float = 2.0
    system: System = "linux"
    """Whose names of shared folders this node uses."""


# --- events: what happened ------------------------------------------------------------------------


class Begin(Struct, frozen=True):
    """The shell is up: say Hello."""

    backlog: list[Reliable] = field(default_factory=list[Reliable])
    """What the agent's previous incarnation reported and nobody acknowledged, in order. Its attempts
    are over, but their files are published and their checkpoints written."""


class LinkUp(Struct, frozen=True):
    """A connection stands, the first or a new one: what was sent before may be lost."""


class Finish(Struct, frozen=True):
    """Somebody on the node wants the agent to end: kernels yield, and what lasts longer is killed.
    ``now`` leaves out the waiting."""

    now: bool = False


class Measured(Struct, frozen=True):
    """The self-check came to these figures; 0: not measured."""

    gflops: float
    disk_bps: float


class WentAway(Struct, frozen=True):
    """The machine is somebody's now, and why; with '' it is the farm's again. ``policy``: what becomes of
    running attempts ('finish', 'yield', 'hand-back'; see ``presence``)."""

    why: str
    policy: str = "finish"


class SleepFailed(Struct, frozen=True):
    """The machine did not suspend, and why."""

    sentence: str


class FromDispatcher(Struct, frozen=True):
    """A decoded message arrived."""

    message: ToNode


class ChildStarted(Struct, frozen=True):
    ref: AttemptRef


class ChildSpoke(Struct, frozen=True):
    """It wrote lines; they go another way, this is its sign of life."""

    ref: AttemptRef


class ChildProgress(Struct, frozen=True):
    ref: AttemptRef
    done: int
    total: int
    text: str = ""


class ChildReady(Struct, frozen=True):
    """Temporary files are whole, decoded and synced; the child waits for Publish."""

    ref: AttemptRef
    files: list[OutputFile]


class ChildDone(Struct, frozen=True):
    ref: AttemptRef
    files: list[OutputFile]
    usage: Usage


class ChildFailed(Struct, frozen=True):
    """Any bad end, the child's own death included (cause 'crash')."""

    ref: AttemptRef
    cause: str
    sentence: str
    usage: Usage


class ChildYielded(Struct, frozen=True):
    ref: AttemptRef
    checkpoint: str
    passes_done: int
    usage: Usage


class ChildKilled(Struct, frozen=True):
    """All processes of the attempt are gone and its temporary files deleted."""

    ref: AttemptRef
    usage: Usage


class Tick(Struct, frozen=True):
    """``next_deadline`` has come."""


SessionEvent = (
    Begin
    | LinkUp
    | Finish
    | FromDispatcher
    | Measured
    | WentAway
    | SleepFailed
    | ChildStarted
    | ChildSpoke
    | ChildProgress
    | ChildReady
    | ChildDone
    | ChildFailed
    | ChildYielded
    | ChildKilled
    | Tick
)

# --- actions: what the shell must do, in this order ---------------------------------------------------


class Send(Struct, frozen=True):
    """Send now; may be lost. Reliable reports were put in the outbox first (``Keep``)."""

    message: FromNode


class Keep(Struct, frozen=True):
    """Write this reliable report to the durable outbox before any Send that follows."""

    message: Reliable


class Forget(Struct, frozen=True):
    """Reports up to this seq are acknowledged: drop them from the outbox."""

    seq: int


class DeleteParts(Struct, frozen=True):
    """Pieces of a split frame that nobody needs: delete the files."""

    paths: list[str]


class StartChild(Struct, frozen=True, kw_only=True):
    ref: AttemptRef
    device: int
    work: Work
    frames: Frames
    checkpoint: str = ""
    first_sample: int = 0
    samples: int = 0
    more_devices: list[int] = field(default_factory=list[int])
    cores: int = 0
    """0: all of its device."""
    parts: list[str] = field(default_factory=list[str])
    peers: list[str] = field(default_factory=list[str])
    ram_bytes: int = 0
    """That its step asked for; 0: it did not say."""


class PublishChild(Struct, frozen=True):
    """The grant is here: rename, sync the folder, then report ChildDone. Nothing is renamed after
    ``deadline``: then report ChildReady again. A second grant may come while the first is in use."""

    ref: AttemptRef
    deadline: float


class YieldChild(Struct, frozen=True):
    ref: AttemptRef


class KillChild(Struct, frozen=True):
    """Kill the whole process group and delete temporary files; report ChildKilled when gone, and also
    where nothing runs under this ref (its end and the order crossed)."""

    ref: AttemptRef
    polite: bool = True
    """A command is told first and has ``CommandWork.notify_s``; False where the task already runs
    elsewhere."""


class WatchChild(Struct, frozen=True):
    ref: AttemptRef
    on: bool


class Suspend(Struct, frozen=True):
    """Put the machine to sleep now."""


class WakeOthers(Struct, frozen=True):
    """Send magic packets for these hardware addresses."""

    macs: list[str]
    broadcasts: list[str]


class Stop(Struct, frozen=True):
    """The agent is to end; exit code and one sentence. With a version: install that, and start anew."""

    code: int
    sentence: str
    version: str = ""


SessionAction = (
    Send
    | Keep
    | Forget
    | DeleteParts
    | StartChild
    | PublishChild
    | YieldChild
    | KillChild
    | WatchChild
    | Suspend
    | WakeOthers
    | Stop
)
