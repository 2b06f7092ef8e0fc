"""The last hour of every node's metrics: each second of the last two minutes, each tenth before.

715 nodes at 1 Hz for an hour as objects would be over a gigabyte; packed and thinned they are some
40 MB. Not durable: plots begin anew after a restart.
"""

from __future__ import annotations

from collections import deque

import msgspec

from app.core.views import GpuSample, NodeSample
from node_agent.wire.messages import Metrics

RECENT_S = 120
HOUR_S = 3600
THIN_S = 10.0
SNAPSHOT_S = 60.0
"""Between two samples of a node in a snapshot; the deltas fill in from there."""
_GPUS_MAX = 64
POWER_S = 15.0
"""For so long a node's watts are taken to hold."""

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(NodeSample).decode


class Telemetry:
    """Rings of samples by node."""

    def __init__(self) -> None:
        self._recent: dict[int, deque[tuple[float, bytes]]] = {}
        self._hour: dict[int, deque[tuple[float, bytes]]] = {}
        self._power: dict[int, tuple[float, float]] = {}
        """By node: when it said so, and the watts of its GPUs."""

    def add(self, node: int, at: float, metrics: Metrics) -> NodeSample:
        """Keep a node's metrics; returns them as the row to publish."""
        sample = _sample(node, at, metrics)
        item = (at, _encode(sample))
        self._power[node] = (at, sum(gpu.power_w for gpu in sample.gpus))
        self._recent.setdefault(node, deque(maxlen=RECENT_S)).append(item)
        hour = self._hour.setdefault(node, deque(maxlen=int(HOUR_S / THIN_S)))
        if not hour or abs(at - hour[-1][0]) >= THIN_S:
            hour.append(item)
        return sample

    def power_w(self, wall: float) -> float:
        """Return the watts of all GPUs that measured them lately."""
        return sum(watts for at, watts in self._power.values() if abs(wall - at) <= POWER_S)

    def samples(self, wall: float, step_s: float = SNAPSHOT_S) -> list[NodeSample]:
        """Return the last hour of all nodes, about one sample a node every ``step_s``."""
        rows: list[NodeSample] = []
        for node in self._hour:
            rows += self.of_node(node, wall, step_s)
        return rows

    def of_node(self, node: int, wall: float, step_s: float) -> list[NodeSample]:
        """Return one node's last hour in order of time."""
        chosen: list[bytes] = []
        last = float("-inf")
        recent = self._recent.get(node, ())
        first_recent = recent[0][0] if recent else float("inf")
        older = [item for item in self._hour.get(node, ()) if item[0] < first_recent]
        for at, data in [*older, *recent]:
            if wall - at <= HOUR_S and at - last >= step_s:
                chosen.append(data)
                last = at
        return [_decode(data) for data in chosen]


def _sample(node: int, at: float, metrics: Metrics) -> NodeSample:
    return NodeSample(
        node=node,
        at=at,
        cpu_percent=metrics.cpu_percent,
        memory_used_bytes=metrics.memory_used_bytes,
        memory_bytes=metrics.memory_bytes,
        disk_read_bps=metrics.disk_read_bps,
        disk_write_bps=metrics.disk_write_bps,
        net_in_bps=metrics.net_in_bps,
        net_out_bps=metrics.net_out_bps,
        load_1=metrics.load_1,
        gpus=[
            GpuSample(
                gpu.utilisation_percent,
                gpu.memory_used_bytes,
                gpu.memory_bytes,
                gpu.temperature_c,
                gpu.power_w,
            )
            for gpu in metrics.gpus[:_GPUS_MAX]
        ],
    )
