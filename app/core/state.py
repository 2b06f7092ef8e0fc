"""The farm's durable state in memory, and ``apply``: the one way it changes, live and in replay alike.

PURE. Tasks are bytes and array cells of their step, not objects: 1.2 million of them are some 20 MB.
The store keeps two things: every change in order, and now and then the *sections*: blobs that hold the
state after a known change. ``from_sections`` and ``apply`` of the later changes give the live state.
"""

from __future__ import annotations

from collections.abc import Mapping

from app.core.changes import Change


class FarmState:
    """All that survives a restart. Read it freely; change it by ``apply`` alone."""

    def apply(self, change: Change) -> None:
        """Fold one change in. Raises BugFault, and changes nothing, when it contradicts the state."""
        raise NotImplementedError

    def sections(self, only_dirty: bool = False) -> dict[str, bytes]:
        """Return blobs by name: ``farm`` and one ``step:<id>`` a step.

        ``only_dirty``: those that changed since the last call (of either kind). Each replaces the older
        blob of its name; none is ever removed. Write them with the number of the last change applied.
        """
        raise NotImplementedError

    @classmethod
    def from_sections(cls, sections: Mapping[str, bytes]) -> FarmState:
        """Build the state that ``sections()`` saw; ``{}`` gives an empty farm. Raises EnvironmentFault
        when a blob is not one of ours."""
        raise NotImplementedError
