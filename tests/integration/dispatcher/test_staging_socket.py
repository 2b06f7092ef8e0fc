"""The staging socket by CURVE on loopback: who may, what it takes, how it publishes, and a broken link."""

from __future__ import annotations

import hashlib
import os
import time

import pytest
import zmq

from app.client.settings import ClientSettings
from app.client.staging import stage_files
from app.core.actions import KeyChanged
from app.core.ids import Role
from app.dispatcher.access import Access
from app.dispatcher.chunks import ChunkStore
from app.dispatcher.keys import new_pair
from app.dispatcher.staging import Granted, Staging, publish
from node_agent.agent.courier import Courier
from node_agent.agent.errand import Errand, Outgoing
from node_agent.wire import staging as s
from node_agent.wire.messages import AttemptRef
from tests.integration.dispatcher.farm import wait_until

REF = AttemptRef(1, 0, 3)


class Bench:
    """A socket, an artist and a node."""

    def __init__(self, folder) -> None:
        self.folder = folder
        self.server, self.artist, self.node = new_pair(), new_pair(), new_pair()
        self.access = Access()
        self.access.change(KeyChanged(key=self.artist.public, role=Role.ARTIST, expires_at=0.0))
        self.access.change(KeyChanged(key=self.node.public, role=Role.NODE, expires_at=0.0))
        self.port = 0
        self.start()

    def start(self) -> None:
        self.staging = Staging(
            self.server, "127.0.0.1", self.port, self.folder / "staged", self.access
        )
        self.port = self.staging.port
        self.staging.start()

    def settings(self, pair=None) -> ClientSettings:
        pair = pair or self.artist
        return ClientSettings(
            address="",
            events="",
            server_key=self.server.public,
            public_key=pair.public,
            secret_key=pair.secret,
            staging=f"tcp://127.0.0.1:{self.port}",
        )

    def courier(self, said: list, **errand) -> Courier:
        own = Errand(
            address=f"tcp://127.0.0.1:{self.port}",
            server_key=self.server.public,
            public=self.node.public,
            secret=self.node.secret,
            parent=0,
            ref=REF,
            cache=str(self.folder / "cache"),
            limit_bytes=10**9,
            **errand,
        )
        return Courier(own, said.append)


@pytest.fixture
def bench(tmp_path):
    bench = Bench(tmp_path)
    yield bench
    bench.staging.stop()


def write(folder, files: dict[str, bytes]):
    paths = {}
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        paths[name] = path
    return paths


def fetch(bench, root) -> None:
    courier = bench.courier([], do="fetch", roots=[root])
    try:
        courier.run([])
    finally:
        courier.close()


def test_many_small_files_travel_in_few_messages(bench, tmp_path, monkeypatch):
    files = {f"d{i % 40}/f{i}.usda": b"%d" % i * 40 for i in range(1_000)}
    paths = write(tmp_path / "scene", files)
    asked = []
    answer = Staging._answer

    def counting(self, key, body, role):
        asked.append(type(body).__name__)
        return answer(self, key, body, role)

    monkeypatch.setattr(Staging, "_answer", counting)
    root = stage_files(bench.settings(), paths)
    assert len(asked) <= 3, "which are missing, the chunks, the manifest"
    asked.clear()
    fetch(bench, root)
    assert len(asked) <= 3
    tree = tmp_path / "cache" / "trees" / root
    assert (tree / "d39/f999.usda").read_bytes() == files["d39/f999.usda"]
    asked.clear()
    stage_files(bench.settings(), paths)
    assert asked.count("Put") == 1, "only the manifest goes again"


def test_the_store_keeps_to_its_limit_when_it_is_told_what_is_needed(bench, tmp_path):
    bench.staging._limit_bytes = 0
    root = stage_files(bench.settings(), write(tmp_path / "film", {"a": b"aaaa", "b": b"bbbb"}))
    chunks = [path for path in (tmp_path / "staged").glob("*/*") if path.is_file()]
    for path in chunks:
        os.utime(path, (0, 0))
    bench.staging.grants.roots = frozenset({root})
    wait_until(lambda: bench.staging._pruned_for, "the first look")
    assert all(path.exists() for path in chunks)
    bench.staging.grants.roots = frozenset()
    wait_until(lambda: not any(path.exists() for path in chunks), "the deletion")


def test_a_link_that_breaks_is_waited_for(bench, tmp_path, monkeypatch):
    """The socket dies in the middle of an upload and of a download, and comes back on its port."""
    paths = write(tmp_path / "scene", {f"{i}.bin": os.urandom(s.CHUNK_BYTES) for i in range(12)})
    monkeypatch.setattr(s.Exchange.__init__, "__kwdefaults__", {"window": 2, "retry_s": 0.2})
    broken = []

    def breaks(self, key, body, role):
        if isinstance(body, s.Put | s.Get) and len(broken) < 2 * 3:
            broken.append(type(body).__name__)
            if len(broken) % 3 == 0:
                raise zmq.ZMQError(zmq.ETERM)
        return answer(self, key, body, role)

    answer = Staging._answer
    monkeypatch.setattr(Staging, "_answer", breaks)
    keeper = Keeper(bench)
    with keeper:
        root = stage_files(bench.settings(), paths)
        fetch(bench, root)
    assert keeper.restarts == 2
    tree = tmp_path / "cache" / "trees" / root
    assert all((tree / name).read_bytes() == path.read_bytes() for name, path in paths.items())


