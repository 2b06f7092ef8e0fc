"""The node's devices and metrics, on a machine that may have no GPU."""

from __future__ import annotations

from types import SimpleNamespace

import psutil

from node_agent.agent import probe


def test_the_cores_are_one_device():
    (cpu,) = probe.devices(["cpu"], threads=3)

    assert (cpu.kind, cpu.cores, cpu.memory_bytes) == ("cpu", 3, psutil.virtual_memory().total)
    assert cpu.name


def test_rates_need_a_sample_before():
    metrics = probe.MetricsProbe(probe.devices(["cpu"]))

    first, second = metrics.sample(10.0), metrics.sample(11.0)

    assert (first.net_in_bps, first.disk_read_bps) == (-1, -1)
    assert second.net_in_bps >= 0
    assert 0 < second.memory_used_bytes < second.memory_bytes


def test_a_source_that_fails_costs_only_its_own_number(monkeypatch):
    def fail():
        raise RuntimeError("no counters here")

    monkeypatch.setattr(psutil, "net_io_counters", fail)
    metrics = probe.MetricsProbe([])
    metrics.sample(10.0)

    sample = metrics.sample(11.0)

    assert sample.net_in_bps == -1
    assert sample.memory_bytes > 0


def test_a_gpu_that_is_gone_has_no_numbers():
    gone = probe.DeviceInfo(kind="cuda", name="GPU", memory_bytes=1, uuid="GPU-gone")

    (gpu,) = probe.MetricsProbe([gone]).sample(1.0).gpus

    assert (gpu.device, gpu.memory_used_bytes, gpu.power_w) == (0, -1, -1)


def test_a_node_says_its_system_and_processor_in_openjds_words(monkeypatch):
    monkeypatch.setattr(probe.platform, "system", lambda: "Darwin")
    monkeypatch.setattr(probe.platform, "machine", lambda: "aarch64")
    assert probe.own_tags() == ["macos", "arm64"]
    monkeypatch.setattr(probe.platform, "system", lambda: "Windows")
    monkeypatch.setattr(probe.platform, "machine", lambda: "AMD64")
    assert probe.own_tags() == ["windows", "x86_64"]


def test_who_holds_how_much_of_a_gpu_is_asked_of_its_driver():
    def process(pid, used):
        return SimpleNamespace(pid=pid, usedGpuMemory=used)

    def drawing(_handle):
        raise RuntimeError("not supported")

    metrics = probe.MetricsProbe([])
    metrics._gpus = {"GPU-1": 2}
    metrics._nvml = SimpleNamespace(
        nvmlDeviceGetHandleByUUID=lambda uuid: uuid,
        nvmlDeviceGetComputeRunningProcesses=lambda _: [process(7, 5), process(8, None)],
        nvmlDeviceGetGraphicsRunningProcesses=drawing,
    )
    assert metrics.gpu_use() == {2: {7: 5}}
    del metrics._nvml.nvmlDeviceGetGraphicsRunningProcesses
    assert metrics.gpu_use() == {2: {7: 5}}  # an older binding
