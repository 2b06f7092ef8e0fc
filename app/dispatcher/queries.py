"""Answers that come from the shell's own files, tables and rings rather than from the core."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from app.core.commands import (
    Answer,
    Attempts,
    GetAttempts,
    GetAudit,
    GetHistory,
    GetLog,
    GetMorning,
    GetPreview,
    GetSnapshot,
    GetUsage,
    Receipt,
    Refusal,
    WatchTask,
)
from app.core.dispatcher import Dispatcher
from app.core.events import ClientAsked, Now
from app.core.morning import Night
from app.core.tasks import Step
from app.core.views import AttemptRow, FarmInfo
from app.dispatcher.history import HistoryKeeper
from app.dispatcher.logs import Logs
from app.dispatcher.pictures import Pictures
from app.dispatcher.publisher import Publisher
from app.dispatcher.telemetry import Telemetry
from app.dispatcher.watch import SECONDS_MAX, Watches
from app.errors import UserMistake, WindfireError
from app.store.repository import Repository

_ATTEMPTS_MAX = 10_000
_IDLE_MAX = 200
EVENING_HOUR = 18


@dataclass(slots=True)
class Queries:
    """What is asked for, and where it is."""

    core: Dispatcher
    repository: Repository
    publisher: Publisher
    telemetry: Telemetry
    logs: Logs
    pictures: Pictures
    watches: Watches
    farm: FarmInfo
    new_watches: list[tuple[int, int]]
    """Tasks that are watched from now on; the loop tells the core and the node."""
    history: HistoryKeeper

    def answer(self, asked: ClientAsked, now: Now) -> Answer:
        """Answer one query. Never raises what the asker could cause."""
        refusal = self.core.refusal(asked.key, asked.body, now)
        if refusal is not None:
            return refusal
        try:
            return self._answer(asked, now)
        except UserMistake as error:
            return Refusal(sentence=error.sentence)
        except WindfireError as error:
            return Refusal(sentence=error.sentence, blame="environment")

    def _answer(self, asked: ClientAsked, now: Now) -> Answer:
        match asked.body:
            case GetSnapshot():
                return self._snapshot(now)
            case GetAttempts() as query:
                return Attempts(rows=self._attempts(query))
            case GetLog() as query:
                return self._log(query)
            case GetPreview() as query:
                return self._preview(query)
            case GetUsage() as query:
                return self.repository.usage(query)
            case GetHistory(span=span):
                return self.history.answer(span, now)
            case GetMorning(since=since):
                return self._morning(since or last_evening(now.wall), now)
            case GetAudit() as query:
                return self.core.audit(*self.repository.audit(query))
            case WatchTask() as query:
                return self._watch(query, now)
            case _:
                return Refusal(sentence="This is not a query of the shell.", blame="bug")

    def _morning(self, since: float, now: Now) -> Answer:
        if not 0 <= since <= now.wall:
            return Refusal(sentence="A morning begins at a time that was.")
        failures, was = self.repository.night(since)
        sums = self.history.sums(since, now)
        devices = sums.gpus or sums.cores
        busy = sums.gpus_busy if sums.gpus else sums.cores_busy
        idle = self.core.idle_nodes(now)[:_IDLE_MAX]
        night = Night(
            since=since,
            failures=failures,
            was=was,
            done=sums.done,
            attempts_failed=sums.failed + sums.lost,
            utilisation=busy / devices if devices else -1.0,
            last_worked=self.repository.last_worked(idle),
        )
        return self.core.morning(night, now)

    def _snapshot(self, now: Now) -> Answer:
        farm = _at(self.farm, now)
        snapshot = self.core.snapshot(now, farm, self.publisher.seq)
        snapshot.samples.extend(self.telemetry.samples(now.wall))
        return snapshot

    def _attempts(self, query: GetAttempts) -> list[AttemptRow]:
        count = max(0, min(query.count, _ATTEMPTS_MAX))
        running = sorted(self._running(query), key=lambda row: row.started_at, reverse=True)
        ended = self.repository.attempts(
            shot=query.shot, step=query.step, task=query.task, count=count, node=query.node
        )
        return [*running, *ended][:count]

    def _running(self, query: GetAttempts) -> Iterator[AttemptRow]:
        for step in self._steps(query):
            for task, (node, *_) in step.running.items():
                if query.node not in (0, node) and not query.shot and not query.step:
                    continue
                if query.task in (-1, task) or not query.step:
                    yield self._running_row(step, task)

    def _steps(self, query: GetAttempts) -> Iterator[Step]:
        state = self.core.state
        if query.step:
            found = state.steps.get(query.step)
            yield from [found] if found else []
        elif query.shot:
            shot = state.shots.get(query.shot)
            for job in shot.jobs if shot else []:
                yield from (state.steps[step] for step in state.jobs[job].steps)
        else:
            yield from state.steps.values()

    def _running_row(self, step: Step, task: int) -> AttemptRow:
        node, device, at = step.running[task]
        frames = step.task_frames(task)
        known = self.core.state.nodes.get(node)
        return AttemptRow(
            step=step.id,
            task=task,
            epoch=step.epochs[task],
            shot=step.shot,
            job=step.job,
            first=frames.first,
            last=frames.last,
            node=node,
            node_name=known.name if known else "",
            device=device,
            started_at=at,
            ended_at=0.0,
            outcome="running",
            cause="",
            sentence="",
            wall_s=0.0,
            cpu_s=0.0,
            peak_memory_bytes=0,
            samples=0,
            energy_j=0.0,
        )

    def _log(self, query: GetLog) -> Answer:
        step = self._task(query.step, query.task)
        if step is None:
            return _no_task(query.step, query.task)
        epoch = query.epoch or step.epochs[query.task]
        if epoch <= 0:
            return Refusal(sentence="This task was never started: it has no log.")
        return self.logs.read(query.step, query.task, epoch, query.offset, query.size)

    def _preview(self, query: GetPreview) -> Answer:
        found = self.pictures.find(shot=query.shot, step=query.step, task=query.task)
        return found or Refusal(sentence="There is no picture of this yet.")

    def _watch(self, query: WatchTask, now: Now) -> Answer:
        if self._task(query.step, query.task) is None:
            return _no_task(query.step, query.task)
        is_new = self.watches.begin((query.step, query.task), query.seconds, now.mono)
        if is_new is None:
            return Refusal(
                sentence=f"Too many tasks are watched: try again in {SECONDS_MAX:.0f} s."
            )
        if is_new:
            self.new_watches.append((query.step, query.task))
        return Receipt(seq=self.publisher.next_seq)

    def _task(self, step: int, task: int) -> Step | None:
        found = self.core.state.steps.get(step)
        return found if found is not None and 0 <= task < found.total else None


def _no_task(step: int, task: int) -> Refusal:
    return Refusal(sentence=f"There is no task {task} in step {step}.")


def _at(farm: FarmInfo, now: Now) -> FarmInfo:
    return FarmInfo(
        instance=farm.instance,
        version=farm.version,
        started_at=farm.started_at,
        now=now.wall,
        database=farm.database,
    )


def last_evening(wall: float) -> float:
    """Return yesterday's 18:00 on this machine's clock."""
    now = time.localtime(wall)
    day = (now.tm_year, now.tm_mon, now.tm_mday - 1)
    return time.mktime((*day, EVENING_HOUR, 0, 0, 0, 0, -1))
