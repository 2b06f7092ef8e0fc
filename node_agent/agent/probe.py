"""What this node is and how it feels: devices at the start, metrics once a second.

Every source may fail alone (a driver that hangs up, a container without disk counters): then its
numbers are -1 or its devices missing, and the agent goes on.
"""

from __future__ import annotations

import ctypes
import importlib
import logging
import os
import platform
import sys
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import psutil

from node_agent.agent import system
from node_agent.wire.messages import DeviceInfo, GpuMetrics, Metrics

UNKNOWN = -1.0
NVML_LIBRARY = "libnvidia-ml.so.1"
RUNNING = ("nvmlDeviceGetGraphicsRunningProcesses", "nvmlDeviceGetComputeRunningProcesses")

_log = logging.getLogger("agent")
_T = TypeVar("_T")


def devices(kinds: Sequence[str], threads: int = 0) -> list[DeviceInfo]:
    """The devices of this node, GPUs after the cores. ``threads``: 0 takes all cores that no GPU's
    child needs."""
    gpus = _gpus() if "cuda" in kinds else []
    cores = threads or max(1, system.platform.usable_cores() - len(gpus))
    return ([_cpu(cores)] if "cpu" in kinds else []) + gpus


def _cpu(cores: int) -> DeviceInfo:
    memory = psutil.virtual_memory().total
    return DeviceInfo(kind="cpu", name=_cpu_name(), memory_bytes=memory, cores=cores)


def _cpu_name() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as lines:
            names = (
                line.partition(":")[2].strip() for line in lines if line.startswith("model name")
            )
            return next(names, "CPU")
    except OSError:
        return platform.processor() or "CPU"


def platform_name() -> str:
    """Such as 'Linux 6.1 x86_64'."""
    return f"{platform.system()} {platform.release()} {platform.machine()}"


def own_tags() -> list[str]:
    """What any node can say of itself, in OpenJD's words: 'linux', 'windows' or 'macos', and 'x86_64', 'arm64' or
    another kind of processor."""
    system = {"Darwin": "macos"}.get(platform.system(), platform.system().lower())
    machine = platform.machine().lower()
    return [system, {"amd64": "x86_64", "aarch64": "arm64"}.get(machine, machine)]


def memory_bytes() -> int:
    """RAM of the node."""
    return psutil.virtual_memory().total


def _nvml() -> Any:
    """NVIDIA's library, started; None where there is no driver. The import alone costs 3 MB."""
    if sys.platform == "win32":
        return None
    try:
        ctypes.CDLL(NVML_LIBRARY)
        pynvml: Any = importlib.import_module("pynvml")
        pynvml.nvmlInit()
    except Exception as error:  # whatever a broken driver raises
        _log.debug("no NVIDIA GPUs: %s", error)
        return None
    return pynvml


def _gpus() -> list[DeviceInfo]:
    nvml = _nvml()
    if nvml is None:
        return []
    try:
        return [_gpu(nvml, index) for index in range(nvml.nvmlDeviceGetCount())]
    except nvml.NVMLError as error:
        _log.error("the NVIDIA driver does not list its GPUs: %s", error)
        return []


def _gpu(nvml: Any, index: int) -> DeviceInfo:
    handle = nvml.nvmlDeviceGetHandleByIndex(index)
    return DeviceInfo(
        kind="cuda",
        name=_text(nvml.nvmlDeviceGetName(handle)),
        memory_bytes=int(nvml.nvmlDeviceGetMemoryInfo(handle).total),
        uuid=_text(nvml.nvmlDeviceGetUUID(handle)),
    )


def _text(value: str | bytes) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


