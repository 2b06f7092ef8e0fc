"""The dispatcher against a tiny model: a dict of tasks, each a word, and what may happen to it."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from app.core import commands as cmd
from app.core.ids import TaskState
from node_agent.wire import messages as m
from tests.unit.app.core.bench import USAGE, Bench

WORDS = {state: state.name.lower() for state in TaskState}
FAILS_MAX = 3


class Against(RuleBasedStateMachine):
    """One node with two devices and a handful of shots of one frame each."""

    def __init__(self) -> None:
        super().__init__()
        self.bench = Bench()
        self.key = self.bench.node("n1")
        self.model: dict[int, str] = {}
        self.fails: dict[int, int] = {}
        self.refs: dict[int, m.AttemptRef] = {}

    def _look(self) -> None:
        """Take over what was assigned: the model does not choose, it only knows what may be chosen."""
        for step in self.bench.state.steps.values():
            if step.states[0] == TaskState.RUNNING and self.model[step.id] != "running":
                assert self.model[step.id] == "ready"
                self.model[step.id] = "running"
                self.refs[step.id] = m.AttemptRef(step.id, 0, step.epochs[0])

    def _running(self) -> list[int]:
        return [step for step, word in self.model.items() if word in ("running", "publishing")]

    @rule()
    def submit(self) -> None:
        number = len(self.model) + 1
        self.bench.submit(f"sh{number}", "1")
        self.model[number] = "ready"
        self._look()

    @precondition(lambda self: self._running())
    @rule(data=st.data(), what=st.sampled_from(["ready", "done", "fail", "user", "yield", "lost"]))
    def report(self, data, what) -> None:
        step = data.draw(st.sampled_from(self._running()))
        ref = self.refs[step]
        if what == "ready":
            self.bench.report(self.key, m.Ready, ref, files=[])
            self.model[step] = "publishing"
        elif what == "done":
            self.bench.report(self.key, m.Done, ref, files=[])
            self.model[step] = "done"
        elif what == "yield":
            self.bench.report(self.key, m.Yielded, ref, checkpoint="", passes_done=0)
            self.model[step] = "ready"
        elif what == "lost":
            self.bench.report(self.key, m.Released, ref)
            self.model[step] = "ready"
        else:
            cause = "user" if what == "user" else "crash"
            self.bench.report(self.key, m.Failed, ref, cause=cause, sentence="x")
            self.fails[step] = self.fails.get(step, 0) + 1
            is_over = cause == "user" or self.fails[step] >= FAILS_MAX
            self.model[step] = "failed" if is_over else "ready"
        self._look()

    @precondition(lambda self: self.refs)
    @rule(data=st.data())
    def an_old_report_changes_nothing(self, data) -> None:
        step = data.draw(st.sampled_from(sorted(self.refs)))
        ref = self.refs[step]
        old = m.AttemptRef(ref.step, ref.task, ref.epoch + data.draw(st.sampled_from([-1, 1])))
        self.bench.report(self.key, m.Done, old, files=[])

    @rule(data=st.data())
    def cancel_or_retry(self, data) -> None:
        if not self.model:
            return
        step = data.draw(st.sampled_from(sorted(self.model)))
        if data.draw(st.booleans()):
            self.bench.ask(cmd.Cancel(shots=[step]))
            if self.model[step] in ("ready", "running", "publishing"):
                if self.model[step] != "ready":
                    # The agent confirms the kill, so that the device is free.
                    self.bench.say(self.key, self._released(self.refs[step]))
                self.model[step] = "cancelled"
        else:
            self.bench.ask(cmd.Retry(shots=[step]))
            if self.model[step] in ("failed", "cancelled"):
                self.model[step] = "ready"
                self.fails.pop(step, None)
        # A grant of the cancelled attempt runs out before the next one is asked for.
        self.bench.mono += 11
        self.bench.say(self.key, m.Heartbeat([self.refs[step] for step in self._running()]))
        self._look()

    def _released(self, ref: m.AttemptRef) -> m.Released:
        self.bench.seqs[self.key] = self.bench.seqs.get(self.key, 0) + 1
        return m.Released(seq=self.bench.seqs[self.key], ref=ref, usage=USAGE)

    @rule()
    def restart(self) -> None:
        """The state comes back from its sections; the agent says hello with what it runs."""
        seqs = self.bench.seqs
        self.bench = self.bench.restart()
        self.bench.seqs = seqs
        self.bench.hello(self.key, running=[self.refs[step] for step in self._running()])
        self._look()

    @invariant()
    def agrees(self) -> None:
        states = {
            step.id: WORDS[TaskState(step.states[0])] for step in self.bench.state.steps.values()
        }
        assert states == self.model

    @invariant()
    def no_device_idles_beside_work(self) -> None:
        if "ready" in self.model.values():
            assert self._running()


TestAgainst = Against.TestCase
TestAgainst.settings = settings(max_examples=60, stateful_step_count=30)
