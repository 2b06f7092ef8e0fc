"""Names of shots, and the folders that their frames go to."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.errors import EnvironmentFault, UserMistake
from app.submit.naming import ShotName, claim_version, default_shot, output_folder, parse_shot

NAME = ShotName("NZ2", "sq010", "sh0040")


def test_a_shot_is_written_as_three_parts():
    assert parse_shot(" NZ2/sq010/sh0040 ") == NAME
    assert str(NAME) == "NZ2/sq010/sh0040"
    assert parse_shot("新西兰/一/sh-1.b").project == "新西兰"


@pytest.mark.parametrize(
    "text",
    ["", "a", "a/b", "a/b/c/d", "a//c", "/a/b", "a/b/..", "a/b/.c", "a/b/c d", "a/b/-c", "a/b/c.", "a/b/\n",
     "a/b/" + "c" * 65, "a/b/c\0", "a\\b/c/d", "a/b/{c}"],
)  # fmt: skip
def test_what_is_no_shot_is_refused_in_one_sentence(text):
    with pytest.raises(UserMistake) as refused:
        parse_shot(text)
    assert "\n" not in refused.value.sentence.strip()
    assert refused.value.sentence.endswith(".")


def test_a_file_names_its_shot_by_folder_and_name():
    assert str(default_shot(Path("/films/kiwi/tea pot (2).usda"))) == "kiwi/main/tea_pot_2"
    assert str(default_shot(Path("/...usda"))) == "project/main/shot"


def test_versions_count_up_and_are_never_given_twice(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        folders = list(pool.map(lambda _: claim_version(tmp_path, NAME), range(20)))
    assert len(set(folders)) == 20
    assert claim_version(tmp_path, NAME) == tmp_path / "NZ2/sq010/sh0040/v021"


def test_a_version_follows_the_highest_even_when_others_are_gone(tmp_path):
    (tmp_path / "NZ2/sq010/sh0040/v007").mkdir(parents=True)
    (tmp_path / "NZ2/sq010/sh0040/vacation").mkdir()
    assert claim_version(tmp_path, NAME).name == "v008"


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_says_what_to_do(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(EnvironmentFault, match="--out"):
        claim_version(tmp_path, NAME)


def test_a_file_in_the_way_says_what_to_do(tmp_path):
    (tmp_path / "NZ2").write_text("")
    with pytest.raises(EnvironmentFault, match="--out"):
        output_folder(None, tmp_path, NAME)
    with pytest.raises(EnvironmentFault, match="cannot be made"):
        output_folder(tmp_path / "NZ2" / "x", tmp_path, NAME)


def test_a_given_folder_is_made_absolute(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert output_folder("frames/a", tmp_path, NAME) == tmp_path / "frames" / "a"
    assert (tmp_path / "frames" / "a").is_dir()
