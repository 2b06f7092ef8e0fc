"""The wheel carries the program and its resources; its core asks for nothing heavy."""

import subprocess
import sys
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LIGHT = {"msgspec", "nvidia-ml-py", "platformdirs", "psutil", "pyzmq"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT]
    subprocess.run(command, check=True, capture_output=True)
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as archive:
        yield archive


def test_it_holds_both_packages_and_the_resources(wheel):
    names = wheel.namelist()
    assert {"app/__init__.py", "app/errors.py", "node_agent/__init__.py"} <= set(names)
    assert "app/resources/README.md" in names
    assert {name.split("/")[0] for name in names} == {
        "app",
        "node_agent",
        "windfire-0.1.0.dist-info",
    }


def test_the_core_is_what_a_light_agent_needs(wheel):
    metadata = Parser().parsestr(wheel.read("windfire-0.1.0.dist-info/METADATA").decode())
    core = [line for line in metadata.get_all("Requires-Dist") if "extra ==" not in line]
    assert {line.split(">")[0].split("=")[0] for line in core} == LIGHT


def test_two_commands_come_with_it(wheel):
    commands = wheel.read("windfire-0.1.0.dist-info/entry_points.txt").decode()
    assert "windfire = app.__main__:main" in commands
    assert "windfire-agent = node_agent.__main__:main" in commands
