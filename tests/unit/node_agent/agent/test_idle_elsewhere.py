"""Windows' and macOS's calls, with stand-ins: what their answers mean, and no answer."""

import pytest

from node_agent.agent.idle_elsewhere import mac_idle_s, windows_idle_s

IOREG = """  | |   "HIDParameters" = {"x"=1}
  | |   "HIDIdleTime" = 4500000000
"""


class Windows:
    """user32 and kernel32 in one."""

    def __init__(self, last: int, now: int, *, has_desktop: bool = True) -> None:
        self._last, self._now, self._has_desktop = last, now, has_desktop

    def GetLastInputInfo(self, pointer) -> int:
        assert pointer._obj.size == 8
        pointer._obj.tick = self._last
        return int(self._has_desktop)

    def GetTickCount(self) -> int:
        return self._now


@pytest.mark.parametrize(
    ("last", "now", "seconds"), [(1_000, 3_500, 2.5), (2**32 - 500, 500, 1.0), (7, 7, 0.0)]
)
def test_windows_counts_from_the_last_input_also_past_its_counters_end(last, now, seconds):
    windows = Windows(last, now)
    assert windows_idle_s(windows, windows) == seconds


def test_a_windows_service_without_a_desktop_cannot_tell():
    windows = Windows(0, 9, has_desktop=False)
    assert windows_idle_s(windows, windows) is None


def test_macos_tells_in_nanoseconds_or_not_at_all():
    assert mac_idle_s(lambda: IOREG) == 4.5
    assert mac_idle_s(lambda: "") is None