class Keeper:
    """Starts the socket anew whenever it died, as a service manager would."""

    def __init__(self, bench) -> None:
        import threading

        self.restarts = 0
        self._bench = bench
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._keep)

    def _keep(self) -> None:
        while not self._over.wait(0.01):
            if not self._bench.staging.is_alive():
                self._bench.start()
                self.restarts += 1

    def __enter__(self):
        self._thread.start()

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()


def words(said) -> list[str]:
    return [each.word for each in said if each.word != "progress"]


def test_outputs_are_published_under_a_grant_alone(bench, tmp_path):
    out = tmp_path / "out"
    data = os.urandom(s.CHUNK_BYTES + 5)
    paths = write(tmp_path / "scratch", {"f.0001.exr": data, "f.0001.png": b"picture"})
    said = []
    outgoing = [
        Outgoing(str(paths["f.0001.exr"])),
        Outgoing(str(paths["f.0001.png"]), s.PREVIEW),
    ]
    courier = bench.courier(said, do="bring", files=outgoing)

    def orders():
        yield "publish 1e18"
        assert words(said) == ["brought", "late"]
        assert not out.exists()
        granted = Granted(str(out), str(out / "preview"), time.monotonic() + 60)
        bench.staging.grants.allow(bench.node.public, REF, granted)
        yield "publish 0"
        assert not out.exists(), "the deadline was over"
        yield "publish 1e18"

    try:
        courier.run(orders())
    finally:
        courier.close()
    assert words(said) == ["brought", "late", "late", "published"]
    assert (out / "f.0001.exr").read_bytes() == data
    assert (out / "preview" / "f.0001.png").read_bytes() == b"picture"
    assert not list(out.rglob(".*"))
    assert (
        next(each for each in said if each.files).files[0].sha256
        == hashlib.sha256(data).hexdigest()
    )


def test_a_kept_checkpoint_is_a_tree_of_one_file(bench, tmp_path):
    paths = write(tmp_path / "scratch", {"f.checkpoint": b"c" * 700_000})
    said = []
    courier = bench.courier(said, do="keep", files=[Outgoing(str(paths["f.checkpoint"]))])
    courier.run([])
    courier.close()
    fetch(bench, said[0].text)
    (kept,) = (tmp_path / "cache" / "trees" / said[0].text).iterdir()
    assert kept.read_bytes() == b"c" * 700_000


def test_what_is_missing_or_torn_is_said(bench, tmp_path):
    with pytest.raises(s.StagingFault, match="submit the job again"):
        fetch(bench, "0" * 64)
    store = ChunkStore(tmp_path / "torn")
    store.put(b"whole")
    (path,) = [p for p in (tmp_path / "torn").rglob("*") if p.is_file()]
    path.write_bytes(b"torn")
    assert store.get(s.digest_of(b"whole")) is None
    assert not store.has(s.digest_of(b"whole"))


@pytest.mark.parametrize(
    ("name", "sha256", "match"),
    [
        ("../x.exr", "", "plain file name"),
        ("x.exr", "0" * 64, "not what its node made"),
    ],
)
def test_an_output_that_is_not_right_leaves_nothing(tmp_path, name, sha256, match):
    store = ChunkStore(tmp_path / "store")
    store.put(b"data")
    file = s.Produced(name, s.OUTPUT, 4, sha256, [s.digest_of(b"data")])
    out = tmp_path / "out"
    with pytest.raises(Exception, match=match):
        publish(Granted(str(out), "", 0.0), 1, [file], store)
    assert not [path for path in tmp_path.rglob("*.exr*") if path.is_file()]


def test_a_viewer_and_a_stranger_reach_nothing(bench):
    viewer = new_pair()
    bench.access.change(KeyChanged(key=viewer.public, role=Role.VIEWER, expires_at=0.0))
    for pair in (viewer, new_pair()):
        with zmq.Context() as context, context.socket(zmq.DEALER) as socket:
            socket.linger = 0
            socket.curve_serverkey = bench.server.public.encode()
            socket.curve_publickey = pair.public.encode()
            socket.curve_secretkey = pair.secret.encode()
            monitor = socket.get_monitor_socket(zmq.EVENT_HANDSHAKE_FAILED_AUTH)
            socket.connect(f"tcp://127.0.0.1:{bench.port}")
            assert monitor.poll(30_000), "it was let in"
            socket.disable_monitor()
            monitor.close(0)
