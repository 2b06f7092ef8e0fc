"""`windfire paths`, `log-rule` and what `submit` refuses, against a fake farm."""

import pytest

from app.cli.main import run
from app.core import commands
from node_agent.wire.job import LogRule, PathRoots
from tests.integration.cli.fake_farm import FakeFarm, make_snapshot

FILMS = PathRoots(linux="/films", windows="Z:\\films")
LICENCE = LogRule(pattern="no licence", cause="environment", sentence="No licence was free.")


@pytest.fixture
def farm(tmp_path):
    with FakeFarm(tmp_path) as farm:
        farm.snapshot = make_snapshot()
        rules = commands.FarmRules(paths=[FILMS], log_rules=[LICENCE])
        farm.on[commands.GetRules] = lambda _: rules
        for kind in (commands.SetPaths, commands.SetLogRules):
            farm.on[kind] = lambda _: commands.Receipt(command=17)
        yield farm


def windfire(farm, capsys, *argv):
    status = run(["--home", str(farm.home.root), *argv])
    captured = capsys.readouterr()
    given = [ask for ask in farm.asks if isinstance(ask, commands.Command)]
    return status, (captured.out or captured.err).split(" (`windfire undo`")[0].strip(), given


CACHE = PathRoots(linux="/cache", mac="/Volumes/cache")


@pytest.mark.parametrize(
    ("argv", "asked"),
    [
        (
            ["paths", "--linux", "/cache", "--mac", "/Volumes/cache"],
            commands.SetPaths(paths=[FILMS, CACHE]),
        ),
        (["paths", "--remove", "Z:\\films"], commands.SetPaths()),
        (
            ["log-rule", "texture", "--explain-only"],
            commands.SetLogRules(rules=[LICENCE, LogRule(pattern="texture", ends=False)]),
        ),
        (["log-rule", "--remove", "no licence"], commands.SetLogRules()),
    ],
)
def test_one_entry_is_added_or_taken_away(farm, capsys, argv, asked):
    status, _, given = windfire(farm, capsys, *argv)
    assert (status, given) == (0, [asked])


def test_without_words_they_are_listed(farm, capsys):
    assert windfire(farm, capsys, "paths")[1] == "/films = Z:\\films"
    assert windfire(farm, capsys, "log-rule")[1] == (
        "no licence    environment    No licence was free."
    )


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["paths", "--remove", "/odd"], "No shared folder has the name /odd."),
        (["log-rule", "--remove", "odd"], "No log rule has the pattern odd."),
        (["submit", "--check", "odd", "--out", "/o", "--shot", "P/q/s", "--", "cp", "{output}"], "no check"),
        (["submit", "a.usda", "--fail-on", "x"], "--fail-on is for programs"),
        (["submit", "a.usda", "--check", "no-nan"], "are for programs and for Blender"),
        (["submit", "a.usda", "-p", "A=1"], "are for OpenJD job bundles"),
        (["submit", "a.usda", "-p", "A"], "must be NAME=VALUE"),
        (["submit", "a.blend", "--pattern", "x"], "are not for Blender"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_one_sentence(farm, capsys, argv, words):
    status, said, given = windfire(farm, capsys, *argv)
    assert (status, given) == (2, [])
    assert words in said


def test_a_bundle_takes_no_options_of_scenes(farm, capsys, tmp_path):
    (tmp_path / "template.json").write_text("{}")
    status, said, _ = windfire(farm, capsys, "submit", str(tmp_path), "--frames", "1-3")
    assert (status, "--frames is not for a job bundle" in said) == (2, True)
