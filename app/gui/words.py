"""Every text that a person reads goes through ``tr``: the one way into Qt's translations.

``scripts/translate`` has Qt's lupdate collect the texts into resources/translations/*.ts, and its lrelease
make the *.qm that this module reads. How to write a text that can be translated: docs/texts.md.
"""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QLibraryInfo, QLocale, QTranslator
from PySide6.QtWidgets import QApplication

from app import resources

LANGUAGES = {"en": "English", "zh_CN": "简体中文"}
"""Those that are complete, each in its own words. 'pseudo' is for tests: English, two fifths longer."""
FALLBACK = "en"


class _Chosen:
    """The language in use: read at the first text, so that no text needs an application first."""

    name = FALLBACK
    catalogues: tuple[QTranslator, ...] = ()
    of_qt: QTranslator | None = None


def tr(source: str, comment: str = "", count: int = -1) -> str:
    """Return the text in the chosen language; the English source where there is no other.

    ``comment`` tells texts apart that are one word in English. With ``count`` the form of that number is
    chosen, and its ``{n}`` is filled in. Other fields are filled by the caller: ``tr("…{shot}…").format(…)``.
    """
    found = _found(source, comment, count)
    return found.replace("{n}", number(count)) if count >= 0 else found


def mark(source: str) -> str:
    """Return the text as it is, and have it translated: for tables, which give it to ``tr`` later."""
    return source


def number(count: int) -> str:
    """Return a count with its thousands set apart: '12 400'."""
    return f"{count:,}".replace(",", "\N{THIN SPACE}")


def use(name: str, application: QApplication | None = None) -> None:
    """Speak this language from now on; 'system' is the desktop's. Texts shown already stay as they are."""
    _Chosen.name = chosen(name)
    _Chosen.catalogues = tuple(_load(each) for each in dict.fromkeys((_Chosen.name, FALLBACK)))
    _found.cache_clear()
    if application is not None:
        _dress_qt(application)


def language() -> str:
    """Return the language in use."""
    return _Chosen.name


def chosen(name: str) -> str:
    """Return the language that a setting stands for."""
    if name == "system":
        return "zh_CN" if QLocale.system().name().startswith("zh") else FALLBACK
    return name if name in LANGUAGES or name == "pseudo" else FALLBACK


@lru_cache(maxsize=4096)
def _found(source: str, comment: str, count: int) -> str:
    if not _Chosen.catalogues:
        use(_Chosen.name)
    for catalogue in _Chosen.catalogues:
        text = catalogue.translate("", source, comment or None, count)
        if text:
            break
    else:
        # Until a new text is in the catalogue of English plurals: its regular form.
        text = source.replace("(s)", "" if count == 1 else "s") if count >= 0 else source
    return stretched(text) if _Chosen.name == "pseudo" else text


def stretched(text: str) -> str:
    """Return the text two fifths longer, as a wordy language would make it."""
    return f"{text}{'·' * max(2, round(len(text) * 0.4))}"


def _load(name: str) -> QTranslator:
    made = QTranslator()
    if name != "pseudo":
        made.load(str(resources.find(f"translations/windfire_{name}.qm")))
    return made


def _dress_qt(application: QApplication) -> None:
    """Have Qt's own words, such as a line edit's menu, in the same language."""
    if _Chosen.of_qt is not None:
        application.removeTranslator(_Chosen.of_qt)
    made = QTranslator(application)
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    made.load(f"qtbase_{_Chosen.name}", folder)
    application.installTranslator(made)
    _Chosen.of_qt = made
