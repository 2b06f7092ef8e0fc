"""Qt's thread never waits: the blocking calls that ruff cannot name, because they are methods.

app/gui/ruff.toml bans what has a full name (time.sleep, subprocess.run, static dialogs); a call on an
object, such as `self._thread.wait()`, shows only here.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BLOCKING = {
    "processEvents": "return to the loop",
    "wait": "connect to the signal",
    "waitForBytesWritten": "connect to the signal",
    "waitForConnected": "connect to the signal",
    "waitForDone": "connect to the signal",
    "waitForFinished": "connect to the signal",
    "waitForReadyRead": "connect to the signal",
    "waitForStarted": "connect to the signal",
    "exec": "open() the dialog and connect to finished",
}
# A menu, a drag and the application have no other way than a loop of their own.
MAY_EXEC = ("app", "drag", "menu")
# When the window has closed, nobody is left to wait for it.
MAY_WAIT_IN = "shut_down"


def blocking_calls(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef) and function.name != MAY_WAIT_IN:
            for call in ast.walk(function):
                if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
                    yield from judge(call.func, call.lineno)


def judge(called: ast.Attribute, line: int) -> Iterator[tuple[int, str]]:
    receiver = ast.unparse(called.value).lower().split(".")[-1]
    if called.attr == "exec" and any(word in receiver for word in MAY_EXEC):
        return
    if called.attr in BLOCKING:
        yield line, f"{receiver}.{called.attr}: {BLOCKING[called.attr]}"


def test_no_method_of_the_window_blocks():
    found = [
        f"{file.relative_to(ROOT)}:{line} {what}"
        for file in sorted((ROOT / "app" / "gui").rglob("*.py"))
        for line, what in blocking_calls(ast.parse(file.read_text()))
    ]
    assert not found


@pytest.mark.parametrize(
    ("line", "blocks"),
    [
        ("self._thread.wait()", True),
        ("dialog.exec()", True),
        ("self._menu.exec(position)", False),
        ("QApplication.processEvents()", True),
        ("dialog.open()", False),
    ],
)
def test_what_counts_as_blocking(line, blocks):
    assert bool(list(blocking_calls(ast.parse(f"def slot(self):\n    {line}")))) == blocks
