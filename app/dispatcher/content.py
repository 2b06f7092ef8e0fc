"""What nodes say that the core does not keep: metrics, log lines and pictures.

The core has seen each such message (it shows that the node lives, and answers ``Stale`` to an old one);
what is in it is kept here, if it is of the current attempt and from that attempt's node.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from app.core.dispatcher import Dispatcher
from app.core.events import Event, NodeSaid, Now
from app.core.views import LogNews, PreviewNews
from app.dispatcher.logs import Logs
from app.dispatcher.pictures import IMAGE_BYTES_MAX, Pictures
from app.dispatcher.publisher import Publisher
from app.dispatcher.telemetry import Telemetry
from app.dispatcher.watch import Watches
from node_agent.wire.messages import LogLines, Metrics, Preview

_encode = msgspec.msgpack.Encoder().encode
_KEPT = (Metrics, LogLines, Preview)


@dataclass(slots=True)
class Content:
    """Where each kind goes."""

    core: Dispatcher
    publisher: Publisher
    publish: Callable[[bytes, bytes], None]
    telemetry: Telemetry
    logs: Logs
    pictures: Pictures
    watches: Watches

    def keep(self, events: list[Event], now: Now) -> None:
        """Keep what is in the messages of a turn."""
        for event in events:
            if isinstance(event, NodeSaid) and isinstance(event.message, _KEPT):
                self._keep(event.key, event.message, now)

    def _keep(self, key: str, message: Metrics | LogLines | Preview, now: Now) -> None:
        if isinstance(message, Metrics):
            self._keep_metrics(key, message, now)
        elif isinstance(message, LogLines):
            self._keep_lines(key, message)
        else:
            self._keep_picture(key, message)

    def _keep_metrics(self, key: str, message: Metrics, now: Now) -> None:
        node = self.core.state.node_keys.get(key)
        if node is not None:
            self.publisher.add_sample(self.telemetry.add(node, now.wall, message))

    def _keep_lines(self, key: str, message: LogLines) -> None:
        ref = message.ref
        if message.first < 0 or not self.core.is_current(ref, key):
            return
        lines = self.logs.add(message)
        if lines and self.watches.is_watched(ref.step, ref.task):
            first = message.first + len(message.lines) - len(lines)
            news = LogNews(step=ref.step, task=ref.task, epoch=ref.epoch, first=first, lines=lines)
            self.publish(b"log", _encode(news))

    def _keep_picture(self, key: str, message: Preview) -> None:
        ref = message.ref
        if len(message.image) > IMAGE_BYTES_MAX or not self.core.is_current(ref, key):
            return
        step = self.core.state.steps[ref.step]
        news = PreviewNews(
            shot=step.shot,
            step=ref.step,
            task=ref.task,
            epoch=ref.epoch,
            frame=message.frame,
            passes_done=message.passes_done,
            passes=message.passes,
            image=message.image,
        )
        self.pictures.add(news, step.total)
        is_last = message.passes_done >= message.passes
        if is_last or self.watches.is_watched(ref.step, ref.task):
            self.publish(b"preview", _encode(news))
