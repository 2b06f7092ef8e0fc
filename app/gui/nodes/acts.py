"""What a person may do with the chosen nodes: reserve them, give them pools and tags, look into one."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.core.commands import Receipt, ReserveNodes, SetNode, SleepNodes, WakeNodes
from app.core.views import NodeRow
from app.gui import text
from app.gui.bridge import Farm
from app.gui.dialogs.pools import PoolsDialog
from app.gui.dialogs.reserve import ReserveDialog
from app.gui.nodes.detail import NodeDialog
from app.gui.nodes.panel import NodePanel
from app.gui.operations import Operations
from app.gui.words import tr


class NodeActs(QObject):
    """Turns actions of the window into commands about the chosen nodes."""

    shot_wanted = Signal(int)
    """A shot of a node's past or present work."""

    def __init__(
        self, farm: Farm, operations: Operations, panel: NodePanel, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._farm, self._operations, self._panel, self._window = farm, operations, panel, parent
        panel.opened.connect(self.look_into)

    def slots(self) -> dict[str, Callable[[], object]]:
        """Return what each of these actions does, by its name."""
        return {
            "reserve": self.ask_reservation,
            "free": self.free,
            "pools": self.ask_pools,
            "wake": self.wake,
            "sleep": self.sleep,
            "node_detail": self.look_into,
        }

    def ask_reservation(self) -> None:
        """Ask until when, and for whom, the chosen nodes are kept."""
        rows = self._panel.chosen()
        if rows:
            projects = sorted({row.project for row in self._farm.replica.shots.values()})
            dialog = ReserveDialog(rows, projects, self._farm.now(), self._window)
            dialog.chosen.connect(lambda until, project: self.reserve(rows, until, project))
            dialog.open()

    def reserve(self, rows: list[NodeRow], until: float, project: str = "") -> None:
        """Keep these nodes for a project, or free of work, until a moment."""
        time = text.clock(until, self._farm.now())
        title = tr("Reserve {nodes} until {time}").format(nodes=name_of(rows), time=time)
        self._operations.do(
            ReserveNodes(nodes=[row.id for row in rows], until=until, project=project), title
        )

    def free(self) -> None:
        """End the reservation of the chosen nodes."""
        rows = [row for row in self._panel.chosen() if row.reserved_until]
        if rows:
            title = tr("Free {nodes}").format(nodes=name_of(rows))
            self._operations.do(ReserveNodes(nodes=[row.id for row in rows], until=0.0), title)

    def wake(self) -> None:
        """Switch on the machines of those of the chosen nodes that can be woken."""
        rows = [row for row in self._panel.chosen() if row.can_wake]
        if rows:
            title = tr("Wake {nodes}").format(nodes=name_of(rows))
            said = tr("Woke {nodes}: a machine takes a minute or two to answer.")
            self._operations.do(
                WakeNodes(nodes=[row.id for row in rows]), title, self._saying(said, rows)
            )

    def sleep(self) -> None:
        """Suspend the machines of those of the chosen nodes that do nothing."""
        rows = [row for row in self._panel.chosen() if row.can_sleep]
        if rows:
            title = tr("Put {nodes} to sleep").format(nodes=name_of(rows))
            said = tr("{nodes}: sent to sleep until somebody wakes it.")
            self._operations.do(
                SleepNodes(nodes=[row.id for row in rows]), title, self._saying(said, rows)
            )

    def _saying(self, said: str, rows: list[NodeRow]) -> Callable[[Receipt], None]:
        """Say what was done: neither can be undone, so nothing else would show it before the machine answers."""
        return lambda _: self._operations.said.emit(said.format(nodes=name_of(rows)), "done")

    def ask_pools(self) -> None:
        """Ask to which pools the chosen nodes belong, and which tags they have."""
        rows = self._panel.chosen()
        if rows:
            dialog = PoolsDialog(rows, list(self._farm.replica.nodes.values()), self._window)
            dialog.chosen.connect(lambda pools, tags: self.set_pools(rows, pools, tags))
            dialog.open()

    def set_pools(self, rows: list[NodeRow], pools: list[str], tags: list[str]) -> None:
        """Give these nodes these pools and tags."""
        title = tr("Pools and tags of {nodes}").format(nodes=name_of(rows))
        command = SetNode(nodes=[row.id for row in rows], pools=pools, tags=tags)
        self._operations.do(command, title)

    def look_into(self) -> None:
        """Show all of the first chosen node: its load, its work, what it did."""
        rows = self._panel.chosen()
        if rows:
            dialog = NodeDialog(self._farm, rows[0].id, self._window)
            dialog.shot_wanted.connect(self.shot_wanted)
            dialog.show()


def name_of(rows: list[NodeRow]) -> str:
    """Return the node's name where it is one, and how many they are otherwise."""
    return rows[0].name if len(rows) == 1 else tr("{n} node(s)", "", len(rows))
