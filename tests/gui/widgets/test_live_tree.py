"""A change of a line that nobody sees repaints nothing; one that is seen is painted."""

from PySide6.QtCore import QEvent, QObject

from tests.gui.fakes import replaced, small_farm
from tests.gui.fixtures import settle


class Paints(QObject):
    def __init__(self):
        super().__init__()
        self.rects = []

    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint:
            self.rects.append(event.rect())
        return False


def test_ux07_only_lines_that_are_seen_are_painted(qtbot, window, link, farm):
    link.show(small_farm(400))
    settle(farm)
    view = window.queue.view
    qtbot.waitUntil(lambda: view.indexAt(view.rect().center()).isValid(), timeout=30_000)
    window.repaint()
    paints = Paints()
    view.viewport().installEventFilter(paints)

    def painted(shot):
        paints.rects.clear()
        link.change(replaced(link.replica.shots[shot], done=3))
        settle(farm)
        qtbot.wait(20)
        box = view.visualRect(view.model().index_of_shot(shot))
        return [rect for rect in paints.rects if rect.intersects(box)], box

    rects, _ = painted(2)
    assert rects
    assert any(rect.height() < view.viewport().height() for rect in rects)
    assert painted(399)[0] == []
    assert not painted(399)[1].intersects(view.viewport().rect())
