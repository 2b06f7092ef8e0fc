"""One folder, three names: what a node makes of the paths that another system wrote."""

import pytest

from node_agent.wire.job import CommandWork, KernelWork, LogRule, OpenJDWork, Output, PathRoots
from node_agent.wire.paths import localise, map_argument, map_path, system_of

FILMS = PathRoots(linux="/films", windows="Z:\\films", mac="/Volumes/films")
SHARE = PathRoots(linux="/srv/cache", windows="\\\\filer\\cache")
INNER = PathRoots(linux="/fast/nz2", windows="Z:\\films\\nz2")
PATHS = [FILMS, SHARE, INNER]


class TestMapping:
    @pytest.mark.parametrize(
        ("path", "system", "expected"),
        [
            ("Z:\\films\\a\\b.exr", "linux", "/films/a/b.exr"),
            ("z:/FILMS/a/b.exr", "linux", "/films/a/b.exr"),
            ("/Volumes/films/a b/c.exr", "linux", "/films/a b/c.exr"),
            ("/films/a/b.exr", "windows", "Z:\\films\\a\\b.exr"),
            ("/films/a/b.exr", "mac", "/Volumes/films/a/b.exr"),
            ("/films", "mac", "/Volumes/films"),
            ("\\\\Filer\\cache\\x", "linux", "/srv/cache/x"),
            ("//filer/cache/x", "linux", "/srv/cache/x"),
            # The longest name counts, not the first.
            ("Z:\\films\\nz2\\a.exr", "linux", "/fast/nz2/a.exr"),
            # A folder that only begins with the same letters is another folder.
            ("/filmset/a.exr", "windows", "/filmset/a.exr"),
            # What this system has no name for stays.
            ("\\\\filer\\cache\\x", "mac", "\\\\filer\\cache\\x"),
            # A backslash is a letter of a Linux name.
            ("/films/odd\\name", "mac", "/Volumes/films/odd\\name"),
            ("frame.exr", "windows", "frame.exr"),
        ],
    )
    def test_a_path_gets_this_systems_name(self, path, system, expected):
        assert map_path(path, PATHS, system) == expected

    def test_an_argument_is_mapped_after_its_equals_sign(self):
        assert map_argument("--out=Z:\\films\\a", PATHS, "linux") == "--out=/films/a"
        assert map_argument("Z:\\films\\a=b", PATHS, "linux") == "/films/a=b"

    def test_systems_are_known_by_pythons_names(self):
        assert [system_of(name) for name in ("linux", "darwin", "win32")] == [
            "linux",
            "mac",
            "windows",
        ]


class TestWorks:
    def test_every_path_of_a_work_is_mapped(self):
        output = Output(directory="Z:\\films\\out", preview_directory="Z:\\films\\out\\preview")
        command = CommandWork(
            argv=["nuke", "Z:\\films\\a.nk", "{output}"],
            environment={"ROOT": "Z:\\films"},
            output=output,
        )
        mapped = localise(command, PATHS, [], "linux")
        assert mapped.argv == ["nuke", "/films/a.nk", "{output}"]
        assert mapped.environment == {"ROOT": "/films"}
        assert mapped.output.directory == "/films/out"
        assert mapped.output.preview_directory == "/films/out/preview"
        kernel = KernelWork(kernel="k", scene="Z:\\films\\a.usd", output=output)
        assert localise(kernel, PATHS, [], "linux").scene == "/films/a.usd"

    def test_the_farms_log_rules_come_after_the_steps(self):
        own, farm = LogRule(pattern="own"), LogRule(pattern="farm")
        work = CommandWork(argv=["x"], log_rules=[own])
        assert localise(work, [], [farm], "linux").log_rules == [own, farm]

    def test_openjd_takes_the_paths_along_for_its_library(self):
        work = localise(OpenJDWork(template="{}", session="s"), PATHS, [], "linux")
        assert work.paths == PATHS
