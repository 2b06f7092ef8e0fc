"""What the farm says is shown in the window's language: every refusal, reason, remedy and cause that the code has."""

import importlib.util
import re
from importlib.machinery import SourceFileLoader
from pathlib import Path

import pytest

from app import resources
from app.gui import words
from app.gui.said import FIELD, spoken
from app.gui.words import tr

ROOT = Path(__file__).resolve().parents[2]
NEW_MAX = 60
"""Sentences that other parts may have gained since ``scripts/translate`` ran: shown in English until it does."""

LARGE = (
    "It needs 4 GPUs and 16.0 GiB of RAM of one node at once, and no node has that free now;"
    " ember-01, ember-02 and 3 more are held back for it."
)
HELD_BACK = (
    "它需要同时占用4 个 GPU 和 16.0 GiB 内存（同一节点），而现在没有节点有这么多空闲；"
    "已为它留出 ember-01, ember-02 等另外 3 个。"
)


@pytest.fixture(autouse=True)
def in_chinese():
    words.use("zh_CN")
    yield
    words.use("en")


def farm_says() -> list[str]:
    return resources.find("translations/farm.txt").read_text("utf-8").splitlines()


def test_ux24_every_sentence_of_the_farm_is_known_again_and_translated():
    """Each with its fields filled is said in Chinese, with the same fields in it."""
    wrong = []
    for line in farm_says():
        numbers = iter(range(7001, 7020))
        english = FIELD.sub(lambda _, it=numbers: str(next(it)), line)
        fields = re.findall(r"70\d\d", english)
        heard = spoken(english)
        is_lost = not all(field in heard for field in fields)
        if heard == english or is_lost or not re.search(r"[\u4e00-\u9fff]", heard):
            wrong.append((english, heard))
    assert not wrong


def test_ux24_what_the_core_says_now_is_in_the_catalogue():
    loader = SourceFileLoader("translate", str(ROOT / "scripts" / "translate"))
    script = importlib.util.module_from_spec(importlib.util.spec_from_loader("translate", loader))
    loader.exec_module(script)
    assert len(script.unknown()) <= NEW_MAX
    known = set(farm_says())
    for line in (
        "All nodes that can run it are busy with earlier shots.",
        "{name} was changed since by {name2}, so this can no longer be undone.",
        "{count} frame failed: {newest}",
        "Retry what failed",
        "{name} ended with exit code {code}.",
    ):
        assert line in known


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("Paused.", "已暂停。"),
        (
            "2 frames failed: clothsolver ended with exit code 1.",
            "2 帧失败：clothsolver 已结束，退出码 1。",
        ),
        (
            "3 of 4 of the limit nuke are in use, and their owners want the rest.",
            "限额 nuke 共 4 个，已占用 3 个，其余部分归属方要用。",
        ),
        (
            LARGE,
            HELD_BACK,
        ),
        (
            "All connected nodes are away: An artist works here.",
            "所有已连接的节点都暂离：有艺术家正在此工作。",
        ),
        (
            "No news of ember for 30 s. That was node death 2 under this frame.",
            "ember 已有 30 秒没有消息。这是该帧第 2 次遇到节点失效。",
        ),
        (
            "2 frames yield, and no sample is lost; 1 frame of a command is killed, which loses 5 min of work.",
            "2 帧让出，不丢失任何采样；命令的 1 帧被结束，损失 5 分钟 的工作。",
        ),
    ],
)
def test_ux24_composed_sentences_are_translated_whole(english, chinese):
    assert spoken(english) == chinese


@pytest.mark.parametrize("line", ["error: cloth.1014.abc ends early", "Segmentation fault", ""])
def test_what_a_program_wrote_stays_as_it_is(line):
    assert spoken(line) == line


def test_english_stays_english():
    words.use("en")
    assert spoken("There is no shot 7.") == "There is no shot 7."


def test_ux24_the_doctor_and_a_refusal_speak_chinese(window, link, farm):
    """From the farm's answer to what is read."""
    link.refuse_with = "There is no shot 7."
    heard = []
    window.operations.said.connect(lambda sentence, kind: heard.append((sentence, kind)))
    window.queue.view.choose([1])
    window.queue.pause()
    assert heard == [(tr("There is no shot {shot}.").format(shot=7), "refused")]
