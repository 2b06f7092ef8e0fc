"""What the agent refuses before it starts."""

import os

import pytest

from node_agent.agent import cli


@pytest.fixture(autouse=True)
def root(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)


def test_root_is_refused_in_a_sentence(tmp_path, capsys):
    assert cli.main(["--data", str(tmp_path / "data")]) == cli.EXIT_USAGE
    assert "Started as root" in capsys.readouterr().err
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("allowed", [["--allow-root"], ["--worker-user", "nobody"]])
def test_root_that_was_meant_goes_on(tmp_path, capsys, allowed):
    assert cli.main(["--data", str(tmp_path / "data"), *allowed]) == cli.EXIT_USAGE
    assert "joined no farm" in capsys.readouterr().err
