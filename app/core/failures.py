"""Failures that are alike: one sentence for all that differ in numbers, folders and nodes alone.

PURE.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_PATH = re.compile(r"(?:[A-Za-z]:)?[\\/](?:[^\s\\/:;,'\"()]+[\\/])+")
_HEX = re.compile(r"\b(?=[0-9a-fA-F]*\d)[0-9a-fA-F]{8,}\b|\b0x[0-9a-fA-F]+\b")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


def alike(sentence: str, nodes: Iterable[str] = ()) -> str:
    """Return the sentence with folders, numbers and the names of ``nodes`` taken out."""
    text = sentence
    for name in sorted(nodes, key=len, reverse=True):
        if name and name in text:
            text = re.sub(rf"(?<![\w-]){re.escape(name)}(?![\w-])", "a node", text)
    text = _PATH.sub("…/", text)
    text = _HEX.sub("#", text)
    return _NUMBER.sub("#", text)
