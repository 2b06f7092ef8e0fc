"""Command line, config file and defaults; and the service that is made of them."""

import json

import pytest

from node_agent.agent.services import install, launchd_plist, systemd_unit, windows_note
from node_agent.agent.settings import SettingsFault, parser, printed, settings_of


def settings(*arguments: str):
    return settings_of(parser().parse_args(arguments))


def test_the_command_line_comes_before_the_file_and_the_file_before_the_defaults(tmp_path):
    (tmp_path / "agent.json").write_text('{"name": "filed", "hours": "sat", "tags": ["b", "a"]}')
    found = settings("--data", str(tmp_path), "--name", "given")
    assert (found.name, found.hours, found.tags) == ("given", "sat", ["a", "b"])
    assert found.log_level == "info"


def test_what_is_printed_is_a_config_file_without_the_token(tmp_path):
    found = settings("--data", str(tmp_path), "--join", "wf1-secret", "--workstation", "yield")
    assert "wf1-secret" not in printed(found)
    path = tmp_path / "other.json"
    path.write_text(printed(found))
    again = settings("--config", str(path), "--data", str(tmp_path))
    assert again.workstation == "yield"


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "{",
        '{"nane": "x"}',
        '{"threads": -1}',
        '{"hours": "never"}',
        '{"workstation": "x"}',
        '{"devices": ["tpu"]}',
    ],
)
def test_a_senseless_file_is_refused_in_a_sentence(tmp_path, text):
    (tmp_path / "agent.json").write_text(text)
    with pytest.raises(SettingsFault, match=r"\.$"):
        settings("--data", str(tmp_path))


def test_a_file_that_was_named_must_be_there(tmp_path):
    with pytest.raises(SettingsFault, match="no config file"):
        settings("--config", str(tmp_path / "none.json"))


def test_a_node_that_is_nobodys_watches_nothing(tmp_path):
    assert settings("--data", str(tmp_path)).rules() is None
    assert settings("--data", str(tmp_path), "--hours", "sat").rules().policy == "finish"


def test_install_keeps_the_settings_and_writes_a_unit(tmp_path):
    data = tmp_path / "node data"
    hint = install(settings("--data", str(data), "--join", "wf1-x", "--hours", "sat"), tmp_path)
    unit = (tmp_path / "windfire-agent.service").read_text()
    assert f'--data "{data}"' in unit
    assert "KillMode=mixed" in unit
    assert "enable --now windfire-agent" in hint
    kept = json.loads((data / "agent.json").read_text())
    assert (kept["hours"], kept["join"]) == ("sat", "")


def test_each_system_gets_its_own_service():
    assert "User=render" in systemd_unit(["a"], "render", is_users_own=False)
    assert '"a%%b c"' in systemd_unit(["a%b c"], "", is_users_own=True)
    assert "<string>a &amp; b</string>" in launchd_plist(["a & b"])
    assert windows_note(["C:\\Program Files\\py", "x"]).endswith(
        '/TR "\\"C:\\Program Files\\py\\" x"'
    )
