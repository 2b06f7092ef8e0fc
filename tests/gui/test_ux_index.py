"""The 25 requirements of a supervisor's window, and where each is tested: by ``test_uxNN_`` in a name.

Every number has a test, and every such test asserts something by itself or through a helper that does.
"""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
NAMED = re.compile(r"test_ux(\d\d)_")
ASSERTING = re.compile(r"assert|raises|fail|wait_until|waitUntil|waitSignal|check|expect")
REQUIREMENTS = {
    1: "drag one or many shots to a line; the list is the queue",
    2: "a change governs the next frame; Shift makes room at once",
    3: "while dragging every row shows its change; Esc leaves nothing",
    4: "undo and redo by name, refused with the reason",
    5: "the same by keyboard and by single pointer",
    6: "rows never jump under the hand",
    7: "never block",
    8: "the morning on one screen",
    9: "failures grouped by cause",
    10: "one action for a whole group, with undo",
    11: "the frame strip",
    12: "the log opens at its error",
    13: "frame pictures; what is cut off is said so",
    14: "forecast with a range, and promises that warn",
    15: "kill a runaway",
    16: "nodes: drain, reserve, pools",
    17: "why is this not running",
    18: "the truth about the connection",
    19: "search as you type, saved",
    20: "safe for the colour-blind, readable",
    21: "notifications",
    22: "scout frames",
    23: "export of any table",
    24: "English and Chinese, complete",
    25: "screen readers, tab order, the window as it was left",
}


@cache
def named():
    """Return the tests by requirement: (file, function)."""
    found = {}
    for file in sorted(TESTS.rglob("test_*.py")):
        text = file.read_text()
        if "test_ux" not in text:
            continue
        for node in ast.walk(ast.parse(text)):
            match = NAMED.match(node.name) if isinstance(node, ast.FunctionDef) else None
            if match:
                found.setdefault(int(match[1]), []).append((file, node))
    return found


@pytest.mark.parametrize("number", REQUIREMENTS, ids=[f"ux{number:02d}" for number in REQUIREMENTS])
def test_each_requirement_has_a_test_that_asserts(number):
    tests = named().get(number, [])
    assert tests, f"no test_ux{number:02d}_ for: {REQUIREMENTS[number]}"
    idle = [f"{file.name}: {node.name}" for file, node in tests if not _asserts(node)]
    assert not idle


def test_no_test_has_a_number_that_there_is_not():
    assert set(named()) <= set(REQUIREMENTS)


def _asserts(function):
    for node in ast.walk(function):
        if isinstance(node, ast.Assert):
            return True
        if isinstance(node, ast.Call) and ASSERTING.search(ast.unparse(node.func)):
            return True
    return False
