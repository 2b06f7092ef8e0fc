"""The numbers that the core goes by; each comment says how it relates to the others.

PURE. Seconds of the monotonic clock everywhere. Tests and the simulator make them small.
"""

from __future__ import annotations

from msgspec import Struct


class Config(Struct, frozen=True, kw_only=True):
    """Facts that do not change while a dispatcher runs."""

    lease_s: float = 30.0
    """An attempt that is not named by its node for this long is lost; a node that says nothing for this
    long is lost. At least three heartbeats, so that one lost message costs nothing."""
    heartbeat_s: float = 2.0
    absence_s: float = 600.0
    """For the agents: without a dispatcher for this long they end what they run."""
    grant_s: float = 10.0
    """How long a grant to rename is good; well under ``lease_s``, which is renewed with it."""
    resend_s: float = 5.0
    """An assignment that the node does not name after this long never arrived: it is sent again. Over two
    heartbeats, or what is merely on its way would be sent twice."""
    node_deaths: int = 3
    """A task whose node died under it this often is FAILED."""
    marks: int = 3
    """A node that failed a job this often, with nothing done in between, gets no more of it while another node
    could take it."""
    hold_s: float = 60.0
    """A task that needs several devices, cores or nodes and found no room for this long gets some held back."""
    hold_max_s: float = 1800.0
    """For this long at most; then they serve all again, and it waits ``hold_s`` anew."""
    split_s: float = 15.0
    """What is left of a frame is split over idle devices, if each then has at least so much to do: reading
    the scene and merging cost some seconds themselves."""
    split_look_s: float = 5.0
    """While devices idle, running frames are looked at this often."""
    sleep_look_s: float = 15.0
    """Where nodes are put to sleep, it is looked this often which idle; they may so idle longer than the rule says."""
    wake_again_s: float = 20.0
    """A node that was told to wake and says nothing is told again this often: a packet is easily lost."""
    wake_s: float = 600.0
    """A node that was told to wake and says nothing for this long is lost."""
    rows_s: float = 0.04
    """Rows that reports changed are published at most this often (25 times a second, as deltas are);
    what a command changed is published in its own turn."""
    progress_s: float = 1.0
    """Rows of shots and nodes that only advanced are published at most this often."""
    forecast_s: float = 2.0
    """Finish times are computed anew at most this often."""
    is_patient: bool = False
    """Forecasts are made in slices by ``Dispatcher.think``, whenever the shell has time; else within a turn."""
    staging_port: int = 0
    """For the agents: where staged files are had; 0: nowhere."""
    version: str = ""
    """Of the dispatcher: what agents are told to install."""
    tasks_max: int = 1_000_000
    """Of one submission."""
