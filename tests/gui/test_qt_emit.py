"""PySide6 6.12.0 on Python 3.11 loses a reference of True with each emit and aborts after some 600.

A shorter test passes on the broken version, so this one emits 5,000 times.
"""

import sys

import PySide6
import pytest
from PySide6.QtCore import QObject, Signal

EMITS = 5_000


class Bell(QObject):
    rung = Signal(int)


def test_the_locked_version_is_below_the_broken_one():
    assert PySide6.__version_info__[:2] < (6, 12)


@pytest.mark.parametrize("constant", [True, None])
def test_emitting_leaves_the_references_of_constants_alone(qtbot, constant):
    heard = []
    bell = Bell()
    bell.rung.connect(heard.append)
    before = sys.getrefcount(constant)

    for number in range(EMITS):
        bell.rung.emit(number)

    assert len(heard) == EMITS
    assert abs(sys.getrefcount(constant) - before) < EMITS // 10
