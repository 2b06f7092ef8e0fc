"""``python -m tests.faults``: every fault of the table for as long as it takes (``make faults``); ``--page``
writes its page of the documentation, and numbers run those faults alone."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.faults.index import FAULTS, every_test, page

ROOT = Path(__file__).parents[2]
KILLS = "60"
"""Of the dispatcher at random moments; ``make test`` does a dozen."""


def main(words: list[str]) -> int:
    """Run the tests, or write the page."""
    if words == ["--page"]:
        (ROOT / "docs" / "faults.md").write_text(page(), "utf-8")
        return 0
    wanted = [int(word) for word in words]
    tests = [test for number in wanted for test in FAULTS[number].tests] or every_test()
    os.environ["WINDFIRE_FAULTS"] = "long"
    os.environ.setdefault("WINDFIRE_KILLS", KILLS)
    options = ["--quiet", "--durations=10", "--durations-min=2", "--timeout=1200"]
    return int(pytest.main([*options, *(str(ROOT / "tests" / test) for test in tests)]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
