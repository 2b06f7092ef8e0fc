"""The newest preview of each task and shot: recent ones in memory, thumbnails of ended frames on disk.

On disk is one for each shot and at most ``STEP_MAX`` spread evenly over a step: some 2 GB for a film of
1,900 shots. (Every frame's own picture is in the step's ``preview_directory``, where the studio wants it.)
"""

from __future__ import annotations

import logging
import os
from collections import OrderedDict
from pathlib import Path

import msgspec

from app.core.commands import PreviewImage
from app.core.views import PreviewNews

log = logging.getLogger("windfire.dispatcher")

IMAGE_BYTES_MAX = 64 << 10
MEMORY_MAX = 512
STEP_MAX = 64

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(PreviewImage).decode


class Pictures:
    """The folder of thumbnails and the pictures in memory."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._recent: OrderedDict[str, PreviewImage] = OrderedDict()
        self.lost = 0

    def add(self, news: PreviewNews, tasks: int) -> None:
        """Keep a picture that was fenced; ``tasks``: how many the step has."""
        image = _image(news)
        names = [_shot_name(news.shot), _task_name(news.step, news.task)]
        for name in names:
            self._recent[name] = image
            self._recent.move_to_end(name)
        while len(self._recent) > MEMORY_MAX:
            self._recent.popitem(last=False)
        if news.passes_done >= news.passes:
            keeps_task = news.task % max(1, -(-tasks // STEP_MAX)) == 0
            self._write(names if keeps_task else names[:1], image)

    def find(self, *, shot: int, step: int, task: int) -> PreviewImage | None:
        """Return the newest picture of a task, or of a shot where task is -1."""
        name = _task_name(step, task) if task >= 0 else _shot_name(shot)
        found = self._recent.get(name)
        return found or self._read(name)

    def _write(self, names: list[str], image: PreviewImage) -> None:
        data = _encode(image)
        try:
            for name in names:
                path = self._folder / name
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                temporary = path.with_name(f".{path.name}.{os.getpid()}")
                temporary.write_bytes(data)
                temporary.replace(path)
        except OSError as error:
            self.lost += 1
            log.warning("The thumbnail %s is lost: %s", names[0], error)

    def _read(self, name: str) -> PreviewImage | None:
        try:
            return _decode((self._folder / name).read_bytes())
        except (OSError, msgspec.MsgspecError):
            return None  # not there, or torn by a crash: as good as none


def _shot_name(shot: int) -> str:
    return f"shot-{shot}"


def _task_name(step: int, task: int) -> str:
    return f"{step}/{task}"


def _image(news: PreviewNews) -> PreviewImage:
    return PreviewImage(
        image=news.image,
        frame=news.frame,
        passes_done=news.passes_done,
        passes=news.passes,
        step=news.step,
        task=news.task,
        epoch=news.epoch,
    )
