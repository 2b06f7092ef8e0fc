"""Afanasy's afrender on this machine, registered with its own afserver, then idle.

It is on no package index: build it (https://github.com/CGRU/cgru, ``afanasy/src/project.cmake``, without GUI and SQL)
and name the root of the sources by ``CGRU_LOCATION``; elsewhere its figures are left out. Measured: commit 8d7e300.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from benchmarks.idle_process import SETTLE_S, idle_costs
from benchmarks.report import Unavailable

START_S = 60.0
BIN = "afanasy/src/linux/bin"


def measure(seconds: float) -> dict[str, float]:
    """Memory, CPU and start of an idle afrender. Raises Unavailable."""
    root = Path(os.environ.get("CGRU_LOCATION", "/nowhere"))
    if not all((root / BIN / name).is_file() for name in ("afrender", "afserver")):
        raise Unavailable("afrender and afserver are not built in CGRU_LOCATION")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environment = _environment(root, folder)
        server = _start(root, "afserver", folder, environment)
        try:
            return _idle(root, folder, environment, seconds)
        finally:
            _end(server)


def _environment(root: Path, folder: Path) -> dict[str, str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    own = {"af_store_folder": str(folder / "store")}
    config = {"af_servername": "127.0.0.1", "af_serverport": port, "OS_unix": own}
    (folder / "config.json").write_text(json.dumps({"cgru_config": config}))
    return os.environ | {
        "CGRU_LOCATION": str(root),
        "AF_ROOT": str(root / "afanasy"),
        "CGRU_CUSTOM_CONFIG": str(folder / "config.json"),
        "HOME": str(folder),
    }


def _start(
    root: Path, name: str, folder: Path, environment: dict[str, str]
) -> subprocess.Popen[bytes]:
    with (folder / f"{name}.log").open("wb") as log:
        return subprocess.Popen(
            [root / BIN / name], env=environment, cwd=folder, stdout=log, stderr=subprocess.STDOUT
        )


def _idle(
    root: Path, folder: Path, environment: dict[str, str], seconds: float
) -> dict[str, float]:
    began = time.monotonic()
    render = _start(root, "afrender", folder, environment)
    try:
        while b"Render registered" not in (folder / "afserver.log").read_bytes():
            if time.monotonic() - began > START_S or render.poll() is not None:
                raise Unavailable("afrender did not register")
            time.sleep(0.005)
        registered_s = time.monotonic() - began
        time.sleep(SETTLE_S)
        costs = idle_costs("afrender", render.pid, seconds)
    finally:
        _end(render)
    return costs | {"afrender_start_to_registered_s": registered_s}


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
