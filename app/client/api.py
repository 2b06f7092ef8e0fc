"""The Python API for pipelines: a farm as an object; every method blocks until the farm has answered.

    from app.client import connect

    with connect() as farm:
        farm.move(["NZ2/sq010/sh0040"], top=True)
        farm.wait(["NZ2/sq010/sh0040"])

Shots are named by id or by "PROJ/SEQ/SHOT" (any end of it that only one shot has will do). What the farm
refuses is raised as UserMistake, EnvironmentFault or BugFault with the farm's own sentence. To build jobs
from files see ``app.submit``. A Farm may be used from several threads.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self, TypeVar, overload

from msgspec.structs import replace

from app.client.connection import ASK_TIMEOUT_S, Batch, Connection
from app.client.lookup import ShotKey, find_nodes, find_shots, find_task
from app.client.replica import Replica
from app.client.settings import ClientSettings, load_settings
from app.client.staging import Progress as StagingProgress
from app.client.staging import stage_files
from app.client.waiting import Progress, wait_for
from app.core import commands, reports, views
from app.core.ids import TaskState
from app.errors import BugFault, EnvironmentFault, PeerFault, UserMistake, WindfireError

LOG_CHUNK_BYTES = 256 << 10
LOG_POLL_S = 0.5
TASK_WINDOW = 10_000
FOREVER_S = 365 * 86400.0

_ENDED = (TaskState.DONE, TaskState.FAILED, TaskState.CANCELLED)
_FAULTS: dict[str, type[WindfireError]] = {
    "user": UserMistake,
    "environment": EnvironmentFault,
    "peer": PeerFault,
    "bug": BugFault,
}
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Submitted:
    """What a submission made; ``command`` is for ``undo``."""

    shot: int
    job: int
    command: int


def connect(
    home: str | Path | None = None,
    *,
    key: str | Path | None = None,
    timeout_s: float = ASK_TIMEOUT_S,
) -> Farm:
    """Enter the farm of a home folder (``$WINDFIRE_HOME`` or the user's own by default).

    ``key``: a ``*.key_secret`` file, where it is not the home's own. Raises EnvironmentFault when no farm
    runs there.
    """
    load_settings(home, key)  # now, so that its sentence needs no time-out
    return Farm(lambda: load_settings(home, key), timeout_s)


class Farm:
    """A farm that was entered. Close it, or use ``with``."""

    def __init__(self, settings: Callable[[], ClientSettings], timeout_s: float) -> None:
        self._settings = settings
        self._timeout_s = timeout_s
        self._asking = Connection(settings, follow=False)
        self._asking.start()
        self._live: list[Connection] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the connection; subscriptions end with it."""
        for each in (*self._live, self._asking):
            each.close()
        self._live.clear()

    # --- commands ---------------------------------------------------------------------------------

    def submit(self, request: commands.Submit) -> Submitted:
        """Hand in a job; ``app.submit`` makes requests from files."""
        receipt = self._command(request)
        shot, job = (*receipt.ids, 0, 0)[:2]
        return Submitted(shot, job, receipt.command)

    def stage(self, files: dict[str, Path], progress: StagingProgress | None = None) -> str:
        """Bring files (by path below a common root) to the farm, for nodes without a shared disk; return
        the name that a job's ``staged`` takes."""
        return stage_files(self._settings(), files, progress)

    def move(
        self,
        shots: Iterable[ShotKey],
        *,
        before: ShotKey | None = None,
        top: bool = False,
        bottom: bool = False,
        preempt: bool = False,
        kill: bool = False,
    ) -> int:
        """Put shots, in their present order, somewhere else; return the command's number for ``undo``.

        ``preempt``: later shots make room now, kernels with all their samples; ``kill``: commands too."""
        move = self.plan_move(shots, before=before, top=top, bottom=bottom)
        return self._command(replace(move, preempt=preempt, kill=kill)).command

    def plan_move(
        self,
        shots: Iterable[ShotKey],
        *,
        before: ShotKey | None = None,
        top: bool = False,
        bottom: bool = False,
    ) -> commands.Move:
        """Return the command that ``move`` would send, for ``forecast``."""
        if (before is not None) + top + bottom != 1:
            raise UserMistake(
                "Say where the shots go: before another shot, to the top or the bottom."
            )
        rows = self.snapshot().queue()
        moved = [row.id for row in find_shots(rows, shots)]
        if not moved:
            raise UserMistake("Say which shots to move.")
        if before is None:
            return commands.Move(shots=moved, place="top" if top else "bottom")
        target = find_shots(rows, [before])[0].id
        if target in moved:
            raise UserMistake(f"The shot {before} cannot be moved before itself.")
        return commands.Move(shots=moved, place="before", before=target)

    def pause(self, shots: Iterable[ShotKey]) -> int:
        """Start nothing more of these; what runs goes on. Return the command's number."""
        return self._command(commands.Pause(shots=self._ids(shots))).command

    def resume(self, shots: Iterable[ShotKey]) -> int:
        """Undo ``pause``. Return the command's number."""
        return self._command(commands.Resume(shots=self._ids(shots))).command

    def cancel(self, shots: Iterable[ShotKey] = (), *, jobs: Iterable[int] = ()) -> int:
        """End what is unfinished of shots or jobs; running frames are killed. Return the number."""
        ids = self._ids(shots)
        return self._command(commands.Cancel(shots=ids, jobs=list(jobs))).command

    def retry(self, shots: Iterable[ShotKey] = (), *, jobs: Iterable[int] = ()) -> int:
        """Try failed and cancelled frames again. Return the command's number."""
        ids = self._ids(shots)
        return self._command(commands.Retry(shots=ids, jobs=list(jobs))).command

    def drain(self, nodes: Iterable[str | int], *, on: bool = True) -> int:
        """Assign nothing more to these nodes (``on=False``: again). Return the command's number."""
        rows = list(self.snapshot().nodes.values())
        ids = [row.id for row in find_nodes(rows, nodes)]
        return self._command(commands.DrainNode(nodes=ids, on=on)).command

    def nodes(self, named: Iterable[str | int]) -> list[views.NodeRow]:
        """Return the rows of these nodes. Raises UserMistake for one that is not there."""
        return find_nodes(list(self.snapshot().nodes.values()), named)

    def update(self, nodes: Iterable[str | int]) -> int:
        """Have these nodes install the dispatcher's version and start anew. Return the command's number."""
        ids = [row.id for row in self.nodes(nodes)]
        return self._command(commands.UpdateNodes(nodes=ids)).command

    def undo(self, command: int) -> int:
        """Take a command back; return the number of the undo, which can be undone too."""
        return self._command(commands.Undo(command=command)).command

    def token(self, valid_s: float = 3600.0) -> str:
        """Return a join token for one new node."""
        return self._command(commands.MakeToken(valid_s=valid_s)).text

    # --- queries ----------------------------------------------------------------------------------

    def ping(self) -> None:
        """Return when the dispatcher has answered the least it can be asked."""
        self._ask(commands.GetAttempts(count=1), commands.Attempts)

    def snapshot(self) -> Replica:
        """Return the whole farm as it is now."""
        replica = Replica()
        replica.apply_snapshot(self._ask(commands.GetSnapshot(), views.Snapshot))
        return replica

    @overload
    def list(self, kind: Literal["shots"]) -> list[views.ShotRow]: ...
    @overload
    def list(self, kind: Literal["jobs"]) -> list[views.JobRow]: ...
    @overload
    def list(self, kind: Literal["steps"], shot: ShotKey | None = None) -> list[views.StepRow]: ...
    @overload
    def list(self, kind: Literal["nodes"]) -> list[views.NodeRow]: ...
    @overload
    def list(self, kind: Literal["tasks"], shot: ShotKey) -> list[views.TaskRow]: ...
    @overload
    def list(
        self, kind: Literal["attempts"], shot: ShotKey | None = None
    ) -> list[views.AttemptRow]: ...
    def list(self, kind: str, shot: ShotKey | None = None) -> Any:
        """Return rows: shots in queue order, jobs, steps, nodes; the tasks of a shot in frame order; the newest
        attempts of a shot or of the farm."""
        match kind:
            case "shots":
                return self.snapshot().queue()
            case "jobs":
                return sorted(self.snapshot().jobs.values(), key=lambda row: row.id)
            case "steps":
                chosen = None if shot is None else self._ids([shot])[0]
                rows = [step.row for step in self.snapshot().steps.values()]
                return sorted(
                    (row for row in rows if chosen in (None, row.shot)), key=lambda row: row.id
                )
            case "nodes":
                return sorted(self.snapshot().nodes.values(), key=lambda row: row.name)
            case "tasks":
                return self._tasks(shot)
            case "attempts":
                number = 0 if shot is None else self._ids([shot])[0]
                return self._ask(commands.GetAttempts(shot=number), commands.Attempts).rows
            case _:
                raise UserMistake(
                    f"There are shots, jobs, steps, tasks, nodes and attempts, but no {kind!r}."
                )

    def forecast(self, move: commands.Move | None = None) -> dict[int, commands.Finish]:
        """Return when each shot will finish, as things are or as they would be after ``move``."""
        answer = self._ask(commands.Forecast(move=move), commands.Finishes)
        return {row.shot: row for row in answer.rows}

    def explain(self, shot: ShotKey, *, frame: int | None = None) -> commands.Explanation:
        """Return why a shot, or one frame of it, is not running, with the commands that would change it."""
        if frame is None:
            (row,) = find_shots(self.snapshot().queue(), [shot])
            return self._ask(commands.Explain(shot=row.id), commands.Explanation)
        step, index = self._find_task(shot, frame)
        return self._ask(commands.Explain(step=step, task=index), commands.Explanation)

    def preemption(self, move: commands.Move) -> commands.PreemptionCost:
        """Return what a preempting ``move`` would take from later shots; see ``plan_move``."""
        return self._ask(commands.GetPreemption(move=move), commands.PreemptionCost)

    def usage(
        self, by: Iterable[commands.UsageKey] = ("project",), *, since: float = 0, until: float = 0
    ) -> commands.UsageTable:
        """Return sums of the ledger between two full hours (Unix seconds; 0: open), a row for each distinct
        combination of ``by``: GPU-hours, core-hours (of CPU time), energy and what was lost."""
        ask = commands.GetUsage(since=since, until=until, by=list(by))
        return self._ask(ask, commands.UsageTable)

    def audit(
        self, *, since: float = 0, until: float = 0, user: str = "", count: int = 200
    ) -> list[reports.AuditLine]:
        """Return the commands that were given between two times (Unix seconds; 0: open), newest first."""
        ask = commands.GetAudit(since=since, until=until, user=user, count=count)
        return self._ask(ask, commands.AuditLog).rows

    def history(self, span: reports.Span = "day") -> reports.History:
        """Return the farm over the last "hour", "day" or "quarter": devices, queue, failures, power."""
        return self._ask(commands.GetHistory(span=span), commands.History)

    def morning(self, since: float = 0) -> reports.Morning:
        """Return what happened since then (Unix seconds; 0: yesterday 18:00 there): shots that finished,
        failures by cause, stuck frames, idle nodes, slips; each with the commands that would answer it."""
        return self._ask(commands.GetMorning(since=since), commands.Morning)

    def rules(self) -> commands.FarmRules:
        """Return the farm's shared folders and log rules."""
        return self._ask(commands.GetRules(), commands.FarmRules)

    def submission(self, job: int) -> commands.Submit:
        """Return a job as one could submit it again."""
        return self._ask(commands.GetSubmission(job=job), commands.Submission).request

    def find_tasks(self, shot: ShotKey, frames: Iterable[int]) -> list[tuple[int, int]]:
        """Return (step, index) of frames of a shot's newest step that has them, for ``Skip`` and ``Kill``."""
        return [self._find_task(shot, frame) for frame in frames]

    def give(self, command: commands.Command) -> commands.Receipt:
        """Give any command of ``app.core.commands``; what names shots or nodes there, names ids."""
        return self._command(command)

    def log(self, shot: ShotKey, frame: int, *, follow: bool = False) -> Iterator[bytes]:
        """Yield the log of a frame's newest attempt in pieces; ``follow``: until the frame is over."""
        step, index = self._find_task(shot, frame)
        offset, epoch = 0, 0
        while True:
            is_over = not follow or self._is_ended(step, index)
            ask = commands.GetLog(
                step=step, task=index, epoch=epoch, offset=offset, size=LOG_CHUNK_BYTES
            )
            piece = self._ask(ask, commands.LogText)
            epoch = piece.epoch
            offset += len(piece.text)
            if piece.text:
                yield piece.text
            elif is_over:
                return
            else:
                time.sleep(LOG_POLL_S)

    def wait(
        self,
        shots: Iterable[ShotKey] = (),
        *,
        timeout_s: float = FOREVER_S,
        progress: Progress | None = None,
    ) -> list[views.ShotRow]:
        """Wait until nothing of these shots (default: of all) will run any more; return their rows.

        Failed frames do not raise: see ``row.failed``. ``progress`` gets the rows after each change, in
        this thread. Raises EnvironmentFault when the time is up or the dispatcher is lost.
        """
        keys = list_of(shots)
        rows = self.list("shots")
        watched = find_shots(rows, keys) if keys else rows
        connection = Connection(self._settings)
        try:
            return wait_for(connection, [row.id for row in watched], timeout_s, progress)
        finally:
            connection.close()

    def subscribe(self, callback: Callable[[Replica, Batch], None]) -> None:
        """Call, in a thread of Windfire's, after each change with the farm and what changed; until close.

        The replica may be read inside the callback only.
        """
        connection = Connection(self._settings)
        connection.on_batch(lambda batch: callback(connection.replica, batch))
        self._live.append(connection)
        connection.start()

    # --- help -------------------------------------------------------------------------------------

    def _ids(self, shots: Iterable[ShotKey]) -> list[int]:
        keys = list_of(shots)
        return [row.id for row in find_shots(self.list("shots"), keys)] if keys else []

    def _tasks(self, shot: ShotKey | None) -> list[views.TaskRow]:
        if shot is None:
            raise UserMistake("Say whose tasks: name a shot.")
        number = self._ids([shot])[0]
        rows: list[views.TaskRow] = []
        while True:
            ask = commands.GetTasks(shot=number, first=len(rows), count=TASK_WINDOW)
            answer = self._ask(ask, commands.Tasks)
            rows += answer.rows
            if not answer.rows or len(rows) >= answer.total:
                return rows

    def _find_task(self, shot: ShotKey, frame: int) -> tuple[int, int]:
        farm = self.snapshot()
        number = find_shots(farm.queue(), [shot])[0].id
        steps = [state.row for state in farm.steps.values() if state.row.shot == number]
        step, index = find_task(steps, frame)
        return step.id, index

    def _is_ended(self, step: int, index: int) -> bool:
        state = self.snapshot().steps.get(step)
        return state is None or state.states[index] in _ENDED

    def _command(self, body: commands.Command) -> commands.Receipt:
        return self._ask(body, commands.Receipt)

    def _ask(self, body: commands.Command | commands.Query, expected: type[_T]) -> _T:
        answer = self._asking.ask(body, self._timeout_s)
        if isinstance(answer, commands.Refusal):
            raise _FAULTS.get(answer.blame, BugFault)(answer.sentence)
        if not isinstance(answer, expected):
            raise PeerFault(
                f"The dispatcher answered {type(body).__name__} with {type(answer).__name__}."
            )
        return answer


def list_of(keys: Iterable[ShotKey]) -> list[ShotKey]:
    """Return a list; a single name, which is iterable too, is no list of letters."""
    return [keys] if isinstance(keys, str) else list(keys)
