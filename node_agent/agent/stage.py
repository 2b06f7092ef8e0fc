"""Attempts whose files are staged: fetched before, and their outputs brought to the dispatcher after.

Stands between the loop and the supervisor, and passes on all that is not about a staged step. To its child
such an attempt is one like any other, with files of this node's cache and a scratch folder of its own; to the
session it is one that takes longer to start and to publish::

    FETCHING -> RUNNING -> BRINGING -> OFFERED (waits for the grant) -> published
                        \\-> KEEPING (a checkpoint)

Each errand is a short-lived ``courier``. The child's own grant is given here: what it renames is scratch.
"""

from __future__ import annotations

import enum
import logging
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
from msgspec import Struct

from node_agent.agent import session_types as t
from node_agent.agent.cache import tree_of
from node_agent.agent.errand import Errand, Outgoing, Said
from node_agent.agent.side_process import SideProcess
from node_agent.agent.supervisor import ChildAction, ChildLog, Occurrence, Supervisor
from node_agent.agent.system import platform
from node_agent.agent.worker_process import PASSED_ON
from node_agent.wire.job import CommandWork, KernelWork, OpenJDWork, Output, Work
from node_agent.wire.messages import AttemptRef, OutputFile, Usage
from node_agent.wire.staging import CHECKPOINT_PREFIX, OUTPUT, PREVIEW

FLUSH_S = 0.02
FOREVER_S = 10 * 365 * 86400.0
PREVIEWS = "preview"

_log = logging.getLogger("agent")


class Place(Struct, frozen=True, kw_only=True):
    """Where this node keeps staged files, and how the dispatcher's machine is reached."""

    host: str
    """``tcp://HOST`` of the dispatcher."""
    server_key: str
    public: str
    secret: str
    cache: Path
    scratch: Path
    limit_bytes: int
    user: str = ""
    """Whom scratch folders belong to; '': the agent's own user."""


class Phase(enum.Enum):
    """Where a staged attempt stands."""

    FETCHING = "fetching"
    RUNNING = "running"
    BRINGING = "bringing"
    OFFERED = "offered"
    KEEPING = "keeping"


class Staged:
    """One staged attempt."""

    def __init__(self, start: t.StartChild, root: str, scratch: Path) -> None:
        self.start = start
        self.root = root
        self.scratch = scratch
        self.phase = Phase.FETCHING
        self.courier: SideProcess | None = None
        self.is_watched = False
        self.files: list[OutputFile] = []
        self.ending: t.ChildDone | t.ChildYielded | None = None
        """What the child said, until its files are where they belong."""

    @property
    def ref(self) -> AttemptRef:
        return self.start.ref

    @property
    def usage(self) -> Usage:
        return self.ending.usage if self.ending is not None else Usage()

    def roots(self) -> list[str]:
        """What must be on this node before it starts."""
        checkpoint = self.start.checkpoint
        kept = checkpoint.removeprefix(CHECKPOINT_PREFIX)
        return [self.root, *([kept] if kept != checkpoint else [])]


