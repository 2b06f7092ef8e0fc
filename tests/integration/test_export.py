"""What the farm exports runs by OpenJD's own command, with nothing of ours about."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.core.commands import StepRequest, Submit
from app.submit import bundle_request
from app.submit.to_openjd import export_bundle
from node_agent.wire.job import CommandWork, Output

CLI = "openjd-cli==0.8.0 --hash=sha256:{hash}\n"
HASH = "cd3b7f2a1df6d40f64fd0fd7d75c27c94837af9f8c3ed98da1e8f2c4a1420e03"
"""Its metadata ask for libraries before 0.14, with which it runs as well: it is installed without them."""
pytestmark = pytest.mark.timeout(240)


@pytest.fixture(scope="module")
def cli(tmp_path_factory) -> Path:
    """A folder that holds OpenJD's command."""
    folder = tmp_path_factory.mktemp("cli")
    wanted = folder / "wanted.txt"
    wanted.write_text(CLI.format(hash=HASH))
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes"]
    argv = [*pip, "--target", str(folder / "lib"), "-r", str(wanted)]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=120)
    if done.returncode:
        pytest.skip(f"openjd-cli cannot be installed here: {done.stderr.strip()[-120:]}")
    return folder / "lib"


def openjd(cli: Path, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "openjd", *words],
        env=os.environ | {"PYTHONPATH": str(cli)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def test_a_program_with_padded_frames_and_steps_in_order(cli: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    copy = CommandWork(
        argv=["cp", "/etc/hostname", "{output}"],
        output=Output(directory=str(out), pattern="a.{frame:04d}.txt"),
    )
    count = CommandWork(
        argv=["bash", "-c", f"ls {out} | wc -l > '{out}'/\"$NAME\".{{frame}}"],
        environment={"NAME": "how many"},
    )
    steps = [
        StepRequest(name="copy", work=copy, frames="1-3x2,7", chunk=2),
        StepRequest(name="count", work=count, frames="5", after=["copy"]),
    ]
    request = Submit(project="P", sequence="q", shot="s", name="job", steps=steps)
    template = export_bundle(request, tmp_path / "bundle") / "template.json"
    said = openjd(cli, "run", str(template), "--step", "count", "--run-dependencies")
    assert "Session ended successfully" in said
    assert sorted(path.name for path in out.iterdir()) == [
        *("a.0001.txt", "a.0003.txt", "a.0007.txt", "how many.5")
    ]


def test_a_bundle_with_parameters_goes_out_as_it_came(cli: Path, tmp_path: Path) -> None:
    bundle, note = tmp_path / "bundle", tmp_path / "note"
    bundle.mkdir()
    text = f"echo {{{{Param.Word}}}} {{{{Task.Param.Frame}}}} $FILM >> {note}"
    chunks = {"defaultTaskCount": 3, "targetRuntimeSeconds": 9, "rangeConstraint": "CONTIGUOUS"}
    frames = {"name": "Frame", "type": "CHUNK[INT]", "range": "1-6", "chunks": chunks}
    template = {
        "specificationVersion": "jobtemplate-2023-09",
        "extensions": ["TASK_CHUNKING"],
        "name": "bundle",
        "parameterDefinitions": [{"name": "Word", "type": "STRING"}],
        "jobEnvironments": [{"name": "film", "variables": {"FILM": "nz2"}}],
        "steps": [
            {
                "name": "say",
                "parameterSpace": {"taskParameterDefinitions": [frames]},
                "script": {"actions": {"onRun": {"command": "bash", "args": ["-c", text]}}},
            }
        ],
    }
    (bundle / "template.json").write_text(json.dumps(template))
    request = bundle_request(bundle, shot="P/q/s", parameters={"Word": "hello"})
    folder = export_bundle(request, tmp_path / "out")
    values = f"file://{folder}/parameters.json"
    openjd(cli, "run", f"{folder}/template.json", "--step", "say", "-p", values)
    said = note.read_text().splitlines()
    assert {line.split()[0] for line in said} == {"hello"}
    assert {line.split()[2] for line in said} == {"nz2"}
