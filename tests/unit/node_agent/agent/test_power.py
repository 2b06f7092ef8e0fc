"""Suspending by a command, packets for others, and which cards a machine has."""

import socket
import sys
import time
from types import SimpleNamespace

import psutil
import pytest

from node_agent.agent import cli, platform_posix
from node_agent.agent.cards import cards, is_this_machine
from node_agent.agent.identity import DispatcherPlace
from node_agent.agent.power import Power, send_packets
from node_agent.agent.settings import Settings

MAC = "0c:42:a1:5e:99:01"


def outcome(power):
    """Poll until the command has ended."""
    power.suspend()
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        found = power.turn()
        if found is not None or power.pid is None:
            return found
        time.sleep(0.005)
    raise AssertionError("the command never ended")


def test_a_command_that_went_well_is_no_news(tmp_path):
    note = tmp_path / "slept"
    power = Power([sys.executable, "-c", f"open({str(note)!r}, 'w')"], tmp_path)
    assert outcome(power) is None
    assert note.exists()


def test_one_that_failed_says_why(tmp_path):
    power = Power([sys.executable, "-c", "raise SystemExit('Access denied')"], tmp_path)
    assert outcome(power).sentence.endswith("ended with 1: Access denied")
    assert "/no/such" in outcome(Power(["/no/such"], tmp_path)).sentence
    assert "no command" in outcome(Power([], tmp_path)).sentence


def test_a_node_sends_packets_for_another():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as card:
        card.bind(("127.0.0.1", 0))
        card.settimeout(30)
        send_packets([MAC], ["not.a.number", "127.0.0.1"], ports=[card.getsockname()[1]])
        assert card.recv(1000) == b"\xff" * 6 + bytes.fromhex("0c42a15e9901") * 16


def link(mac):
    return SimpleNamespace(family=psutil.AF_LINK, address=mac, broadcast=None)


def inet(broadcast):
    return SimpleNamespace(family=socket.AF_INET, address="10.0.0.7", broadcast=broadcast)


def test_the_cards_are_the_hardware_ones_with_their_networks(tmp_path):
    found = {
        "lo": [link("00:00:00:00:00:00"), inet(None)],
        "eth0": [link("0C-42-A1-5E-99-01"), inet("10.0.0.255")],
        "eth1": [link("0c:42:a1:5e:99:02")],
        "docker0": [link("02:42:ac:11:00:02"), inet("172.17.255.255")],
    }
    for name in ("eth0", "eth1"):
        (tmp_path / name / "device").mkdir(parents=True)
    assert cards(lambda: found, tmp_path) == ([MAC, "0c:42:a1:5e:99:02"], ["10.0.0.255", ""])
    assert len(cards(lambda: found, tmp_path / "nowhere")[0]) == 3


def test_a_machine_whose_addresses_cannot_be_read_has_none():
    def fail():
        raise OSError("no")

    assert cards(fail) == ([], [])


def test_only_a_machine_that_can_suspend_has_a_command_for_it(tmp_path, monkeypatch):
    states = tmp_path / "state"
    monkeypatch.setattr(platform_posix.shutil, "which", lambda name: f"/bin/{name}")
    monkeypatch.setattr(sys, "platform", "linux")
    assert platform_posix.sleep_command(states) == []
    states.write_text("disk\n")
    assert platform_posix.sleep_command(states) == []
    states.write_text("freeze mem disk\n")
    assert platform_posix.sleep_command(states) == ["systemctl", "suspend"]


@pytest.mark.parametrize(
    ("host", "own"),
    [("127.0.0.1", True), ("localhost", True), ("10.0.0.7", True), ("10.0.0.8", False)],
)
def test_the_dispatchers_own_machine_does_not_sleep_by_itself(host, own, monkeypatch):
    assert is_this_machine(host, lambda: {"eth0": [inet("10.0.0.255")]}) == own
    monkeypatch.setattr(cli, "is_this_machine", lambda _host: own)
    monkeypatch.setattr(platform_posix, "sleep_command", lambda: ["suspend"])
    place = DispatcherPlace(f"tcp://{host}:17150", "k" * 40)
    assert cli._sleep_command(Settings(), place) == ([] if own else ["suspend"])
    assert cli._sleep_command(Settings(sleep_command=["mine"]), place) == ["mine"]
    assert cli._sleep_command(Settings(sleep_command=["mine"], may_sleep=False), place) == []
