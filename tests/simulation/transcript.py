"""Plain-text scenes for people: a comment that says what is shown, commands, and what the core answers.

``# ...`` is a comment, ``> ...`` a command, all else is the expected output of the command above.
WRITE_TRANSCRIPTS=1 rewrites the expected output; read the diff.
"""

from collections.abc import Callable
from typing import Any

from app.core import actions as act
from app.core import commands as cmd
from app.core.events import ClientAsked
from node_agent.wire import messages as m
from node_agent.wire.job import Needs
from tests.unit.app.core.bench import ADMIN, CPU, GPU, USAGE, Bench, command_work, kernel_work

DEVICES = {"cpu": CPU, "gpu": GPU}


class Scene:
    """One bench and the words that move it."""

    def __init__(self) -> None:
        self.bench = Bench()
        self.words: dict[str, Callable[..., list[act.Action] | str]] = {
            "submit": self.submit,
            "node": self.node,
            "hello": self.hello,
            "beat": self.beat,
            "ready": lambda node, ref: self.report(node, m.Ready, ref, files=[]),
            "done": lambda node, ref: self.report(node, m.Done, ref, files=[]),
            "fail": lambda node, ref: self.report(
                node, m.Failed, ref, cause="crash", sentence="It crashed."
            ),
            "yield": lambda node, ref: self.report(
                node, m.Yielded, ref, checkpoint="/c/1", passes_done=5
            ),
            "again": self.again,
            "move": lambda shot, before: self.ask(cmd.Move(shots=[int(shot)], before=int(before))),
            "top": lambda shot: self.ask(cmd.Move(shots=[int(shot)], place="top")),
            "cancel": lambda shot: self.ask(cmd.Cancel(shots=[int(shot)])),
            "retry": lambda shot: self.ask(cmd.Retry(shots=[int(shot)])),
            "undo": lambda number: self.ask(cmd.Undo(command=int(number))),
            "limit": lambda name, count: self.ask(cmd.SetLimit(name=name, count=int(count))),
            "pause": lambda shot: self.ask(cmd.Pause(shots=[int(shot)])),
            "resume": lambda shot: self.turn(cmd.Resume(shots=[int(shot)])),
            "drop": lambda shot: self.turn(
                cmd.Move(shots=[int(shot)], place="top", preempt=True, kill=True)
            ),
            "explain": self.explain,
            "progress": lambda node, ref, done: self.bench.say(
                node.ljust(40, "0"), m.Progress(parse(ref), int(done), 100)
            ),
            "sleep": lambda seconds: self.bench.sleep(float(seconds)),
            "restart": self.restart,
            "farm": self.farm,
        }

    def play(self, line: str) -> list[str]:
        word, *words = line.split()
        result = self.words[word](*words)
        if isinstance(result, str):
            return result.splitlines()
        return [text for action in result if (text := tell(action))]

    def ask(self, body: cmd.Command) -> str:
        answer = self.bench.ask(body)
        return answer.sentence if isinstance(answer, cmd.Refusal) else f"command {answer.command}"

    def turn(self, body: cmd.Command) -> list[act.Action]:
        """As ``ask``, where what it sets off is what the reader wants to see."""
        return self.bench.turn(ClientAsked(ADMIN, b"r", 1, body))

    def explain(self, shot: str) -> str:
        answer = self.bench.ask(cmd.Explain(shot=int(shot)))
        assert isinstance(answer, cmd.Explanation)
        return "\n".join(f"{reason.kind}: {reason.sentence}" for reason in answer.reasons)

    def submit(self, shot: str, frames: str, *needs: str) -> str:
        """``limit=NAME``, ``gpus=2``, ``cores=4`` or ``gang``, which is a command's; all else is a kernel's."""
        words = dict(need.partition("=")[::2] for need in needs)
        fields: dict[str, Any] = {
            name: int(words[name]) for name in ("gpus", "cores") if name in words
        }
        if "limit" in words:
            fields["limits"] = {words["limit"]: 1}
        is_gang = "gang" in words
        work = command_work("train") if is_gang else kernel_work(samples=100, samples_per_pass=1)
        step = {"needs": Needs(gang=is_gang, **fields)}
        return "shot {} job {}".format(*self.bench.submit(shot, frames, work=work, step=step))

    def node(self, name: str, *devices: str) -> list[act.Action]:
        self.bench.node(name, *(DEVICES[device] for device in devices))
        return self.bench.said

    def hello(self, name: str, incarnation: str, *refs: str) -> list[act.Action]:
        key, running = name.ljust(40, "0"), [parse(ref) for ref in refs]
        return self.bench.hello(key, incarnation=incarnation * 16, running=running)

    def beat(self, name: str, *refs: str) -> list[act.Action]:
        return self.bench.say(name.ljust(40, "0"), m.Heartbeat([parse(ref) for ref in refs]))

    def report(self, name: str, kind: type, ref: str, **fields: Any) -> list[act.Action]:
        return self.bench.report(name.ljust(40, "0"), kind, parse(ref), **fields)

    def again(self, name: str, seq: str, ref: str) -> list[act.Action]:
        done = m.Done(seq=int(seq), ref=parse(ref), files=[], usage=USAGE)
        return self.bench.say(name.ljust(40, "0"), done)

    def restart(self) -> str:
        seqs = self.bench.seqs
        self.bench = self.bench.restart()
        self.bench.seqs = seqs
        return "restarted"

    def farm(self) -> str:
        """The queue in order with its tasks, a letter each."""
        state = self.bench.state
        return "\n".join(
            f"{state.shots[shot].name} "
            + " ".join(
                self.bench.states(step)
                for job in state.shots[shot].jobs
                for step in state.jobs[job].steps
            )
            for _, shot in state.order
        )


