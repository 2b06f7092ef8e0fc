"""Numbers as people read them, in their language: times of the clock, durations, sizes, counts.

Whoever calls gives the time and the zone, so that tests and pictures can freeze both.
"""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

from app.gui import words
from app.gui.words import mark, tr

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR
UNITS = ("B", "KiB", "MiB", "GiB", "TiB")
WEEKDAYS = (
    *(mark("Mon"), mark("Tue"), mark("Wed"), mark("Thu"), mark("Fri"), mark("Sat"), mark("Sun")),
)
MONTHS = (
    *(mark("Jan"), mark("Feb"), mark("Mar"), mark("Apr"), mark("May"), mark("Jun")),
    *(mark("Jul"), mark("Aug"), mark("Sep"), mark("Oct"), mark("Nov"), mark("Dec")),
)


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
        return tr("tomorrow {time}").format(time=time)
    if abs(unix - now) < 6 * DAY:
        return tr("{weekday} {time}").format(weekday=tr(WEEKDAYS[then.weekday()]), time=time)
    month = tr(MONTHS[then.month - 1])
    return tr("{day} {month} {time}").format(day=f"{then.day:02d}", month=month, time=time)


def day(unix: float, zone: tzinfo | None = None) -> str:
    """Return a day: '12 Nov'."""
    then = local(unix, zone)
    return tr("{day} {month}").format(day=then.day, month=tr(MONTHS[then.month - 1]))


def duration(seconds: float) -> str:
    """Return the two largest units: '42 s', '8 min', '1 h 20 min', '3 d 4 h'."""
    whole = max(0, round(seconds))
    if whole < MINUTE:
        return tr("{s} s").format(s=whole)
    if whole < HOUR:
        return tr("{m} min").format(m=round(whole / MINUTE))
    if whole < DAY:
        hours, minutes = divmod(round(whole / MINUTE), 60)
        if hours >= 10:
            return tr("{h} h").format(h=hours)
        return tr("{h} h {m} min").format(h=hours, m=f"{minutes:02d}")
    days, hours = divmod(round(whole / HOUR), 24)
    return tr("{d} d {h} h").format(d=days, h=hours) if hours else tr("{d} d").format(d=days)


def exact_duration(seconds: float) -> str:
    """Return a frame's time: '4.2 s', '1:07', '1:02:09'."""
    if seconds < MINUTE:
        return tr("{s} s").format(s=f"{seconds:.1f}")
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def shift(seconds: float) -> str:
    """Return a change of a finish time: '−12 min', '+1 h 05 min'; '' under half a minute."""
    if abs(seconds) < MINUTE / 2:
        return ""
    sign = "−" if seconds < 0 else "+"
    return sign + duration(max(abs(seconds), MINUTE))


def number(count: int) -> str:
    """Return a count with its thousands set apart: '12 400'."""
    return words.number(count)


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
    return tr("just now") if seconds < 2 else tr("{time} ago").format(time=duration(seconds))