class MetricsProbe:
    """Rates need the sample before: keep one of these for the life of the agent."""

    def __init__(self, device_list: Sequence[DeviceInfo]) -> None:
        self._gpus = {d.uuid: index for index, d in enumerate(device_list) if d.kind == "cuda"}
        self._nvml: Any = _nvml() if self._gpus else None
        self._sampled_at: float | None = None
        self._disk: tuple[int, int] | None = None
        self._net: tuple[int, int] | None = None

    def sample(self, now: float) -> Metrics:
        """Measure; about a millisecond."""
        elapsed_s = now - self._sampled_at if self._sampled_at is not None else 0.0
        self._sampled_at = now
        memory = psutil.virtual_memory()
        disk, net = _try(_disk_bytes), _try(_net_bytes)
        disk_read, disk_write = _rates(self._disk, disk, elapsed_s)
        net_in, net_out = _rates(self._net, net, elapsed_s)
        self._disk, self._net = disk, net
        return Metrics(
            cpu_percent=psutil.cpu_percent(),
            memory_used_bytes=memory.total - memory.available,
            memory_bytes=memory.total,
            disk_read_bps=disk_read,
            disk_write_bps=disk_write,
            net_in_bps=net_in,
            net_out_bps=net_out,
            load_1=(_try(os.getloadavg) or (UNKNOWN,))[0],
            gpus=[self._gpu(uuid, index) for uuid, index in self._gpus.items()],
        )

    def gpu_use(self) -> dict[int, dict[int, int]]:
        """Return the bytes that each process holds of each GPU, by the device's number and the process's; without
        those that the driver does not tell."""
        return {device: self._held(uuid) for uuid, device in self._gpus.items()}

    def _held(self, uuid: str) -> dict[int, int]:
        nvml = self._nvml
        handle = _try(lambda: nvml.nvmlDeviceGetHandleByUUID(uuid))
        if handle is None:
            return {}
        found: list[Any] = []
        for name in RUNNING:  # an older binding may lack one
            ask = getattr(nvml, name, None)
            found += (ask and _try(lambda ask=ask: list(ask(handle)))) or []
        return {int(one.pid): int(one.usedGpuMemory) for one in found if one.usedGpuMemory}

    def _gpu(self, uuid: str, device: int) -> GpuMetrics:
        nvml = self._nvml
        handle = _try(lambda: nvml.nvmlDeviceGetHandleByUUID(uuid))
        if handle is None:
            return GpuMetrics(device, UNKNOWN, -1, -1, UNKNOWN, UNKNOWN)
        use = _try(lambda: float(nvml.nvmlDeviceGetUtilizationRates(handle).gpu))
        memory = _try(lambda: nvml.nvmlDeviceGetMemoryInfo(handle))
        heat = _try(lambda: float(nvml.nvmlDeviceGetTemperature(handle, nvml.NVML_TEMPERATURE_GPU)))
        power = _try(lambda: nvml.nvmlDeviceGetPowerUsage(handle) / 1000.0)
        return GpuMetrics(
            device=device,
            utilisation_percent=UNKNOWN if use is None else use,
            memory_used_bytes=-1 if memory is None else int(memory.used),
            memory_bytes=-1 if memory is None else int(memory.total),
            temperature_c=UNKNOWN if heat is None else heat,
            power_w=UNKNOWN if power is None else power,
        )


def _try(measure: Callable[[], _T]) -> _T | None:
    try:
        return measure()
    except Exception:  # a number that cannot be had is no reason to stop rendering
        return None


def _disk_bytes() -> tuple[int, int] | None:
    counters = psutil.disk_io_counters()
    return None if counters is None else (counters.read_bytes, counters.write_bytes)


def _net_bytes() -> tuple[int, int]:
    counters = psutil.net_io_counters()
    return counters.bytes_recv, counters.bytes_sent


def _rates(
    before: tuple[int, int] | None, after: tuple[int, int] | None, elapsed_s: float
) -> tuple[float, float]:
    if before is None or after is None or elapsed_s <= 0:
        return UNKNOWN, UNKNOWN
    first, second = (max(0, b - a) / elapsed_s for a, b in zip(before, after, strict=True))
    return first, second