class Stage:
    """All staged attempts of a node; otherwise the supervisor itself."""

    def __init__(self, supervisor: Supervisor, place: Place) -> None:
        self._supervisor = supervisor
        self._place = place
        self.port = 0
        """Of the staging socket, as Welcome says."""
        self._staged: dict[AttemptRef, Staged] = {}
        self._events: list[Occurrence] = []
        shutil.rmtree(place.scratch, ignore_errors=True)  # of a previous incarnation

    # --- what the loop asks -------------------------------------------------------------------------

    def readable(self) -> Iterator[int]:
        """Descriptors of couriers to poll for input."""
        return (each.stdout for each in self._couriers() if not each.has_ended)

    def next_deadline(self) -> float | None:
        """When to call ``turn`` at the latest."""
        if self._events:
            return platform.now()
        is_waiting = any(each.has_unsent for each in self._couriers())
        return platform.now() + FLUSH_S if is_waiting else None

    def pids(self) -> set[int]:
        """Children that the supervisor must not take for orphans."""
        return {each.pid for each in self._couriers()}

    def _couriers(self) -> Iterator[SideProcess]:
        return (each.courier for each in self._staged.values() if each.courier is not None)

    def perform(self, action: ChildAction) -> None:
        """Do what the session ordered."""
        if isinstance(action, t.StartChild):
            root = "" if isinstance(action.work, OpenJDWork) else action.work.staged
            if root:
                self._begin(action, root)
                return
        staged = self._staged.get(action.ref)
        if staged is None or (staged.phase is Phase.RUNNING and not _is_publish(action)):
            self._note_watch(staged, action)
            self._supervisor.perform(action)
            return
        match action:
            case t.PublishChild(deadline=deadline) if staged.courier is not None:
                staged.courier.say(f"publish {deadline}")
            case t.WatchChild():
                self._note_watch(staged, action)
            case t.YieldChild() if staged.phase is Phase.FETCHING:
                self._end(staged, t.ChildYielded(staged.ref, "", 0, Usage()))
            case t.KillChild():
                self._end(staged, t.ChildKilled(staged.ref, staged.usage))
            case _:
                pass  # it is nearly done: the device comes free sooner with the result than without

    def turn(self) -> list[Occurrence]:
        """What happened, in order."""
        for occurrence in self._supervisor.turn():
            staged = self._staged.get(getattr(occurrence, "ref", None) or AttemptRef(0, 0, 0))
            if staged is None:
                self._events.append(occurrence)
            else:
                self._take(staged, occurrence)
        for staged in list(self._staged.values()):
            if staged.courier is not None:
                self._listen(staged, staged.courier)
        events, self._events = self._events, []
        return events

    def close(self) -> None:
        """Kill the couriers and delete what they worked on."""
        for staged in list(self._staged.values()):
            self._forget(staged)

    # --- before ---------------------------------------------------------------------------------------

    def _begin(self, action: t.StartChild, root: str) -> None:
        scratch = self._place.scratch / f"{action.ref.step}.{action.ref.task}.{action.ref.epoch}"
        staged = Staged(action, root, scratch)
        self._staged[action.ref] = staged
        missing = [root for root in staged.roots() if not self._tree(root).is_dir()]
        if not missing:
            self._start(staged)
            return
        in_use = sorted({root for each in self._staged.values() for root in each.roots()})
        self._send(staged, do="fetch", roots=missing, in_use=in_use)

    def _start(self, staged: Staged) -> None:
        start, tree = staged.start, self._tree(staged.root)
        try:
            self._prepare(staged)
            checkpoint = self._checkpoint(staged)
        except OSError as error:
            sentence = f"The staged files cannot be used: {error}."
            self._end(staged, t.ChildFailed(staged.ref, "environment", sentence, Usage()))
            return
        work = localised(start.work, tree, staged.scratch)
        staged.phase = Phase.RUNNING
        self._supervisor.perform(msgspec.structs.replace(start, work=work, checkpoint=checkpoint))
        if staged.is_watched:
            self._supervisor.perform(t.WatchChild(staged.ref, on=True))

    def _prepare(self, staged: Staged) -> None:
        """Make the scratch folder, and note that its trees are used."""
        shutil.rmtree(staged.scratch, ignore_errors=True)
        for folder in (staged.scratch, staged.scratch / PREVIEWS):
            folder.mkdir(parents=True)
            if self._place.user:
                platform.give_to(folder, self._place.user)
        for root in staged.roots():
            platform.touch(self._tree(root))

    def _checkpoint(self, staged: Staged) -> str:
        roots = staged.roots()[1:]
        if not roots:
            return staged.start.checkpoint
        return next((str(path) for path in self._tree(roots[0]).iterdir()), "")

    def _tree(self, root: str) -> Path:
        return tree_of(self._place.cache, root)

    # --- what the child says ------------------------------------------------------------------------

    def _take(self, staged: Staged, occurrence: Occurrence) -> None:
        match occurrence:
            case t.ChildReady(ref):
                # Into its scratch folder it may publish at once: the grant is asked for afterwards.
                self._supervisor.perform(t.PublishChild(ref, platform.now() + FOREVER_S))
            case t.ChildDone(files=files) if files:
                staged.phase, staged.ending = Phase.BRINGING, occurrence
                self._send(staged, do="bring", files=[self._outgoing(staged, f) for f in files])
            case t.ChildYielded(checkpoint=checkpoint) if checkpoint:
                staged.phase, staged.ending = Phase.KEEPING, occurrence
                self._send(staged, do="keep", files=[Outgoing(checkpoint)])
            case t.ChildDone() | t.ChildYielded() | t.ChildFailed() | t.ChildKilled():
                self._end(staged, occurrence)
            case _:
                self._events.append(occurrence)

    def _outgoing(self, staged: Staged, file: OutputFile) -> Outgoing:
        is_preview = Path(file.path).parent == staged.scratch / PREVIEWS
        return Outgoing(file.path, PREVIEW if is_preview else OUTPUT)

    # --- what the courier says ----------------------------------------------------------------------

    def _listen(self, staged: Staged, courier: SideProcess) -> None:
        for line in courier.read_lines():
            try:
                said = msgspec.json.decode(line, type=Said)
            except msgspec.MsgspecError:
                said = Said(word="fault", text="The courier said what is none of its words.")
            self._hear(staged, said)
            if staged.courier is not courier:
                return
        if courier.has_ended:
            errors = courier.errors.splitlines()[-1:] or ["it said nothing"]
            self._fail(staged, f"The courier of staged files died: {errors[0][:300]}.")

    def _hear(self, staged: Staged, said: Said) -> None:
        match said.word:
            case "progress":
                self._events.append(ChildLog(staged.ref, [said.text]))
            case "fetched":
                self._dismiss(staged)
                self._start(staged)
            case "brought":
                staged.phase = Phase.OFFERED
                staged.files = [
                    OutputFile(_final(staged.start.work.output, f.folder, f.name), f.size, f.sha256)
                    for f in said.files
                ]
                self._events.append(t.ChildReady(staged.ref, staged.files))
            case "late":
                self._events.append(t.ChildReady(staged.ref, staged.files))
            case "published":
                self._end(staged, t.ChildDone(staged.ref, staged.files, staged.usage))
            case "kept":
                self._end_kept(staged, said.text)
            case "fault":
                self._fail(staged, said.text)

    def _end_kept(self, staged: Staged, root: str) -> None:
        assert isinstance(staged.ending, t.ChildYielded)
        checkpoint = CHECKPOINT_PREFIX + root
        self._end(staged, msgspec.structs.replace(staged.ending, checkpoint=checkpoint))

    def _fail(self, staged: Staged, sentence: str) -> None:
        self._end(staged, t.ChildFailed(staged.ref, "environment", sentence, staged.usage))

    # --- errands --------------------------------------------------------------------------------------

    def _send(
        self,
        staged: Staged,
        *,
        do: str,
        roots: list[str] | None = None,
        files: list[Outgoing] | None = None,
        in_use: list[str] | None = None,
    ) -> None:
        if not self.port:
            self._fail(staged, "The dispatcher has no staging socket: it is of an older version.")
            return
        place = self._place
        errand = Errand(
            do=do,  # pyright: ignore[reportArgumentType] -- one of its words
            address=f"{place.host}:{self.port}",
            server_key=place.server_key,
            public=place.public,
            secret=place.secret,
            parent=platform.own_pid(),
            roots=roots or [],
            files=files or [],
            ref=staged.ref,
            cache=str(place.cache),
            limit_bytes=place.limit_bytes,
            in_use=in_use or [],
        )
        argv = [sys.executable, "-P", "-m", "node_agent.agent.courier"]
        try:
            staged.courier = SideProcess(argv, platform.environment(PASSED_ON), place.cache.parent)
        except OSError as error:
            self._fail(staged, f"The courier of staged files cannot be started: {error}.")
            return
        staged.courier.say(msgspec.json.encode(errand).decode())

    def _dismiss(self, staged: Staged) -> None:
        courier, staged.courier = staged.courier, None
        if courier is not None:
            courier.close()

    def _end(self, staged: Staged, event: t.SessionEvent) -> None:
        self._forget(staged)
        self._events.append(event)

    def _forget(self, staged: Staged) -> None:
        self._dismiss(staged)
        shutil.rmtree(staged.scratch, ignore_errors=True)
        self._staged.pop(staged.ref, None)

    def _note_watch(self, staged: Staged | None, action: ChildAction) -> None:
        if staged is not None and isinstance(action, t.WatchChild):
            staged.is_watched = action.on


def _is_publish(action: ChildAction) -> bool:
    return isinstance(action, t.PublishChild)


def _final(output: Output, folder: int, name: str) -> str:
    directory = output.preview_directory if folder == PREVIEW else output.directory
    return f"{directory.rstrip('/')}/{name}"


def localised(work: Work, tree: Path, scratch: Path) -> Work:
    """The work with this node's folders: files of the tree, outputs into the scratch folder."""
    output = work.output
    if output.directory:
        output = msgspec.structs.replace(output, directory=str(scratch))
    if output.preview_directory:
        output = msgspec.structs.replace(output, preview_directory=str(scratch / PREVIEWS))
    if isinstance(work, KernelWork):
        return msgspec.structs.replace(work, scene=str(tree / work.scene), output=output)
    if isinstance(work, CommandWork):
        folder = str(tree).replace("{", "{{").replace("}", "}}")
        argv = [word.replace("{assets}", folder) for word in work.argv]
        return msgspec.structs.replace(work, argv=argv, output=output)
    return work
