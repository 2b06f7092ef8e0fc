"""A key that the farm does not know, against the real dispatcher: refused in words, and let in live."""

import time
from dataclasses import replace

import pytest
import zmq

from app.cli.embedded import await_dispatcher, spawn_dispatcher
from app.cli.main import run
from app.cli.processes import end
from app.client.connection import Connection
from app.client.settings import load_settings
from app.core.commands import AddKey, GetAttempts, Pause, Receipt, Refusal, RevokeKey
from app.core.ids import Role
from app.errors import EnvironmentFault
from app.store.home import Home, KeyPair, write_key_pair

REFUSED = "The farm does not know this key: ask its administrator to let it in."


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path / "home")
    dispatcher = spawn_dispatcher(home, "--port", 0)
    await_dispatcher(home, dispatcher)
    yield home
    end([dispatcher])


def stranger(home):
    public, secret = (key.decode() for key in zmq.curve_keypair())
    return replace(load_settings(home.root), public_key=public, secret_key=secret)


def until(condition):
    deadline = time.monotonic() + 15
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.timeout(60)
def test_a_stranger_is_refused_in_words_and_let_in_without_a_new_start(home):
    settings = stranger(home)
    states = []
    connection = Connection(settings)
    connection.on_state(lambda state: states.append((state.name, state.sentence)))
    with connection, Connection(load_settings(home.root), follow=False) as admin:
        until(lambda: ("refused", REFUSED) in states)
        with pytest.raises(EnvironmentFault, match="does not know this key"):
            connection.ask(GetAttempts(), timeout_s=0.5)
        admin.ask(AddKey(public_key=settings.public_key, role=Role.VIEWER, name="ana"))
        until(lambda: states[-1][0] == "live")
        refusal = connection.ask(Pause(shots=[1]))
        assert isinstance(refusal, Refusal)
        assert isinstance(admin.ask(RevokeKey(public_key=settings.public_key)), Receipt)
        until(lambda: states[-1][0] != "live")


@pytest.mark.timeout(60)
def test_the_command_line_with_a_strangers_key_is_a_sentence(home, capsys, monkeypatch):
    public, secret = (key.decode() for key in zmq.curve_keypair())
    write_key_pair(home.admin_key, KeyPair(public, secret))
    monkeypatch.setattr("app.client.api.connect.__kwdefaults__", {"key": None, "timeout_s": 2.0})
    assert run(["--home", str(home.root), "ls"]) == 3
    assert capsys.readouterr().err == f"{REFUSED}\n"


def test_a_key_that_others_can_read_is_not_used(home, capsys):
    home.admin_key.chmod(0o644)
    assert run(["--home", str(home.root), "ls"]) == 3
    assert "can be read by others: chmod 600" in capsys.readouterr().err
