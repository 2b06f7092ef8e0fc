"""The shared file system: who renamed which output when, judged as it happens."""

from collections.abc import Callable

from node_agent.wire.messages import AttemptRef


class Disk:
    """Files by path, with the attempt that published them last."""

    def __init__(self) -> None:
        self.files: dict[str, AttemptRef] = {}
        self.on_rename: Callable[[AttemptRef, str], None] = lambda ref, node: None

    def rename(self, ref: AttemptRef, paths: list[str], node: str) -> None:
        self.on_rename(ref, node)
        for path in paths:
            self.files[path] = ref
