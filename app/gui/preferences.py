"""What a person chose about the window, as one value: read from the settings, kept in them.

Written by app/gui/dialogs/preferences.py alone; a value that the file holds and nobody knows is the default.
"""

from __future__ import annotations

import configparser
from dataclasses import dataclass
from pathlib import Path

from app.gui import style, words
from app.gui.settings import Settings, default_file

SYSTEM = "system"
NOTICES = ("finished", "failed", "late", "lost")
"""Kinds of desktop notification."""
SCALE = "look/scale"


@dataclass(frozen=True)
class Preferences:
    """Times of the day are minutes since midnight, 0 to 1439."""

    theme: str = SYSTEM
    language: str = SYSTEM
    scale: int = 100
    """Percent; in force from the next start."""
    notices: frozenset[str] = frozenset(NOTICES)
    is_quiet_kept: bool = True
    quiet_from: int = 20 * 60
    quiet_until: int = 8 * 60

    @classmethod
    def load(cls, settings: Settings) -> Preferences:
        """Read what was kept."""
        return cls(
            theme=_one_of(settings.get("look/theme"), (SYSTEM, *style.THEMES)),
            language=_one_of(settings.get("look/language"), (SYSTEM, *words.LANGUAGES)),
            scale=_number(settings.get(SCALE), 100, style.SCALES[0], style.SCALES[-1]),
            notices=frozenset(
                kind for kind in NOTICES if settings.flag(f"notice/{kind}", default=True)
            ),
            is_quiet_kept=settings.flag("notice/quiet", default=True),
            quiet_from=_number(settings.get("notice/quiet_from"), cls.quiet_from, 0, 1439),
            quiet_until=_number(settings.get("notice/quiet_until"), cls.quiet_until, 0, 1439),
        )

    def keep(self, settings: Settings) -> None:
        """Have it written."""
        settings.set("look/theme", self.theme)
        settings.set("look/language", self.language)
        settings.set(SCALE, self.scale)
        for kind in NOTICES:
            settings.set(f"notice/{kind}", kind in self.notices)
        settings.set("notice/quiet", self.is_quiet_kept)
        settings.set("notice/quiet_from", self.quiet_from)
        settings.set("notice/quiet_until", self.quiet_until)

    def is_quiet(self, minute: int) -> bool:
        """Whether that minute of the day is in the quiet hours, which may go over midnight."""
        if not self.is_quiet_kept:
            return False
        if self.quiet_from <= self.quiet_until:
            return self.quiet_from <= minute < self.quiet_until
        return minute >= self.quiet_from or minute < self.quiet_until


def stored_scale(file: str = "") -> int:
    """Read the scale alone, before there is an application: Qt takes it from the environment at its start."""
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(Path(file or default_file()).read_text("utf-8"))
        kept = parser.get("look", "scale", fallback="")
    except (OSError, UnicodeDecodeError, configparser.Error):
        kept = ""
    return _number(kept, 100, style.SCALES[0], style.SCALES[-1])


def _one_of(value: object, known: tuple[str, ...]) -> str:
    return str(value) if value in known else known[0]


def _number(value: object, default: int, least: int, most: int) -> int:
    words_ = str(value)
    return min(most, max(least, int(words_))) if words_.isdecimal() else default
