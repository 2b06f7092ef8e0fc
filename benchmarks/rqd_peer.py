"""OpenCue's rqd on this machine: installed from PyPI, registered with a Cuebot that only answers, then idle."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.idle_process import SETTLE_S, idle_costs
from benchmarks.report import Unavailable

PACKAGE = "opencue-rqd==1.37.0"
INSTALL_S, START_S = 240.0, 60.0
CUEBOT = """
import sys
from concurrent import futures
import grpc
from opencue_proto import report_pb2, report_pb2_grpc

class Cuebot(report_pb2_grpc.RqdReportInterfaceServicer):
    def ReportRqdStartup(self, request, context):
        print("registered", flush=True)
        return report_pb2.RqdReportRqdStartupResponse()
    def ReportRunningFrameCompletion(self, request, context):
        return report_pb2.RqdReportRunningFrameCompletionResponse()
    def ReportStatus(self, request, context):
        return report_pb2.RqdReportStatusResponse()

server = grpc.server(futures.ThreadPoolExecutor(max_workers=2))
report_pb2_grpc.add_RqdReportInterfaceServicer_to_server(Cuebot(), server)
print(server.add_insecure_port("127.0.0.1:0"), flush=True)
server.start()
sys.stdin.read()
"""
CONFIG = """[Override]
OVERRIDE_CUEBOT = 127.0.0.1
CUEBOT_GRPC_PORT = {port}
RQD_GRPC_PORT = {own}
DEFAULT_FACILITY = local
RQD_USE_IP_AS_HOSTNAME = true
RQD_BECOME_JOB_USER = false
"""


def measure(seconds: float) -> dict[str, float]:
    """Memory, CPU and start of an idle rqd. Raises Unavailable."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        python = _install(folder)
        cuebot = subprocess.Popen(
            [python, "-c", CUEBOT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        try:
            return _idle(folder, python, cuebot, seconds)
        finally:
            cuebot.kill()
            cuebot.communicate()


def _install(folder: Path) -> Path:
    try:
        subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True, timeout=60)
        pip = [folder / "venv" / "bin" / "pip", "install", "--quiet", PACKAGE]
        subprocess.run(pip, check=True, timeout=INSTALL_S, stderr=subprocess.DEVNULL)
    except (OSError, subprocess.SubprocessError) as error:
        raise Unavailable(f"{PACKAGE} cannot be installed ({error})") from error
    return folder / "venv" / "bin" / "python"


def _idle(folder: Path, python: Path, cuebot: subprocess.Popen[str], seconds: float):
    assert cuebot.stdout is not None
    port = int(cuebot.stdout.readline())
    config = folder / "rqd.conf"
    config.write_text(CONFIG.format(port=port, own=port - 1 if port > 1025 else port + 1))
    began = time.monotonic()
    with (folder / "rqd.log").open("wb") as log:
        rqd = subprocess.Popen(
            [python.with_name("rqd"), "-c", config], stdout=log, stderr=subprocess.STDOUT
        )
    try:
        if not cuebot.stdout.readline().startswith("registered"):
            raise Unavailable("rqd did not register")
        registered_s = time.monotonic() - began
        time.sleep(SETTLE_S)
        costs = idle_costs("rqd", rqd.pid, seconds)
    finally:
        rqd.kill()
        rqd.wait()
    return costs | {"rqd_start_to_registered_s": registered_s}
