"""Ten thousand small files without a shared disk: messages and seconds from this disk to a node's cache."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from app.client.staging import stage_files
from app.dispatcher.staging import Staging
from tests.integration.dispatcher.test_staging_socket import Bench, fetch

FILE_BYTES = 4096


def measure(count: int) -> dict[str, object]:
    """Bring ``count`` files to a staging socket on loopback, and fetch them."""
    asked: list[str] = []
    answer = Staging._answer

    def counting(self, key, body, role):
        asked.append(type(body).__name__)
        return answer(self, key, body, role)

    Staging._answer = counting
    try:
        with tempfile.TemporaryDirectory() as name:
            return _measured(Path(name), count, asked)
    finally:
        Staging._answer = answer


def _measured(folder: Path, count: int, asked: list[str]) -> dict[str, object]:
    files: dict[str, Path] = {}
    for number in range(count):
        path = folder / "scene" / f"{number % 100}" / f"{number}.usda"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes((b"%d " % number * FILE_BYTES)[:FILE_BYTES])
        files[path.relative_to(folder / "scene").as_posix()] = path
    bench = Bench(folder)
    try:
        began = time.perf_counter()
        root = stage_files(bench.settings(), files)
        staged, brought = time.perf_counter(), len(asked)
        fetch(bench, root)
        fetched = time.perf_counter()
    finally:
        bench.staging.stop()
    return {
        "staged_files": count,
        "staged_files_bring_messages": brought,
        "staged_files_bring_s": staged - began,
        "staged_files_fetch_messages": len(asked) - brought,
        "staged_files_fetch_s": fetched - staged,
    }
