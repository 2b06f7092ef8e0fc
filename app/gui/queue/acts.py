"""What a person may do with the chosen shots beyond moving them: promises, and the order that these ask for."""

from __future__ import annotations

from collections.abc import Callable

from app.client.replica import Replica
from app.core.commands import OrderByDue, SetDue
from app.gui.bridge import Farm
from app.gui.dialogs.promise import PromiseDialog
from app.gui.operations import Operations
from app.gui.queue.panel import QueuePanel, describe_promise
from app.gui.words import tr
from node_agent.wire.job import frames_at


def running_frame(replica: Replica, step: int, task: int) -> str:
    """Name a frame that runs and where: 'frame 1042 of sq020 / sh0040 on ember-02'; '' if it does not."""
    state = replica.steps.get(step)
    run = state.running.get(task) if state else None
    if state is None or run is None:
        return ""
    shot, node = replica.shots.get(state.row.shot), replica.nodes.get(run.node)
    return tr("frame {frame} of {shot} on {node}").format(
        frame=frames_at(state.row.runs, task).first,
        shot=f"{shot.sequence} / {shot.name}" if shot else "",
        node=node.name if node else "",
    )


class QueueActs:
    """Turns actions of the window into commands about the chosen shots."""

    def __init__(self, farm: Farm, operations: Operations, panel: QueuePanel) -> None:
        self._farm, self._operations, self._panel = farm, operations, panel

    def slots(self) -> dict[str, Callable[[], object]]:
        """Return what each of these actions does, by its name."""
        return {"promise": self.ask_promise, "order_by_due": self.order_by_due}

    def ask_promise(self) -> None:
        """Ask for which moment the chosen shots are promised."""
        shots = self._panel.view.chosen_shots()
        rows = [row for shot in shots if (row := self._panel.model.row_of(shot))]
        if not rows:
            return
        name = self._panel.name_of(shots)
        dialog = PromiseDialog(rows, name, self._farm.now(), self._panel.window())
        dialog.chosen.connect(lambda due, pinned: self.promise(shots, due, pinned=pinned))
        dialog.open()

    def promise(self, shots: list[int], due: float, *, pinned: bool) -> None:
        """Promise these shots for a moment; 0 takes their promise back."""
        command = SetDue(shots=shots, due=due, pinned=pinned)
        title = describe_promise(self._panel, command, self._farm.now())
        self._operations.do(command, title)

    def order_by_due(self) -> None:
        """Sort what is promised by its date: of the chosen shots where they are several, else of all."""
        chosen = self._panel.view.chosen_shots()
        shots = chosen if len(chosen) > 1 else []
        self._operations.do(OrderByDue(shots=shots), tr("Order by due date"))
