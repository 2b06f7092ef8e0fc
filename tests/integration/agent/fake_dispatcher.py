"""A dispatcher of some hundred lines, for tests of the agent: a ROUTER with CURVE and its own mind.

It answers as the protocol says unless told otherwise (``answers_beats``, ``grants``, ``acks``), keeps all
that it hears, and waits for what a test wants to see. One thread: the test's own.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil
import zmq
import zmq.auth.base

from node_agent.wire import messages as m
from node_agent.wire.codec import decode_from_node, encode
from node_agent.wire.job import Frames, Work
from node_agent.wire.token import JoinToken, format_token

WAIT_S = 30.0
ONE_FRAME = Frames(1, 1)
TURN_MS = 10
ZAP_ENDPOINT = "inproc://zeromq.zap.01"


class FakeDispatcher:
    """Serves one agent. Use ``with``."""

    def __init__(self, lease_s: float = 30.0, heartbeat_s: float = 0.2) -> None:
        self.lease_s, self.heartbeat_s, self.absence_s = lease_s, heartbeat_s, 600.0
        self.answers_beats = self.grants = self.acks = True
        self.heard: list[tuple[float, m.FromNode]] = []
        self.keep: list[m.AttemptRef] | None = None
        """What Welcome keeps; None: all that Hello named."""
        self.stale: list[m.AttemptRef] = []
        self.acked = 0
        self.steps = 0
        self._context = zmq.Context()
        self.allowed: set[str] | None = None
        """Public keys; None: everybody."""
        self._zap = self._context.socket(zmq.REP)
        self._zap.bind(ZAP_ENDPOINT)
        self.public, self.secret = (key.decode() for key in zmq.curve_keypair())
        self._router: zmq.Socket | None = None
        self._route = b""
        self.port = 0
        self.listen()

    def listen(self) -> None:
        """Open the port; after ``hang_up`` the same one."""
        router = self._context.socket(zmq.ROUTER)
        router.linger = 0
        router.curve_server = True
        router.curve_secretkey = self.secret.encode()
        router.zap_domain = b"nodes"
        router.setsockopt(zmq.ZAP_ENFORCE_DOMAIN, 1)
        if self.port:
            router.bind(f"tcp://127.0.0.1:{self.port}")
        else:
            self.port = router.bind_to_random_port("tcp://127.0.0.1")
        self._router = router

    def hang_up(self) -> None:
        """Close the port, as a dispatcher that died."""
        assert self._router is not None
        self._router.close(0)
        self._router = None
        self._route = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._router is not None:
            self._router.close(0)
        self._zap.close(0)
        self._context.destroy(0)

    def token(self, secret: str | None = None) -> str:
        """A join token; its joiner key pair is made here."""
        public, own = (key.decode() for key in zmq.curve_keypair())
        return format_token(
            JoinToken(
                address=f"tcp://127.0.0.1:{self.port}",
                server_key=self.public,
                public_key=public,
                secret_key=secret or own,
                expires_unix=int(time.time()) + 60,
            )
        )

    # --- talking ------------------------------------------------------------------------------------

    def send(self, *messages: m.ToNode) -> None:
        """Send to the agent that spoke last."""
        assert self._router is not None
        self._router.send_multipart([self._route, encode(messages)])

    def assign(self, work: Work, frames: Frames = ONE_FRAME, **more) -> m.AttemptRef:
        """Assign a new step's only task."""
        self.steps += 1
        ref = more.pop("ref", m.AttemptRef(self.steps, 0, 1))
        fields = {"device": 0, **more}
        self.send(m.Describe(ref.step, work), m.Assign(ref=ref, frames=frames, **fields))
        return ref

    def turn(self) -> None:
        """Hear and answer what has come, waiting a moment for it."""
        self._answer_zap()
        if self._router is None:
            self._zap.poll(TURN_MS)
            return
        if not self._router.poll(TURN_MS):
            return
        self._route, data = self._router.recv_multipart()
        for message in decode_from_node(data):
            self.heard.append((time.monotonic(), message))
            self._answer(message)

    def _answer_zap(self) -> None:
        while self._zap.poll(0):
            version, number, *rest = self._zap.recv_multipart()
            key = zmq.utils.z85.encode(rest[-1]).decode()
            is_allowed = self.allowed is None or key in self.allowed
            code = b"200" if is_allowed else b"400"
            self._zap.send_multipart([version, number, code, b"", key.encode(), b""])

    def _answer(self, message: m.FromNode) -> None:
        match message:
            case m.Join(public_key=key):
                if self.allowed is not None:
                    self.allowed.add(key)
                self.send(m.Joined(node=1))
            case m.Hello(running=running):
                self.send(self.welcome(running if self.keep is None else self.keep))
            case m.Heartbeat() if self.answers_beats:
                self.send(m.Beat(self.stale))
            case m.Ready() | m.Done() | m.Failed() | m.Yielded() | m.Released():
                if self.acks:
                    self.acked = message.seq
                    self.send(m.Ack(message.seq))
                if self.grants and isinstance(message, m.Ready):
                    self.send(m.Grant(message.ref, 10.0))
            case _:
                pass

    def welcome(self, keep: list[m.AttemptRef]) -> m.Welcome:
        """As configured."""
        return m.Welcome(
            node=1,
            lease_s=self.lease_s,
            absence_s=self.absence_s,
            heartbeat_s=self.heartbeat_s,
            keep=keep,
            acked=self.acked,
        )

    # --- waiting --------------------------------------------------------------------------------------

    def until(self, condition: Callable[[], object], wait_s: float = WAIT_S) -> object:
        """Turn until ``condition`` is true; return what it gave."""
        deadline = time.monotonic() + wait_s
        while not (found := condition()):
            if time.monotonic() > deadline:
                last = [message for _, message in self.heard[-10:]]
                raise AssertionError(f"waited {wait_s} s in vain; heard last: {last}")
            self.turn()
        return found

    def wait_for(self, kind: type, ref: m.AttemptRef | None = None, count: int = 1):
        """The ``count``-th message of this kind (about this attempt)."""

        def found():
            messages = self.all_of(kind, ref)
            return messages[count - 1] if len(messages) >= count else None

        return self.until(found)

    def outcome(self, ref: m.AttemptRef):
        """How the attempt ended."""
        kinds = (m.Done, m.Failed, m.Yielded, m.Released)
        return self.until(lambda: next(iter(self.all_of(kinds, ref)), None))

    def all_of(self, kind, ref: m.AttemptRef | None = None) -> list:
        """All messages of this kind so far."""
        messages = [message for _, message in self.heard if isinstance(message, kind)]
        return [x for x in messages if ref is None or x.ref == ref]

    def times_of(self, kind) -> list[float]:
        """When they came."""
        return [at for at, message in self.heard if isinstance(message, kind)]


