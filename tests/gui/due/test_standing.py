"""On time, at risk or late: by the p90, in words, with a sign of its own shape."""

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter

from app.gui.due import standing
from tests.gui.fakes import NOW, shot_row

MINUTE = 60


def stands(**fields):
    return standing.of(shot_row(1, **fields), NOW)


def at(minutes):
    return NOW + minutes * MINUTE


@pytest.mark.parametrize(
    ("fields", "name", "words"),
    [
        ({}, "", ""),
        ({"due": at(60), "finish_p50": at(20), "finish_p90": at(40)}, "on_time", "20 min spare"),
        ({"due": at(60), "finish_p50": at(50), "finish_p90": at(61)}, "at_risk", "at risk"),
        ({"due": at(60), "finish_p50": at(85), "finish_p90": at(99)}, "late", "late by 25 min"),
        ({"due": at(-5), "finish_p50": at(1), "finish_p90": at(2)}, "late", "5 min over"),
        ({"due": at(60), "finish_p50": 0.0, "finish_p90": 0.0}, "unknown", "no forecast"),
        ({"due": at(60), "state": "done", "finished_at": at(-9)}, "on_time", "kept"),
        ({"due": at(-60), "state": "done", "finished_at": at(-30)}, "late", "late by 30 min"),
        ({"due": at(60), "state": "cancelled"}, "", ""),
    ],
)
def test_ux14_a_promise_is_judged_by_the_p90(fields, name, words):
    found = stands(**fields)
    assert (found.name, found.words) == (name, words)


def test_each_standing_has_a_shape_of_its_own(qapp):
    shapes = {name: _mask(name) for name in standing.INKS}
    assert len(set(shapes.values())) == len(shapes)


def _mask(name):
    image = QImage(20, 20, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    standing.paint_sign(painter, QRectF(2, 2, 16, 16), name)
    painter.end()
    return bytes(image.convertToFormat(QImage.Format.Format_Alpha8).constBits())
