"""Every message between a dispatcher and a node, both ways, as two closed unions.

PURE. A wire message is one ZeroMQ frame: a MessagePack array of these structs (``codec``), so several
devices' reports share one message. ``docs/protocol.md`` lists each with every possible answer.

Fencing: everything about an attempt carries its ``AttemptRef``; a ref whose epoch is not the task's
current one is answered ``Stale`` and otherwise ignored.

Reliable reports: structs with a ``seq`` field go through the agent's ordered durable outbox, are numbered
from 1 within an incarnation and repeated after a reconnect until ``Ack`` names them (or a later one).
The dispatcher acknowledges only what it has committed, and handling one twice changes nothing.
"""

from __future__ import annotations

from msgspec import Struct, field

from node_agent.wire.job import Frames, LogRule, PathRoots, Work


class AttemptRef(Struct, frozen=True, array_like=True, order=True):
    """One try of one task: step id, task index within the step, epoch (the attempt's number, from 1)."""

    step: int
    task: int
    epoch: int


class DeviceInfo(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One device of a node; its position in ``Hello.devices`` is its index for the session."""

    kind: str
    """'cpu' (the node's cores as one device) or 'cuda'."""
    name: str
    memory_bytes: int
    uuid: str = ""
    """The GPU's own, as NVML prints it; a worker child sees only this GPU."""
    cores: int = 0
    """Cores of a 'cpu' device that kernels may use as threads."""


class OutputFile(Struct, frozen=True, array_like=True):
    """A verified file: final absolute path, size in bytes, SHA-256 in hex."""

    path: str
    size: int
    sha256: str


class Usage(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an attempt cost."""

    wall_s: float = 0.0
    cpu_s: float = 0.0
    peak_memory_bytes: int = 0
    samples: int = 0
    """Samples a pixel that this attempt added (kernels)."""
    energy_j: float = 0.0
    peak_gpu_bytes: int = 0
    """Most memory of one GPU that its processes held, as far as was looked; 0: not measured."""


# --- node to dispatcher ---------------------------------------------------------------------------


class Join(Struct, frozen=True, array_like=True, kw_only=True, tag="join"):
    """First message with a join token's key: asks that ``public_key`` be taken as a node's."""

    protocol: int
    name: str
    public_key: str
    """Z85, 40 characters; the node's own, made on the node."""


class Hello(Struct, frozen=True, array_like=True, kw_only=True, tag="hello"):
    """First message of a session and after every silence of the dispatcher."""

    protocol: int
    version: str
    name: str
    incarnation: str
    """New at each start of the agent; 16 hex digits."""
    devices: list[DeviceInfo]
    kernels: list[str] = field(default_factory=list[str])
    tags: list[str] = field(default_factory=list[str])
    cores: int = 0
    memory_bytes: int = 0
    platform: str = ""
    running: list[AttemptRef] = field(default_factory=list[AttemptRef])
    """Attempts whose outcome the dispatcher has not acknowledged, finished ones included."""
    gflops: float = 0.0
    """Measured by the self-check at the agent's start; 0: not measured."""
    disk_bps: float = 0.0
    away: str = ""
    """Why the node takes no work now, as ``Away``; '': it does."""
    macs: list[str] = field(default_factory=list[str])
    """Hardware addresses of its network cards, by which it can be woken when it sleeps."""
    broadcasts: list[str] = field(default_factory=list[str])
    """The IPv4 broadcast address of each of these cards' network, in the same order; '': not known."""
    can_sleep: bool = False
    """Whether the agent can suspend its machine when told ``Sleep``."""


class Away(Struct, frozen=True, tag="away", array_like=True):
    """The node takes no work for a while of its own accord, and why (an artist sits there, its hours are
    over); '': it takes work again. What it runs it ends as its policy says and reports as usual."""

    why: str


class Sleeping(Struct, frozen=True, tag="sleeping", array_like=True):
    """Answer to ``Sleep``: '': the node is ready to sleep, and suspends when that is confirmed; else why it
    does not."""

    why: str


class Heartbeat(Struct, frozen=True, tag="beat", array_like=True):
    """Renews the leases of exactly these attempts."""

    running: list[AttemptRef]
    number: int = 0
    """From 1 within an incarnation: its ``Beat`` says it again, and so which heartbeat was heard."""


class Started(Struct, frozen=True, tag="started", array_like=True):
    """The child has begun; not durable (a lost one is repaired by the next heartbeat)."""

    ref: AttemptRef


class Progress(Struct, frozen=True, tag="progress", array_like=True):
    """Parts done of the parts in all (passes of a kernel, 0..100 of a command) and a short word."""

    ref: AttemptRef
    done: int
    total: int
    text: str = ""


class LogLines(Struct, frozen=True, tag="log", array_like=True):
    """Output of an attempt: number of the first line (from 0) and lines of at most 4 KiB each."""

    ref: AttemptRef
    first: int
    lines: list[str]


class Preview(Struct, frozen=True, tag="preview", array_like=True):
    """A display picture of a running frame: PNG or JPEG of at most 64 KiB; sent only while watched, and
    once at the end as the thumbnail."""

    ref: AttemptRef
    frame: int
    passes_done: int
    passes: int
    image: bytes


class GpuMetrics(Struct, frozen=True, array_like=True):
    """One GPU by NVML; -1 where it does not tell."""

    device: int
    utilisation_percent: float
    memory_used_bytes: int
    memory_bytes: int
    temperature_c: float
    power_w: float


class Metrics(Struct, frozen=True, tag="metrics", array_like=True):
    """The node at 1 Hz; rates are per second since the last sample, -1 where unknown."""

    cpu_percent: float
    memory_used_bytes: int
    memory_bytes: int
    disk_read_bps: float
    disk_write_bps: float
    net_in_bps: float
    net_out_bps: float
    load_1: float
    gpus: list[GpuMetrics] = field(default_factory=list[GpuMetrics])


class Ready(Struct, frozen=True, array_like=True, kw_only=True, tag="ready"):
    """Output is whole, decoded and synced under temporary names: asks for the grant to rename."""

    seq: int
    ref: AttemptRef
    files: list[OutputFile]


class Done(Struct, frozen=True, array_like=True, kw_only=True, tag="done"):
    """The attempt is over and published; its device is free and asks for more."""

    seq: int
    ref: AttemptRef
    files: list[OutputFile]
    usage: Usage


class Failed(Struct, frozen=True, array_like=True, kw_only=True, tag="failed"):
    """The attempt is over without a result; its device is free."""

    seq: int
    ref: AttemptRef
    cause: str
    """One of ``FAILURE_CAUSES``."""
    sentence: str
    """For people; one sentence that names the file, field or frame."""
    usage: Usage


FAILURE_CAUSES = (
    "user",  # the scene or spec is wrong: the same everywhere
    "environment",  # disk, driver, missing program: another node may do it
    "crash",  # the worker child or the program died
    "output",  # exited well, but the file is missing, short or unreadable
    "timeout",
    "bug",
    "gpu_memory",  # the card's memory ran out: a larger card may do it
)


class Yielded(Struct, frozen=True, array_like=True, kw_only=True, tag="yielded"):
    """Stopped as asked with a checkpoint; its device is free. ``checkpoint`` is an absolute path, '' if
    nothing was worth keeping."""

    seq: int
    ref: AttemptRef
    checkpoint: str
    passes_done: int
    usage: Usage


class Released(Struct, frozen=True, array_like=True, kw_only=True, tag="released"):
    """Killed as asked: the processes are gone and temporary files deleted; the device is free."""

    seq: int
    ref: AttemptRef
    usage: Usage


class Goodbye(Struct, frozen=True, tag="goodbye", array_like=True):
    """The agent stops after a drain; its attempts are over and reported."""

    reason: str


FromNode = (
    Join
    | Hello
    | Heartbeat
    | Started
    | Progress
    | LogLines
    | Preview
    | Metrics
    | Ready
    | Done
    | Failed
    | Yielded
    | Released
    | Goodbye
    | Away
    | Sleeping
)
Reliable = Ready | Done | Failed | Yielded | Released


# --- dispatcher to node ---------------------------------------------------------------------------


class Joined(Struct, frozen=True, array_like=True, kw_only=True, tag="joined"):
    """The key is on the list: reconnect with it."""

    node: int


class Refused(Struct, frozen=True, array_like=True, kw_only=True, tag="refused"):
    """This peer cannot be served, and why; the agent says so and stops or waits as ``retry`` tells."""

    sentence: str
    retry: bool = False


class Welcome(Struct, frozen=True, array_like=True, kw_only=True, tag="welcome"):
    """Answer to Hello. Attempts of ``Hello.running`` that are not in ``keep`` are to be killed at once."""

    node: int
    lease_s: float
    """Without an answer to a heartbeat for this long, leases are over: nothing may be published on an old
    grant, and only a new Welcome gives the attempts back."""
    absence_s: float
    """Without a dispatcher for this long the agent ends what it runs."""
    heartbeat_s: float
    keep: list[AttemptRef]
    acked: int = 0
    """Highest reliable ``seq`` of this incarnation that is committed."""
    staging_port: int = 0
    """TCP port of the dispatcher's machine where staged files are had and outputs brought (``staging``);
    0: none."""


class Beat(Struct, frozen=True, tag="beat_ok", array_like=True):
    """Answer to a heartbeat; leases of all but ``stale`` are renewed from the moment it was sent."""

    stale: list[AttemptRef]
    number: int = 0
    """The heartbeat's; 0 of a dispatcher that does not say it."""


class Describe(Struct, frozen=True, tag="describe", array_like=True):
    """What a step's tasks are, sent before the first assignment of the step in a session, and again after
    the farm's paths or log rules changed."""

    step: int
    work: Work
    paths: list[PathRoots] = []
    """The farm's shared folders: the agent writes every path of the work as its own system has it."""
    log_rules: list[LogRule] = []
    """The farm's, looked at after the step's own."""


class Assign(Struct, frozen=True, array_like=True, kw_only=True, tag="assign"):
    """Run this attempt on this device."""

    ref: AttemptRef
    device: int
    frames: Frames
    checkpoint: str = ""
    """Resume from this file where it can be read; begin anew, with a log line, where not."""
    first_sample: int = 0
    samples: int = 0
    """Range of a split frame; 0 samples means the whole frame."""
    watched: bool = False
    more_devices: list[int] = field(default_factory=list[int])
    """Further devices of the node that this attempt holds (a task on several GPUs)."""
    cores: int = 0
    """Cores that it may use; 0: all of its device. Several attempts then share the node's ``cpu`` device."""
    parts: list[str] = field(default_factory=list[str])
    """Merge a split frame: read these files (checkpoints of disjoint sample ranges, as the attempts of the
    ranges published them), add them exactly, finish and publish the frame."""
    peers: list[str] = field(default_factory=list[str])
    """Of a gang: the names of all its nodes by rank; this attempt's rank is the index of its task."""
    ram_bytes: int = 0
    """Of the node's RAM, that its step asked for; an agent may hold it to that."""


class Grant(Struct, frozen=True, tag="grant", array_like=True):
    """Rename now: the dispatcher has recorded that this attempt publishes. Void after ``valid_s``."""

    ref: AttemptRef
    valid_s: float


class Revoke(Struct, frozen=True, tag="revoke", array_like=True):
    """End the attempt: 'yield' (kernels: checkpoint after this pass; commands finish) or 'kill'."""

    ref: AttemptRef
    mode: str


class Stale(Struct, frozen=True, tag="stale", array_like=True):
    """That attempt is not current: kill it, delete its temporary files, report nothing more of it."""

    ref: AttemptRef


class Ack(Struct, frozen=True, tag="ack", array_like=True):
    """Reliable reports up to this seq are committed."""

    seq: int


class Watch(Struct, frozen=True, tag="watch", array_like=True):
    """Somebody looks at this attempt (or no longer): stream previews at most every 2 s."""

    ref: AttemptRef
    on: bool


class Clean(Struct, frozen=True, tag="clean", array_like=True):
    """Nobody needs these pieces of a split frame any more (absolute paths ending in ``.part``): delete them.
    Not repeated and not answered."""

    paths: list[str]


class Drain(Struct, frozen=True, tag="drain", array_like=True):
    """Stop after the running attempts (the dispatcher assigns nothing more); ``exit`` ends the agent too."""

    exit: bool


class Update(Struct, frozen=True, tag="update", array_like=True):
    """Finish what runs, install this version of the agent, and start anew."""

    version: str


class Sleep(Struct, frozen=True, tag="sleep", array_like=True):
    """Suspend the machine if nothing runs: first asked, answered ``Sleeping``; then, when the dispatcher has
    recorded that it sleeps, again with ``now``. Void once the node has said Hello in between."""

    now: bool = False


class Wake(Struct, frozen=True, tag="wake", array_like=True):
    """Send magic packets for these hardware addresses into your own networks, and to these broadcast addresses:
    another node sleeps there."""

    macs: list[str]
    broadcasts: list[str]


ToNode = (
    Joined
    | Refused
    | Welcome
    | Beat
    | Describe
    | Assign
    | Grant
    | Revoke
    | Stale
    | Ack
    | Watch
    | Drain
    | Clean
    | Update
    | Sleep
    | Wake
)