def parse(text: str) -> m.AttemptRef:
    """Read ``step/task#epoch``."""
    step, rest = text.split("/")
    task, epoch = rest.split("#")
    return m.AttemptRef(int(step), int(task), int(epoch))


def name(ref: m.AttemptRef) -> str:
    return f"{ref.step}/{ref.task}#{ref.epoch}"


def tell(action: act.Action) -> str:
    """One line for what a reader wants to see; rows and bookkeeping are left out."""
    match action:
        case act.SendNode(key, m.Assign() as given):
            return f"{key.rstrip('0')} gets {tell_assign(given)}"
        case act.SendNode(key, m.Clean(paths)):
            return f"{key.rstrip('0')} deletes {len(paths)} pieces"
        case act.SendNode(key, m.Grant(ref) | m.Stale(ref) | m.Revoke(ref) as message):
            return f"{key.rstrip('0')} <- {type(message).__name__} {name(ref)}"
        case act.SendNode(key, m.Welcome(keep=keep)):
            return f"{key.rstrip('0')} is welcome, keeps [{' '.join(map(name, keep))}]"
        case act.SendNode(key, m.Beat(stale=stale)) if stale:
            return f"{key.rstrip('0')} runs stale [{' '.join(map(name, stale))}]"
        case act.SendNode(key, m.Ack(seq) | m.Refused(sentence=seq) as message):
            return f"{key.rstrip('0')} <- {type(message).__name__} {seq}"
        case act.Save(change) if hasattr(change, "outcome"):
            ref = m.AttemptRef(change.step, change.task, change.epoch)
            return f"{name(ref)} is {change.outcome} {change.sentence}".rstrip()
        case act.Log(level, sentence):
            return f"{level}: {sentence}"
        case _:
            return ""


def tell_assign(given: m.Assign) -> str:
    parts = [f"{name(given.ref)} on device {given.device}"]
    parts += [f"with device {device}" for device in given.more_devices]
    parts += [f"with {given.cores} cores"] if given.cores else []
    end = given.first_sample + given.samples
    parts += [f"samples {given.first_sample} to {end - 1}"] if given.samples else []
    parts += [f"from {given.checkpoint}"] if given.checkpoint else []
    parts += [f"to merge {len(given.parts)} pieces"] if given.parts else []
    parts += [f"beside {' '.join(given.peers)}"] if given.peers else []
    return ", ".join(parts)


def replay(text: str) -> str:
    """Play a transcript; return it with the output that came."""
    scene, lines = Scene(), []
    for line in text.splitlines():
        if line.startswith("#") or not line:
            lines.append(line)
        elif line.startswith("> "):
            lines += [line, *(f"    {output}" for output in scene.play(line[2:]))]
    return "\n".join(lines) + "\n"
