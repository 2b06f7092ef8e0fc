"""The host of one OpenJD session: ``python -m node_agent.worker.openjd_host``, started under a guardian.

A process of its own, so that the worker stays small, that a template can take nothing but its own session down, and
that the guardian finds every daemon that an environment leaves behind. The session's environments are entered with
the first task and stay open until ``Close``, a failure or a cancel; those of a step until a task of another
step comes. One thread reads orders; the library's threads say what happened; the main thread decides.
"""

# pyright: basic

from __future__ import annotations

import logging
import os
import queue
import resource
import sys
import threading
from pathlib import Path
from typing import Any

from node_agent.wire.lines import LineSplitter
from node_agent.wire.paths import system_of
from node_agent.worker import openjd_words as words
from node_agent.worker import process_posix as process

READ_BYTES = 1 << 16
STEPS_KEPT = 16
NOT_FOUND = 127
"""Exit code of the shell by which the library starts a program."""
SENTENCE_MAX = 800


class Failure(Exception):
    """The task cannot go on: cause, and one sentence."""

    def __init__(self, cause: str, sentence: str) -> None:
        super().__init__(sentence)
        self.cause = cause


class Host:
    """The session and what is entered in it."""

    def __init__(self, answers: int) -> None:
        self._answers = answers
        self._lock = threading.Lock()
        self._events: queue.SimpleQueue[Any] = queue.SimpleQueue()
        """Orders, and None for each word of the session."""
        self._session: Any = None
        self._steps: dict[tuple[str, int, str], Any] = {}
        self._job_environments: list[tuple[str, Any]] = []
        """Identifiers, and the symbols that they were entered with."""
        self._step_environments: list[tuple[str, Any]] = []
        self._step: Any = None
        """Whose environments are entered."""
        self._is_cancelled = False
        self._spent = 0.0
        self._said: tuple[float | None, str | None] = (None, None)

    # --- words --------------------------------------------------------------------------------------

    def say(self, answer: words.Answer) -> None:
        """Tell the worker; from any thread."""
        view = memoryview(words.pack(answer))
        with self._lock:
            while view:
                view = view[os.write(self._answers, view) :]

    def read_orders(self, orders: int) -> None:
        """Put each order into the queue, and Close at the end."""
        rest = b""
        while data := os.read(orders, READ_BYTES):
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                self._events.put(words.orders.decode(line))
        self._events.put(words.Close())

    def serve(self) -> None:
        """Run tasks until told to close, or until the session is over."""
        while True:
            order = self._events.get()
            if isinstance(order, words.Close):
                self._end()
                return
            if isinstance(order, words.RunStep):
                ended = self._run(order)
                self.say(ended)
                if not ended.is_open:
                    return

    def on_status(self, _session: str, status: Any) -> None:
        """The library's word on the running action; from its threads."""
        said = (status.progress, status.status_message)
        if status.state.value == "running" and said != self._said:
            self._said = said
            self.say(words.Progressed(float(status.progress or 0.0), status.status_message or ""))
        self._events.put(None)

    # --- a task ---------------------------------------------------------------------------------------

    def _run(self, order: words.RunStep) -> words.Ended:
        self._is_cancelled = False
        outcome, cause, sentence = "success", "", ""
        try:
            self._perform(order)
        except Failure as failure:
            outcome, cause, sentence = self._outcome(), failure.cause, str(failure)
        if outcome != "success":
            self._end()
        cpu_s, peak = _cost()
        spent, self._spent = cpu_s - self._spent, cpu_s
        return words.Ended(
            outcome, cause, sentence[:SENTENCE_MAX], spent, peak, is_open=outcome == "success"
        )

    def _outcome(self) -> str:
        status = self._session.action_status if self._session is not None else None
        if self._is_cancelled:
            return "canceled"
        return "timeout" if status is not None and status.state.value == "timeout" else "failed"

    def _perform(self, order: words.RunStep) -> None:
        step = self._prepared(order.work)
        self._enter(order, step)
        try:
            values = step.parameters(order.task, order.frames)
        except IndexError as error:
            raise Failure(
                "user", f"The step {step.name} of the template has no task {order.task}."
            ) from error
        self._session.run_task(
            step_script=step.script,
            task_parameter_values=values,
            step_name=step.name,
            resolved_symtab=step.step_symbols,
            log_task_banner=False,
        )
        self._wait(f"The task of step {step.name}")

    def _prepared(self, work: Any) -> Any:
        key = (work.template, work.chunk, work.picks)
        if key not in self._steps:
            from node_agent.worker.openjd_job import instantiate

            try:
                self._steps[key] = instantiate(work)
            except (ValueError, KeyError) as error:
                reason = " ".join(str(error).split())
                raise Failure("user", f"The OpenJD template cannot be used: {reason}") from error
            if len(self._steps) > STEPS_KEPT:
                del self._steps[next(iter(self._steps))]
        return self._steps[key]

    # --- environments -----------------------------------------------------------------------------------

    def _enter(self, order: words.RunStep, step: Any) -> None:
        if self._session is None:
            self._open(order, step)
        if self._step is not step:
            self._leave(self._step_environments, goes_on=True)
            self._step = step
            for environment in step.step_environments:
                self._enter_one(environment, step.step_symbols, step.name, self._step_environments)

    def _open(self, order: words.RunStep, step: Any) -> None:
        from openjd.model import RevisionExtensions, SpecificationRevision
        from openjd.sessions import Session

        from node_agent.worker.openjd_job import mapping_rules

        self._session = Session(
            session_id=order.work.session,
            job_parameter_values=step.job_parameters,
            job_name=step.job_name,
            path_mapping_rules=mapping_rules(order.work.paths, system_of(sys.platform)),
            callback=self.on_status,
            session_root_directory=Path(order.directory),
            revision_extensions=RevisionExtensions(
                spec_rev=SpecificationRevision.v2023_09,
                supported_extensions=step.template.extensions or [],
            ),
        )
        for environment in step.job_environments:
            self._enter_one(environment, step.job_symbols, None, self._job_environments)

    def _enter_one(
        self,
        environment: Any,
        symbols: Any,
        step_name: str | None,
        entered: list[tuple[str, Any]],
    ) -> None:
        identifier = self._session.enter_environment(
            environment=environment, resolved_symtab=symbols, step_name=step_name
        )
        entered.append((identifier, symbols))
        self._wait(f"The environment {environment.name}")

    def _leave(self, entered: list[tuple[str, Any]], *, goes_on: bool) -> None:
        """Exit environments, newest first. With ``goes_on`` a failure is the next task's."""
        while entered:
            identifier, symbols = entered.pop()
            self._session.exit_environment(
                identifier=identifier, keep_session_running=goes_on, resolved_symtab=symbols
            )
            try:
                self._wait("Leaving an environment")
            except Failure:
                if goes_on:
                    raise

    def _end(self) -> None:
        """Leave all environments and delete the session's folder."""
        if self._session is None:
            return
        self._leave(self._step_environments, goes_on=False)
        self._leave(self._job_environments, goes_on=False)
        self._session.cleanup()
        self._session = None

    # --- waiting ------------------------------------------------------------------------------------------

    def _wait(self, what: str) -> None:
        """Wait for the action's end, and carry a cancel out meanwhile. Raises Failure."""
        while self._session.state.value in ("running", "canceling"):
            if isinstance(self._events.get(), words.Cancel):
                self._cancel()
        status = self._session.action_status
        if status.state.value != "success":
            raise Failure(*_blame(what, status))
        if self._is_cancelled:
            raise Failure("crash", f"{what} was cancelled.")

    def _cancel(self) -> None:
        self._is_cancelled = True
        try:
            self._session.cancel_action()
        except RuntimeError:
            return  # it ended at this moment


