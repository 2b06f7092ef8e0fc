"""`scripts/check` says what failed, and tells a disturbed test from a broken one."""

from __future__ import annotations

import importlib.util
import sys
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts/check"
DISTURBED = """
from pathlib import Path

def test_disturbed_once():
    mark = Path(__file__).with_suffix(".seen")
    was_here, _ = mark.exists(), mark.touch()
    assert was_here
"""
BROKEN = "def test_broken():\n    assert False\n"


@pytest.fixture
def check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script as a module, at home in a folder of the test's."""
    loader = SourceFileLoader("scripts_check", str(SCRIPT))
    spec = importlib.util.spec_from_loader(loader.name, loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, loader.name, module)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    loader.exec_module(module)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "LAST_FAILED", tmp_path / ".pytest_cache/v/cache/lastfailed")
    return module


def run(check: ModuleType, folder: Path, source: str) -> int:
    (folder / "test_it.py").write_text(source)
    (folder / "pytest.ini").write_text("[pytest]\n")
    return check.run(check.Step("tests", ["pytest", "--quiet"], ["test_it.py"]))


def test_what_fails_once_and_passes_alone_is_named_unsteady(
    check: ModuleType, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(check, tmp_path, DISTURBED) == 0
    assert "UNSTEADY, passed only alone: test_it.py::test_disturbed_once" in capfd.readouterr().out


def test_what_fails_twice_has_failed(
    check: ModuleType, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(check, tmp_path, BROKEN) == 1
    assert "UNSTEADY" not in capfd.readouterr().out


def test_a_broken_command_line_is_not_run_again(
    check: ModuleType, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    step = check.Step("tests", ["pytest", "--quiet", "--no-such-option"], ["test_it.py"])
    assert check.run(step) == 4
    assert "alone" not in capfd.readouterr().out


def test_an_unknown_step_names_those_there_are(
    check: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check.main(["lint", "nonsense"]) == 2
    assert "no such step: nonsense; there are format, lint, types" in capsys.readouterr().out
