"""When the agent speaks to its dispatcher, and until when it may publish: the times of the session.

PURE. The link has two phases. *Greeting*: Hello was said and is repeated until Welcome. *Served*:
heartbeats go out and Beats come in. A new connection, or silence for a lease, leads back to greeting.

The lease is what allows publishing, and must never be longer here than the dispatcher believes. So it
is counted from when the heartbeat was *sent* that a Beat answers by its number, and a Welcome alone gives
none: the heartbeat that follows it does. A Beat without a number (an older dispatcher's) answers the oldest
heartbeat that has no answer, so that a lost one makes the lease shorter, never longer, while answers come in
the order of the questions and once.
"""

from __future__ import annotations

from node_agent.wire.messages import Welcome

NEVER = float("-inf")
FOREVER = float("inf")


class Lease:
    """Phase, heartbeat and lease of one session; knows no attempts and sends nothing."""

    def __init__(self, hello_retry_s: float) -> None:
        self._hello_retry_s = hello_retry_s
        self._lease_s = self._heartbeat_s = 0.0
        self._absence_s = FOREVER
        self._heard_at = FOREVER
        self._beats_sent: dict[int, float] = {}
        """When each heartbeat was sent that has no answer, by number."""
        self._beats = 0
        self.served = False
        self._hello_said_at = NEVER
        self.hello_at = NEVER
        """Greeting: when to say Hello."""
        self.beat_at = NEVER
        """Served: when to send a heartbeat."""
        self._silence_until = NEVER
        """Served: with no Beat until then, the lease is over."""
        self._publish_until = NEVER

    def watch(self, now: float) -> None:
        """Let time do its work. Call before anything that comes with ``now`` is looked at: a process
        that was stopped must not act on what waited for it in the socket."""
        if self.served and now >= self._silence_until:
            self.served = False
            self.hello_at = now
        if now >= self._publish_until:
            self._publish_until = NEVER

    def greet(self, now: float) -> None:
        """Hello goes out now. A lease that stands is kept."""
        self.served = False
        self._hello_said_at = now
        self.hello_at = now + self._hello_retry_s

    def welcome(self, message: Welcome, now: float) -> None:
        """The dispatcher knows this agent."""
        self._lease_s, self._absence_s = message.lease_s, message.absence_s
        self._heartbeat_s = message.heartbeat_s
        self.served = True
        self._silence_until = now + self._lease_s
        self._beats_sent.clear()

    def nap(self, now: float, seconds: float) -> None:
        """The machine sleeps from now on; Hello is for when it is awake, and for when it did not sleep."""
        self.served = False
        self.hello_at = now + seconds

    def refused(self, now: float) -> None:
        """The dispatcher wants a Hello (it was started anew, or a report is missing); not faster than
        it is said anyway, or the two would chase each other."""
        if self.served:
            self.served = False
            self.hello_at = max(now, self._hello_said_at + self._hello_retry_s)

    def beat_sent(self, now: float) -> int:
        """A heartbeat goes out now; return its number."""
        self.beat_at = now + self._heartbeat_s
        self._beats += 1
        self._beats_sent[self._beats] = now
        return self._beats

    def beat_answered(self, number: int) -> None:
        """A Beat came. After a lost lease it counts only once Welcome was said anew, and then only for a
        heartbeat after that: an answer that waited while this process stood still must not count for it."""
        number = number or next(iter(self._beats_sent), 0)
        if number in self._beats_sent and (self.served or self._publish_until > NEVER):
            until = self._beats_sent[number] + self._lease_s
            self._beats_sent = {n: at for n, at in self._beats_sent.items() if n > number}
            self._publish_until = max(self._publish_until, until)
            self._silence_until = max(self._silence_until, until)

    def heard(self, now: float) -> None:
        """Any message of a dispatcher came."""
        self._heard_at = now

    @property
    def publish_until(self) -> float:
        """Publishing is allowed before this."""
        return self._publish_until

    @property
    def absent_at(self) -> float:
        """When the dispatcher counts as gone for good, unless it speaks."""
        return self._heard_at + self._absence_s

    @property
    def next_at(self) -> float:
        """The next moment at which the phase wants something."""
        return min(self._silence_until, self.beat_at) if self.served else self.hello_at
