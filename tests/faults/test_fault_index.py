"""The table of faults: every number, every test that it names, and the page that is written from it."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.faults.index import FAULTS, every_test, page

TESTS = Path(__file__).parents[1]


@cache
def names(file: Path) -> frozenset[str]:
    """Return tests, classes, and tests within classes, of a file."""
    found: set[str] = set()
    for node in ast.parse(file.read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.ClassDef):
            found.add(node.name)
            inner = (one.name for one in node.body if isinstance(one, ast.FunctionDef))
            found.update(f"{node.name}::{name}" for name in inner)
    return frozenset(name for name in found if re.search(r"(^|::)[Tt]est", name))


@pytest.mark.parametrize("test", every_test())
def test_what_the_table_names_is_there(test):
    file, name = test.split("::", 1)
    assert name in names(TESTS / file)


def test_all_44_faults_have_tests():
    assert list(FAULTS) == list(range(1, 45))
    assert all(fault.tests for fault in FAULTS.values())


def test_the_page_is_the_tables():
    assert (TESTS.parent / "docs" / "faults.md").read_text("utf-8") == page()