def _blame(what: str, status: Any) -> tuple[str, str]:
    said = status.fail_message or ""
    if status.state.value == "timeout":
        return "timeout", said or f"{what} took longer than its template allows."
    if said:
        return "user", said
    if status.exit_code is None:
        return "environment", f"{what} could not be started."
    if status.exit_code == NOT_FOUND:
        return "environment", f"{what} names a program that is not on this node."
    if status.exit_code < 0:
        return "crash", f"{what} was killed by signal {-status.exit_code}."
    return "crash", f"{what} ended with exit code {status.exit_code}."


def _cost() -> tuple[float, int]:
    """CPU seconds and the largest process of all that ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024


class _Lines(logging.Handler):
    """The session's log, its programs' output included, to the worker."""

    def __init__(self, host: Host) -> None:
        super().__init__()
        self._host = host

    def emit(self, record: logging.LogRecord) -> None:
        from openjd.sessions import LogContent

        content = getattr(record, "openjd_log_content", None)
        if content is not None and content & (LogContent.BANNER | LogContent.HOST_INFO):
            return
        splitter = LineSplitter()
        lines = splitter.feed(record.getMessage().encode("utf-8", "replace") + b"\n")
        if any(lines):
            self._host.say(words.Said(lines))


def main() -> int:
    """Serve one session."""
    orders, answers = process.take_pipes()
    host = Host(answers)
    threading.Thread(target=host.read_orders, args=(orders,), daemon=True).start()
    try:
        from openjd.sessions import LOG
    except ImportError:
        sentence = "This node has no OpenJD library: pip install 'windfire[openjd]'."
        host.say(words.Ended("failed", "environment", sentence, is_open=False))
        return 3
    # Its messages are found by a filter of this logger: with a higher level they would vanish.
    LOG.setLevel(logging.INFO)
    LOG.propagate = False
    LOG.addHandler(_Lines(host))
    host.serve()
    return 0


if __name__ == "__main__":
    sys.exit(main())
