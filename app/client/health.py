"""What a link knows of its farm: when it was last heard, and why it may not be; from that, its state.

PURE. Times are seconds of one clock that only goes forward.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.client.state import LinkState

LOST_S = 2.5
"""Without a delta for this long the farm is lost; an idle one publishes every second."""
LOOK_AGAIN_S = 2.0
"""While not live, read the home's files and make refused sockets anew this often."""
TELL_S = 1.0
NEVER = float("inf")


@dataclass(slots=True)
class Health:
    """Changed by the link as things happen."""

    heard_at: float = 0.0
    has_lived: bool = False
    load_error: str = ""
    """Why the home's files cannot be used."""
    refusal: str = ""
    """Why the farm does not let us in; stands until an answer comes, through all new tries."""
    reopen_at: float = NEVER
    _told: str = ""
    _told_at: float = 0.0

    @property
    def fault(self) -> str:
        """Why there can be no answer; '' where nothing is known."""
        return self.load_error or self.refusal

    def is_live(self, now: float) -> bool:
        """Tell whether the farm was heard lately."""
        return self.has_lived and now - self.heard_at < LOST_S

    def look_again(self, now: float) -> None:
        """Try anew in a while, unless all is well by then."""
        self.reopen_at = NEVER if self.is_live(now) else now + LOOK_AGAIN_S

    def fall_silent(self, now: float) -> None:
        """The farm's process has gone: old rows are not live, however lately it was heard."""
        self.heard_at = min(self.heard_at, now - LOST_S)

    def news(self, now: float) -> LinkState | None:
        """Return the state where it must be told: when it changes, and its age while not live."""
        state = self.state(now)
        if state.name != "live" and self.reopen_at == NEVER:
            self.look_again(now)
        if state.name == self._told and (state.name == "live" or now - self._told_at < TELL_S):
            return None
        self._told, self._told_at = state.name, now
        return state

    def state(self, now: float) -> LinkState:
        """Return how true the replica is."""
        age = now - self.heard_at if self.has_lived else 0.0
        if self.refusal or (self.load_error and not self.has_lived):
            return LinkState("refused", age, self.refusal or self.load_error)
        if not self.has_lived:
            return LinkState("connecting", 0.0, "Connecting to the dispatcher.")
        if self.is_live(now):
            return LinkState("live", age, "")
        return LinkState("lost", age, f"The dispatcher has not been heard for {age:.0f} s.")
