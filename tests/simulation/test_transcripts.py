"""Every transcript says what the core does, line by line."""

import os
from pathlib import Path

import pytest

from tests.simulation.transcript import replay

SCENES = sorted((Path(__file__).parent / "transcripts").glob("*.txt"))


@pytest.mark.parametrize("path", SCENES, ids=lambda path: path.stem)
def test_transcript(path):
    written = path.read_text()
    played = replay(written)
    if os.environ.get("WRITE_TRANSCRIPTS"):
        path.write_text(played)
    assert played == written or os.environ.get("WRITE_TRANSCRIPTS")


def test_there_are_transcripts():
    assert len(SCENES) >= 11
