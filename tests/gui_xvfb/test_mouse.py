"""The mouse of these tests moves a row of a plain Qt list: what they stand on works here."""

from PySide6.QtWidgets import QAbstractItemView, QListWidget


def test_a_drag_moves_a_row(qtbot, mouse):
    rows = QListWidget()
    qtbot.addWidget(rows)
    rows.addItems(["sh0010", "sh0020", "sh0030", "sh0040"])
    rows.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
    with qtbot.waitExposed(rows):
        rows.show()
    last, first = rows.visualItemRect(rows.item(3)), rows.visualItemRect(rows.item(0))

    mouse.drag(
        rows.viewport(), last.center(), rows.viewport(), first.topLeft() + first.center() / 4
    )

    assert rows.item(0).text() == "sh0040"
