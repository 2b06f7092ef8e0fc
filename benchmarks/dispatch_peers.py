"""No-op tasks a second of other queues on this machine, for the dispatcher's figures to stand beside.

Each peer is a Python package that this benchmark installs into an environment of its own (out/peers), and runs
with real workers; one that cannot be installed or started here is told as such and left out. What is compared
is not the same work: a peer's workers run a Python function, ours keep a protocol with leases, grants and
durable commits, with light nodes.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.report import Unavailable

ROOT = Path(__file__).parents[1]
HOME = ROOT / "out" / "peers"
INSTALL_S, RUN_S = 300.0, 120.0

HUEY = """
import json, sys, threading, time
from huey import SqliteHuey
tasks = int(sys.argv[1])
huey = SqliteHuey(filename=sys.argv[2] + "/huey.db", fsync=True, results=False)
done, lock = [0], threading.Lock()

@huey.task()
def noop(number):
    with lock:
        done[0] += 1

for number in range(tasks):
    noop(number)
consumer = huey.create_consumer(workers=4, worker_type="thread", initial_delay=0.001, max_delay=0.01)
began = time.perf_counter()
consumer.start()
while done[0] < tasks:
    time.sleep(0.005)
print(json.dumps(tasks / (time.perf_counter() - began)), flush=True)
import os; os._exit(0)
"""
DASK = """
import json, sys, time
from distributed import Client, LocalCluster

def noop(number):
    return number

if __name__ == "__main__":
    tasks = int(sys.argv[1])
    with LocalCluster(n_workers=2, threads_per_worker=4, dashboard_address=None) as cluster:
        with Client(cluster) as client:
            client.gather(client.map(noop, range(100), pure=False))
            began = time.perf_counter()
            client.gather(client.map(noop, range(tasks), pure=False))
            print(json.dumps(tasks / (time.perf_counter() - began)), flush=True)
"""
CELERY = """
import json, os, subprocess, sys, tempfile, time
from celery import Celery
tasks, folder = int(sys.argv[1]), sys.argv[2]
server = subprocess.Popen(["redis-server", "--port", "0", "--unixsocket", folder + "/redis.sock",
    "--save", "", "--dir", folder], stdout=subprocess.DEVNULL)
time.sleep(1)
url = f"redis+socket://{folder}/redis.sock"
open(folder + "/peer_tasks.py", "w").write(f'''
from celery import Celery
app = Celery("peer_tasks", broker={url!r}, backend={url!r})
@app.task
def noop(number):
    return number
''')
sys.path.insert(0, folder)
os.environ["PYTHONPATH"] = folder
worker = subprocess.Popen([sys.executable, "-m", "celery", "-A", "peer_tasks", "worker", "-c", "2"],
    cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
try:
    from peer_tasks import noop
    noop.delay(0).get(timeout=60)
    began = time.perf_counter()
    for result in [noop.delay(number) for number in range(tasks)]:
        result.get(timeout=60)
    print(json.dumps(tasks / (time.perf_counter() - began)), flush=True)
finally:
    worker.terminate()
    worker.wait()
    server.terminate()
    server.wait()
"""
PEERS = {
    "huey_sqlite_fsync": (["huey"], HUEY, 3_000),
    "dask_distributed": (["distributed"], DASK, 3_000),
    "celery_redis": (["celery", "redis"], CELERY, 2_000),
}
PROGRAMS = {"celery_redis": "redis-server"}


def run(quick: bool) -> dict[str, float]:
    """Measure all that can be had here; raises Unavailable where none can."""
    python = _environment()
    found: dict[str, float] = {}
    for name, (packages, code, tasks) in PEERS.items():
        try:
            _install(python, packages)
            found[f"{name}_tasks_per_s"] = _measure(
                python, name, code, tasks // 10 if quick else tasks
            )
        except Unavailable as why:
            print(f"    {name}: {why}")
    if not found:
        raise Unavailable("no peer could be installed")
    return found


def _environment() -> Path:
    python = HOME / "bin" / "python"
    if not python.exists():
        HOME.parent.mkdir(exist_ok=True)
        _run([sys.executable, "-m", "venv", str(HOME)], INSTALL_S)
    return python


def _install(python: Path, packages: list[str]) -> None:
    _run([str(python), "-m", "pip", "install", "--quiet", *packages], INSTALL_S)


def _measure(python: Path, name: str, code: str, tasks: int) -> float:
    program = PROGRAMS.get(name)
    if program and shutil.which(program) is None:
        raise Unavailable(f"{program} is not installed")
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "peer.py"
        script.write_text(code, encoding="utf-8")
        return float(json.loads(_run([str(python), str(script), str(tasks), folder], RUN_S)))


def _run(command: list[str], seconds: float) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=True)
    except subprocess.TimeoutExpired as error:
        raise Unavailable(f"not done within {seconds:.0f} s") from error
    except subprocess.CalledProcessError as error:
        words = (error.stderr or "").strip().splitlines()
        raise Unavailable(words[-1] if words else "it failed") from error
    return done.stdout
