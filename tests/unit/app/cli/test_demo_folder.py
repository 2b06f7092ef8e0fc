"""The demo deletes what is its own, and nothing else, ever."""

import os

import pytest

from app.cli.demo.folder import MARK, open_folder
from app.errors import EnvironmentFault, UserMistake
from app.store.home import Home
from tests.integration.cli.fake_farm import FakeFarm


def test_a_new_folder_is_made_and_marked(tmp_path):
    folder = open_folder(tmp_path / "a" / "demo")
    assert folder.farm.is_dir()
    assert (folder.root / MARK).is_file()


def test_the_next_demo_clears_the_last_one_and_leaves_other_files(tmp_path):
    folder = open_folder(tmp_path)
    (folder.farm / "windfire.db").write_text("old")
    folder.frames.mkdir()
    folder.sheet.write_text("old")
    (tmp_path / "notes.txt").write_text("mine")
    open_folder(tmp_path)
    assert not list(folder.farm.iterdir())
    assert not folder.frames.exists()
    assert not folder.sheet.exists()
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_a_folder_of_somebody_else_is_left_alone(tmp_path):
    (tmp_path / "farm").mkdir()
    (tmp_path / "farm" / "cows.txt").write_text("12")
    with pytest.raises(UserMistake, match=r"^.* has files that are not the demo's"):
        open_folder(tmp_path)
    assert (tmp_path / "farm" / "cows.txt").read_text() == "12"


def test_a_link_is_unlinked_and_what_it_leads_to_stays(tmp_path):
    elsewhere = tmp_path / "films"
    elsewhere.mkdir()
    (elsewhere / "a.exr").write_text("dear")
    demo = open_folder(tmp_path / "demo")
    demo.frames.symlink_to(elsewhere)
    open_folder(tmp_path / "demo")
    assert (elsewhere / "a.exr").read_text() == "dear"
    assert not demo.frames.exists()


def test_a_running_demo_is_not_pulled_from_under_its_feet(tmp_path):
    folder = open_folder(tmp_path)
    with FakeFarm(folder.farm):
        with pytest.raises(UserMistake, match="A demo is running"):
            open_folder(tmp_path)
        assert Home(folder.farm).connection.exists()


def test_a_file_in_the_way_is_a_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserMistake, match="is a file"):
        open_folder(tmp_path / "file")
    with pytest.raises(EnvironmentFault, match="cannot be used"):
        open_folder(tmp_path / "file" / "demo")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(EnvironmentFault, match="cannot be used"):
        open_folder(tmp_path / "demo")
