"""The files that a client reads: private, whole, and refused in a sentence."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
import zmq
import zmq.auth

from app.errors import EnvironmentFault
from app.store.home import (
    HOME_VARIABLE,
    Connection,
    Home,
    KeyPair,
    find_home,
    read_connection,
    read_key_pair,
    remove_connection,
    write_connection,
    write_key_pair,
)

CONNECTION = Connection(
    address_clients="tcp://127.0.0.1:1",
    address_deltas="tcp://127.0.0.1:2",
    address_nodes="tcp://127.0.0.1:3",
    server_key="k" * 40,
    pid=17,
    instance="i",
)


def new_pair() -> KeyPair:
    public, secret = zmq.curve_keypair()
    return KeyPair(public.decode(), secret.decode())


class TestFind:
    def test_given_goes_before_the_environment(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "b"))
        assert find_home(tmp_path / "a").root == tmp_path / "a"
        assert find_home().root == tmp_path / "b"
        monkeypatch.delenv(HOME_VARIABLE)
        assert find_home().root.name == "windfire"


class TestConnection:
    def test_comes_back_as_written(self, tmp_path: Path) -> None:
        home = Home(tmp_path / "new")
        assert read_connection(home) is None
        write_connection(home, CONNECTION)
        assert read_connection(home) == CONNECTION
        assert stat.S_IMODE(home.connection.stat().st_mode) == 0o600

    def test_is_removed_by_its_own_process_alone(self, tmp_path: Path) -> None:
        home = Home(tmp_path)
        write_connection(home, CONNECTION)
        remove_connection(home, 18)
        assert read_connection(home) is not None
        remove_connection(home, 17)
        assert read_connection(home) is None
        remove_connection(home, 17)

    def test_rubbish_is_said(self, tmp_path: Path) -> None:
        home = Home(tmp_path)
        home.connection.write_text("{")
        with pytest.raises(EnvironmentFault, match=r"connection\.json cannot be read"):
            read_connection(home)


class TestKeys:
    def test_comes_back_as_written_and_zmq_reads_it_too(self, tmp_path: Path) -> None:
        path, pair = tmp_path / "keys" / "a.key_secret", new_pair()
        write_key_pair(path, pair)
        assert read_key_pair(path) == pair
        assert zmq.auth.load_certificate(path) == (pair.public.encode(), pair.secret.encode())
        public = path.with_suffix(".key")
        assert zmq.auth.load_certificate(public) == (pair.public.encode(), None)
        assert pair.secret not in public.read_text()

    def test_secret_is_not_in_its_text(self) -> None:
        pair = new_pair()
        assert pair.secret not in repr(pair)

    def test_refuses_what_others_can_read(self, tmp_path: Path) -> None:
        path = tmp_path / "a.key_secret"
        write_key_pair(path, new_pair())
        path.chmod(0o640)
        with pytest.raises(EnvironmentFault, match="chmod 600"):
            read_key_pair(path)

    @pytest.mark.parametrize("text", ["", "metadata\ncurve\n", 'public-key = "short"\n', "\udc80"])
    def test_refuses_rubbish(self, tmp_path: Path, text: str) -> None:
        path = tmp_path / "a.key_secret"
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
        path.chmod(0o600)
        with pytest.raises(EnvironmentFault):
            read_key_pair(path)
