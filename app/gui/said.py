"""What the farm says, in the window's language.

Core, dispatcher and agents speak English sentences, which logs and the command line show as they are. Here each is known
again by its template (``Step {name} waits for step {name2}.``), and the template's translation filled with its fields;
a field that is a phrase of the farm's own is translated too. What matches no template, such as a line that a
program wrote, stays as it is. The templates are collected by ``scripts/translate``. No Qt.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from app import resources
from app.gui import words
from app.gui.words import tr

FIELD = re.compile(r"\{(\w+)\}")
BETWEEN = re.compile(r"(?<=[.!?]) (?=[A-Z0-9\"'])")
"""Where a sentence ends and another begins."""
DEPTH_MAX = 8
SHORT = 12
"""Phrases with fewer letters of their own are not to swallow half a sentence: '{count} frames', '{used} of {bound}'."""
NUMBER, ONE, WITHIN, ANY = r"[\d.,%#]+", r"(?!and )(?:(?! and |, |; ).)*?", r"[^;]*?", r".*?"
TAIL_MIN = 8
"""Letters of its own that what follows a name must have: 'ember-01 and 3 more'."""


@dataclass(frozen=True, slots=True)
class Template:
    """``longest``: the longest piece of its own words, which is looked for before the pattern is tried."""

    source: str
    pattern: re.Pattern[str]
    tail: re.Pattern[str] | None
    """For what follows a sentence of its own: ', and their owners want the rest'."""
    longest: str


def spoken(sentence: str) -> str:
    """Return a sentence of the farm in the window's language; as it is where it is none of the farm's own."""
    if not sentence or words.language() == words.FALLBACK:
        return sentence
    return _spoken(sentence, words.language())


@lru_cache(maxsize=4096)
def _spoken(sentence: str, _language: str) -> str:
    parts = BETWEEN.split(sentence)
    found = [_match(part, 0) for part in parts]
    if all(found):
        return _space().join(filter(None, found))
    whole = _match(sentence, 0) if len(parts) > 1 else None
    return whole or " ".join(new or old for new, old in zip(found, parts, strict=True))


def _space() -> str:
    return "" if words.language().startswith("zh") else " "


def _match(text: str, depth: int) -> str | None:
    """Return a sentence or phrase in the window's language; None where no template has it."""
    if depth > DEPTH_MAX or not text.strip():
        return None
    for template in _templates():
        if template.longest in text and (found := template.pattern.fullmatch(text)):
            return _filled(template, found, depth)
    for way in (_with_tail, _with_stop, _listed):
        if (composed := way(text, depth)) is not None:
            return composed
    return None


def _filled(template: Template, found: re.Match[str], depth: int) -> str:
    fields = found.groupdict()

    def fill(field: re.Match[str]) -> str:
        value = fields[field[1]]
        return _match(value, depth + 1) or value

    return FIELD.sub(fill, tr(template.source))


def _with_tail(text: str, depth: int) -> str | None:
    """Read '… are in use, and their owners want the rest'."""
    for template in _templates():
        if template.tail and template.longest in text and (found := template.tail.search(text)):
            before = text[: found.start()]
            head = _match(before, depth + 1)
            if head is None and depth and before and _own(template.source) >= TAIL_MIN:
                head = before  # a name
            if head is not None:
                return head + _filled(template, found, depth)
    return None


def _with_stop(text: str, depth: int) -> str | None:
    """Read a sentence that was put together of phrases, and so has its full stop beside them."""
    phrase = _match(text[:-1], depth + 1) if text.endswith(".") else None
    return phrase and phrase + tr(".", "end of a sentence")


def _listed(text: str, depth: int) -> str | None:
    """Read phrases one after another: '4 GPUs and 16.0 GiB of RAM'."""
    for mark, of in ((" and ", tr("{one} and {another}")), ("; ", tr("{one}; {another}"))):
        one, found, another = text.partition(mark)
        if found:
            parts = _match(one, depth + 1), _match(another, depth + 1)
            if all(parts):
                return of.format(one=parts[0], another=parts[1])
    return None


@lru_cache(maxsize=1)
def _templates() -> tuple[Template, ...]:
    """Return what the farm may say: sentences before phrases, those with the most words of their own first."""
    lines = resources.find("translations/farm.txt").read_text("utf-8").splitlines()
    made = [_template(line) for line in lines if line]
    return tuple(sorted(made, key=lambda each: (_is_phrase(each.source), -_own(each.source))))


def _is_phrase(source: str) -> bool:
    return not source.endswith(".")


def _own(source: str) -> int:
    """Return how many characters are a template's own, and no field's."""
    return len(FIELD.sub("", source))


def _template(source: str) -> Template:
    pieces = FIELD.sub("\0", source).split("\0")
    pattern = "".join(_pattern(source))
    is_tail = source[0] in " ,;"
    return Template(
        source,
        re.compile(pattern, re.DOTALL),
        re.compile(pattern + "$", re.DOTALL) if is_tail else None,
        max(pieces, key=len),
    )


def _pattern(source: str) -> Iterator[str]:
    is_phrase = _is_phrase(source)
    is_short = is_phrase and _own(source) < SHORT
    at = 0
    for field in FIELD.finditer(source):
        yield re.escape(source[at : field.start()])
        value = (
            (NUMBER if field.start() == 0 else ONE) if is_short else WITHIN if is_phrase else ANY
        )
        at = field.end()
        # Of two fields without a word between them, the first takes all: what may follow is known by its own words.
        yield f"(?P<{field[1]}>{'.*' if source[at : at + 1] == '{' else value})"
    yield re.escape(source[at:])
