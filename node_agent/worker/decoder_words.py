"""What image libraries say of a bad file, as one plain clause: no line breaks, codes or temporary names."""

from __future__ import annotations

import re

_CODES = re.compile(r"EXR Error \([^)]*\): (?:EXR_ERR_\w+ )?")
NO_REASON = "the decoder gave no reason"


def plain(error: str) -> str:
    """Return what ``error`` tells a person, without an end; ``NO_REASON`` where that is nothing."""
    return " ".join(_CODES.sub("", error).split()).rstrip(".") or NO_REASON
