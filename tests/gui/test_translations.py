"""The catalogues: every text of the window is in them, translated, and compiled as it stands there."""

import ast
import importlib.util
import re
import xml.etree.ElementTree as ET
from importlib.machinery import SourceFileLoader
from pathlib import Path

import pytest

from app import resources
from app.gui import words

ROOT = Path(__file__).resolve().parents[2]
FIELDS = re.compile(r"\{\w*\}")


@pytest.fixture(scope="module")
def translate():
    """The script, as a module."""
    loader = SourceFileLoader("translate", str(ROOT / "scripts" / "translate"))
    made = importlib.util.module_from_spec(importlib.util.spec_from_loader("translate", loader))
    loader.exec_module(made)
    return made


@pytest.fixture(autouse=True)
def english_after():
    yield
    words.use("en")


def messages(language: str) -> dict[tuple[str, str], list[str]]:
    """Return the translations of a catalogue by source and comment."""
    tree = ET.parse(resources.find(f"translations/windfire_{language}.ts"))
    found = {}
    for message in tree.getroot().iter("message"):
        translation = message.find("translation")
        forms = [form.text or "" for form in translation] or [translation.text or ""]
        found[message.findtext("source"), message.findtext("comment") or ""] = forms
    return found


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_ux24_nothing_is_untranslated_or_stale(translate, language, tmp_path):
    assert translate.update(language, tmp_path, True) == []


def test_a_text_that_lupdate_cannot_see_is_found():
    """It reads no f-string; a ``tr`` inside one would stay English for ever."""
    known = {source for source, _ in messages("zh_CN")}
    unseen = []
    for file in sorted((ROOT / "app" / "gui").rglob("*.py")):
        for call in ast.walk(ast.parse(file.read_text("utf-8"))):
            is_text = isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
            if is_text and call.func.id in ("tr", "mark") and call.args:
                text = call.args[0]
                if isinstance(text, ast.Constant) and text.value not in known:
                    unseen.append(f"{file.name}:{call.lineno}: {text.value!r}")
                if isinstance(text, ast.JoinedStr):
                    unseen.append(f"{file.name}:{call.lineno}: an f-string")
    assert not unseen


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_a_translation_has_the_fields_of_its_source(language):
    wrong = [
        source
        for (source, _), forms in messages(language).items()
        for form in forms
        if set(FIELDS.findall(form)) - set(FIELDS.findall(source))
        or (set(FIELDS.findall(source)) - set(FIELDS.findall(form)) - {"{n}"})
    ]
    assert not wrong


def test_menus_keep_their_keys_in_chinese():
    lost = [
        source
        for (source, _), (form, *_) in messages("zh_CN").items()
        if "&" in source and "&" not in form
    ]
    assert not lost


def test_ux24_chinese_is_spoken_by_the_window(qapp, window):
    words.use("zh_CN")
    from app.gui.actions import Actions

    spoken = Actions(window)
    assert spoken["undo"].text() == "撤销(&U)"
    assert spoken["submit"].toolTip().startswith("将 USD 场景作为镜头提交")
    assert words.tr("{n} shot(s)", "", 3) == "3 个镜头"
    words.use("en")
    assert words.tr("{n} node(s) are lost", "", 1) == "1 node is lost"
