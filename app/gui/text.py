"""Numbers as people read them: times of the clock, durations, sizes, counts.

No Qt. Whoever calls gives the time and the zone, so that tests and pictures can freeze both.
"""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR
UNITS = ("B", "KiB", "MiB", "GiB", "TiB")


def local(unix: float, zone: tzinfo | None = None) -> datetime:
    """Return a Unix time in the desktop's zone, or in the one given."""
    return datetime.fromtimestamp(unix, tz=zone).astimezone(zone)


def clock(unix: float, now: float, zone: tzinfo | None = None) -> str:
    """Return '18:42', with the day where it is not today's; '' for 0 (not known)."""
    if not unix:
        return ""
    then, today = local(unix, zone), local(now, zone)
    time = f"{then:%H:%M}"
    if then.date() == today.date():
        return time
    if then.date() == today.date() + timedelta(days=1):
        return f"tomorrow {time}"
    near = abs(unix - now) < 6 * DAY
    return f"{then:%a} {time}" if near else f"{then:%d %b} {time}"


def duration(seconds: float) -> str:
    """Return the two largest units: '42 s', '8 min', '1 h 20 min', '3 d 4 h'."""
    whole = max(0, round(seconds))
    if whole < MINUTE:
        return f"{whole} s"
    if whole < HOUR:
        return f"{round(whole / MINUTE)} min"
    if whole < DAY:
        hours, minutes = divmod(round(whole / MINUTE), 60)
        return f"{hours} h {minutes:02d} min" if hours < 10 else f"{hours} h"
    days, hours = divmod(round(whole / HOUR), 24)
    return f"{days} d {hours} h" if hours else f"{days} d"


def exact_duration(seconds: float) -> str:
    """Return a frame's time: '4.2 s', '1:07', '1:02:09'."""
    if seconds < MINUTE:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def shift(seconds: float) -> str:
    """Return a change of a finish time: '−12 min', '+1 h 05 min'; '' under half a minute."""
    if abs(seconds) < MINUTE / 2:
        return ""
    sign = "−" if seconds < 0 else "+"
    return sign + duration(max(abs(seconds), MINUTE))


def size(count: float) -> str:
    """Return bytes in binary units: '3.2 GiB'."""
    value, unit = float(count), 0
    while value >= 1024 and unit < len(UNITS) - 1:
        value, unit = value / 1024, unit + 1
    is_whole = unit == 0 or value >= 100 or value == int(value)
    return f"{value:.0f} {UNITS[unit]}" if is_whole else f"{value:.1f} {UNITS[unit]}"


def plural(count: int, one: str, many: str = "") -> str:
    """Return '1 frame' or '3 frames'."""
    return f"{count:,} {one if count == 1 else many or one + 's'}".replace(",", "\N{THIN SPACE}")


def age(seconds: float) -> str:
    """Return how old something is: 'just now', '12 s ago'."""
    return "just now" if seconds < 2 else f"{duration(seconds)} ago"
