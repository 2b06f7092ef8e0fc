"""Collects what the farm says to people: the English sentences of core, dispatcher, client, submission and agent.

The window shows them in its own language (``app.gui.said``); they travel in English, since a log, a command line and
a window in another language read the same one. A sentence with fields is written there as an f-string; here it becomes a
template, ``Step {name} waits for step {name2}.`` Read from the code's own tree, so that a new refusal is in the catalogue
without a list to keep. Must not import what it reads.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SENTENCES = (
    *("app/core/*.py", "app/client/*.py", "app/submit/*.py"),
    *("app/dispatcher/queries.py", "app/dispatcher/inbox.py", "app/dispatcher/logs.py"),
    *(f"node_agent/agent/{name}.py" for name in ("attempts", "presence", "session", "supervisor")),
    *("node_agent/agent/stage.py", "node_agent/agent/foreman.py", "node_agent/wire/templates.py"),
    *("node_agent/wire/version.py", "node_agent/worker/*.py"),
)
"""Where whole sentences are read."""
UNSAID = (
    *("checks", "transitions", "state", "tasks", "placing", "publish", "turn", "audit"),
    *("gltf_inspect", "inspect_child", "usd_inspect", "maintenance", "to_openjd", "media_server"),
    *(
        "lettering",
        "guardian",
        "measure",
        "__main__",
        "media",
        "api",
        "lookup",
        "waiting",
        "carry_rules",
    ),
)
"""Modules that say nothing to whom a window belongs: checks of our own, tables, what the command line alone asks."""
PHRASES = (
    *(f"app/core/{name}.py" for name in ("explain", "explain_room", "preempt", "morning")),
    *(f"app/core/{name}.py" for name in ("scheduling", "undo", "submit")),
    *("node_agent/worker/verify_file.py", "node_agent/agent/supervisor.py"),
)
"""Where a sentence is put together of phrases, which are read too."""
COMPOSED = (
    *(
        "{frame} waits.",
        "{frame} is ready.",
        "{frame} runs on {node}.",
        "{frame} is done.",
        "{frame} failed.",
    ),
    *("{frame} publishes its files on {node}.", "{frame} was cancelled.", "Paused."),
    *("{name} is lost: no news of it.", "{name} is not connected.", "{name} slipped by {slip}."),
    "{name} is expected {late} after its promise.",
    "{name} is expected {late} after its promise and slipped by {slip}.",
    *("{seconds} s", "{hours} h", "GPU-hours", "core-hours"),
    *(
        "project",
        "sequence",
        "shot",
        "job",
        "step",
        "user",
        "artist",
        "viewer",
        "supervisor",
        "admin",
    ),
)
"""What no one string of the code is."""


def templates() -> list[str]:
    """Return every template once, in the order of the files."""
    found = dict[str, None]()
    for pattern in SENTENCES:
        for file in sorted(ROOT.glob(pattern)):
            if file.stem not in UNSAID:
                name = str(file.relative_to(ROOT))
                found |= dict.fromkeys(_of_file(file, with_phrases=name in PHRASES))
    return [*found, *(each for each in COMPOSED if each not in found)]


def _of_file(file: Path, *, with_phrases: bool) -> Iterator[str]:
    tree = ast.parse(file.read_text("utf-8"))
    unsaid = {id(part) for node in ast.walk(tree) for part in _unsaid(node)}
    remedies = {id(part) for node in ast.walk(tree) for part in _remedy(node)}
    for node in ast.walk(tree):
        if id(node) in unsaid:
            continue
        for template in _templates(node):
            is_said = _is_sentence(template) or id(node) in remedies
            if is_said or (with_phrases and _is_phrase(template)):
                # A sentence after another stands alone where it is read.
                alone = template.removeprefix("{sentence} ")
                yield alone.strip() if alone.strip()[:1].isupper() else alone


def _unsaid(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the strings below a node that are no text of their own: docstrings, parts, formats, log lines."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield from node.values
        for value in node.values:
            if isinstance(value, ast.FormattedValue) and value.format_spec:
                yield from ast.walk(value.format_spec)
            if isinstance(value, ast.FormattedValue) and _choices(value):
                yield from ast.walk(value)
    elif isinstance(node, (ast.Assert, ast.Raise)) and _is_bug(node):
        yield from ast.walk(node)
    elif isinstance(node, ast.Call):
        called = ast.unparse(node.func)
        if called.startswith(("log", "_log", "re.")) or called.endswith(".endswith"):
            yield from ast.walk(node)


def _is_bug(node: ast.Assert | ast.Raise) -> bool:
    return isinstance(node, ast.Assert) or any(
        word in ast.unparse(node)
        for word in ("BugFault", "AssertionError", "ValueError", "TypeError", "RuntimeError")
    )


def _remedy(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the text of a remedy: a button has no full stop."""
    if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "Remedy":
        for word in node.keywords:
            if word.arg == "text":
                yield word.value


def _templates(node: ast.AST) -> list[str]:
    """Return a string as a template: several where it chooses between words, none where it is no string."""
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else []
    if not isinstance(node, ast.JoinedStr):
        return []
    found: list[tuple[str, dict[str, int]]] = [("", {})]
    for value in node.values:
        found = [longer for so_far in found for longer in _with(so_far, value)]
    return [text for text, _ in found]


def _with(
    so_far: tuple[str, dict[str, int]], value: ast.expr
) -> Iterator[tuple[str, dict[str, int]]]:
    text, used = so_far
    if isinstance(value, ast.Constant):
        yield text + str(value.value), used
    elif isinstance(value, ast.FormattedValue):
        if choices := _choices(value):
            yield from ((text + choice, used) for choice in choices)
            return
        name = re.sub(r"\W|^_+", "", _name(value.value)).lower() or "what"
        count = used.get(name, 0) + 1
        yield text + "{" + name + (str(count) if count > 1 else "") + "}", {**used, name: count}


def _choices(value: ast.FormattedValue) -> list[str]:
    """Return the words between which ``{'is' if n == 1 else 'are'}`` chooses."""
    chosen = value.value
    if not isinstance(chosen, ast.IfExp):
        return []
    sides = [side.value for side in (chosen.body, chosen.orelse) if isinstance(side, ast.Constant)]
    words = [side for side in sides if isinstance(side, str)]
    return words if len(words) == 2 else []


def _name(value: ast.expr) -> str:
    """Return a word for a field: the last name that its expression has."""
    match value:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
        case ast.Subscript(value=inner):
            return _name(inner)
        case ast.Call(func=called, args=arguments):
            names = [name for each in arguments if (name := _name(each))]
            return names[-1] if names else _name(called)
        case ast.BinOp(left=left):
            return _name(left)
        case _:
            return ""


def _is_sentence(template: str) -> bool:
    is_one = re.match(r"[A-Z{'\"].*\.$", template.strip(), re.DOTALL) is not None
    return is_one and " " in template.strip() and _is_words(template)


def _is_phrase(template: str) -> bool:
    return " " in template.strip() and _is_words(template) and not template.startswith(":")


def _is_words(template: str) -> bool:
    """Whether there are words left without the fields, and none of a log line or a program."""
    words = re.sub(r"\{\w*\}", "", template)
    has_words = len(re.findall(r"[A-Za-z]{2,}", words)) >= 1
    return has_words and "%s" not in template and "\n" not in template and "<" not in template