class Agent:
    """A real agent process. Use ``with``: at the end it and its children are gone."""

    def __init__(self, dispatcher: FakeDispatcher, data: Path, *options: str, join: bool = True):
        """``--no-self-check`` unless ``options`` say ``--self-check``: one child less to count."""
        self.data = data
        self._log = open(data.with_suffix(".log"), "ab")  # noqa: SIM115
        command = [
            sys.executable,
            "-m",
            "node_agent",
            "--allow-root",
            "--data",
            str(data),
            "--devices",
            "cpu",
        ]
        checks = [] if "--self-check" in options else ["--no-self-check"]
        options = tuple(option for option in options if option != "--self-check")
        token = ["--join", dispatcher.token()] if join else []
        self.process = subprocess.Popen(
            [*command, "--name", "test", "--threads", "2", *token, *checks, *options],
            stderr=self._log,
            cwd=data.parent,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        children = self.children()
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._log.close()
        deadline = time.monotonic() + WAIT_S
        while alive(children) and time.monotonic() < deadline:
            time.sleep(TURN_MS / 1000)

    @property
    def pid(self) -> int:
        return self.process.pid

    def children(self) -> list[psutil.Process]:
        """Everything that descends from it."""
        try:
            return psutil.Process(self.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return []

    def log(self) -> str:
        """What it wrote so far."""
        return self.data.with_suffix(".log").read_text()


def alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Those that still run; zombies do not."""
    return [p for p in processes if p.is_running() and _status(p) != psutil.STATUS_ZOMBIE]


def _status(process: psutil.Process) -> str:
    try:
        return process.status()
    except psutil.NoSuchProcess:
        return psutil.STATUS_ZOMBIE


def pids_with(text: str) -> list[int]:
    """Processes whose command line holds ``text``."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                line = (entry / "cmdline").read_bytes().decode("utf-8", "replace")
            except OSError:
                continue
            if text in line:
                found.append(int(entry.name))
    return found
