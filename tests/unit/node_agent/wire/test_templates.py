"""Patterns give file names and arguments, and refuse what could escape a folder."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node_agent.wire import templates
from node_agent.wire.job import CommandWork, Frames, KernelWork, Output
from node_agent.wire.templates import TemplateFault


@pytest.mark.parametrize(
    ("pattern", "frame", "name"),
    [
        ("frame.{frame:04d}.exr", 7, "frame.0007.exr"),
        ("frame.{frame:04d}.exr", -7, "frame.-007.exr"),
        ("a{frame}", 12, "a12"),
        ("a{{{frame:d}}}", 12, "a{12}"),
        ("плита.{frame:6d}.png", 1, "плита.     1.png"),
    ],
)
def test_a_frames_name(pattern, frame, name):
    assert templates.file_name(Output(pattern=pattern), frame) == name


@pytest.mark.parametrize(
    "pattern",
    [
        "{frame.__class__}",
        "{frame!r}",
        "{frame[0]}",
        "{0}",
        "{}",
        "{other}",
        "{frame",
        "frame}",
        "{frame:{frame}}",
        "{frame:999999999d}",
        "{frame:,}",
        "",
        "..",
        ".hidden",
        "-rf",
        "~",
        "a/b",
        "a\\b",
        "../a",
        "a\0b",
        "a\nb",
        "a\x1b[2J",
        "nul.exr",
        "COM1",
        "a.",
        "a ",
        "a:b",
        "x" * 201,
        "é" * 101,
    ],
)
def test_a_pattern_that_could_do_harm_is_refused_in_a_sentence(pattern):
    with pytest.raises(TemplateFault, match=r"\.$"):
        templates.file_name(Output(pattern=pattern), 1)


@pytest.mark.parametrize("path", ["", "out", "../out", "/a/../b", "/a\0", "/a\n", "/" + "a" * 2001])
def test_a_folder_that_climbs_is_refused(path):
    with pytest.raises(TemplateFault, match=r"\.$"):
        templates.check_directory(path)


@pytest.mark.parametrize("path", ["/", "/mnt/show/sh0040", "C:\\out", "\\\\server\\share", "/a..b"])
def test_an_absolute_folder_is_taken(path):
    assert templates.check_directory(path) is None


def test_text_values_take_no_format():
    assert templates.fill("--out={output}", {"output": "/a {b}"}) == "--out=/a {b}"
    with pytest.raises(TemplateFault):
        templates.fill("{output:>99}", {"output": "/a"})


@given(st.text(max_size=40), st.integers(-(10**9), 10**9))
def test_any_pattern_gives_a_plain_name_or_is_refused(pattern, frame):
    try:
        name = templates.file_name(Output(pattern=pattern), frame)
    except TemplateFault:
        return
    assert "/" not in name
    assert "\\" not in name
    assert name not in {"", ".", ".."}


def test_temporary_paths_of_a_chunk():
    output = Output(directory="/out/", pattern="f.{frame}.exr", preview_directory="/png")
    work = KernelWork(kernel="noop", scene="", output=output)

    assert templates.temporary_paths(work, Frames(1, 3, 2), 5) == [
        "/out/.f.1.exr.5.tmp",
        "/png/.f.1.png.5.tmp",
        "/out/.f.3.exr.5.tmp",
        "/png/.f.3.png.5.tmp",
    ]


def test_a_refused_pattern_leaves_nothing_behind():
    work = CommandWork(argv=["true"], output=Output(directory="/out", pattern="../{frame}"))

    assert templates.temporary_paths(work, Frames(1, 2), 1) == []


def test_derived_names():
    assert templates.preview_name("frame.0001.exr") == "frame.0001.png"
    assert templates.preview_name("frame") == "frame.png"
    assert templates.part_name("f.exr", 8, 4) == "f.exr.8-12.part"
