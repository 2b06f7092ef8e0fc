"""The leak checks of tests/conftest.py see what a test leaves behind, and let a marked one pass."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LEAKS = """
import subprocess, threading, time
import pytest
kept = []

def test_thread():
    threading.Thread(target=time.sleep, args=(3.5,), name="dawdler", daemon=True).start()

def test_child():
    kept.append(subprocess.Popen(["sleep", "9"]))

def test_file(tmp_path):
    kept.append((tmp_path / "left-open").open("w"))

@pytest.mark.allows_leak("to see that the marker works")
def test_marked(tmp_path):
    kept.append((tmp_path / "allowed").open("w"))

def test_clean():
    thread = threading.Thread(target=time.sleep, args=(0.02,))
    thread.start()

def teardown_module():
    kept[0].kill()
    kept[0].wait()
    kept[1].close()
    kept[2].close()
"""


@pytest.fixture(scope="module")
def report(tmp_path_factory) -> str:
    folder = tmp_path_factory.mktemp("leaks")
    checks = (ROOT / "tests" / "conftest.py").read_text()
    (folder / "conftest.py").write_text(checks.replace("GRACE_S = 2.0", "GRACE_S = 0.8"))
    (folder / "test_leaks.py").write_text(LEAKS)
    (folder / "pytest.ini").write_text("[pytest]\nmarkers =\n  allows_leak(reason): may\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(folder)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True).stdout


@pytest.mark.parametrize("culprit", ["thread dawdler", "(sleep 9)", "left-open"])
def test_a_leak_is_named(report, culprit):
    assert "left behind: " in report
    assert culprit in report


def test_only_the_leaky_tests_fail(report):
    assert "5 passed, 3 errors" in report
