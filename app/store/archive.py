"""A backup of a farm in one file, and the way back: the database as of one moment, keys and settings.

The file is a tar archive, readable by its owner alone, since it holds secret keys: ``manifest.json`` first, with
size and SHA-256 of each file, then the files. A dispatcher may run meanwhile: its database is read in one
transaction, which sees the farm as it was at its begin. Every file is read back and compared before a backup
counts as made, and before a restore touches anything.
"""

from __future__ import annotations

import hashlib
import io
import os
import sqlite3
import tarfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path, PurePosixPath

import msgspec

from app.errors import EnvironmentFault, UserMistake
from app.store.home import Home
from app.store.lock import Lock

VERSION = 1
MANIFEST = "manifest.json"
PAGES = 1024
CHUNK = 1 << 20
KEPT = ("keys", "logs", "thumbnails")
"""Folders of a home that are in a backup; ``logs`` and ``thumbnails`` where they are asked for."""
LEFT_OUT = ("connection.json", "local.json")
"""Of what runs now; made anew at each start."""

News = Callable[[str, int, int], None]
"""(what, done, of how much), in bytes."""


class Member(msgspec.Struct, frozen=True):
    """One file of a backup."""

    name: str
    size: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup holds."""

    version: int
    made_at: float
    """Unix seconds."""
    windfire: str
    members: list[Member]

    @property
    def size(self) -> int:
        return sum(member.size for member in self.members)


def make_backup(home: Home, target: Path, windfire: str, news: News, *, whole: bool) -> Manifest:
    """Write ``target``; ``whole`` adds logs and pictures. Raises EnvironmentFault, UserMistake."""
    if not home.database.exists():
        raise UserMistake(f"There is no farm in {home.root}: nothing to back up.")
    part = target.with_name(f".{target.name}.part")
    copy = target.with_name(f".{target.name}.db.part")
    try:
        copy_database(home.database, copy, news)
        sources = {home.database.name: copy, **_files(home, whole=whole)}
        manifest = Manifest(
            version=VERSION,
            made_at=time.time(),
            windfire=windfire,
            members=[_measure(name, path) for name, path in sources.items()],
        )
        _write(part, manifest, sources, news)
        check_backup(part, news)
        part.replace(target)
    except (OSError, sqlite3.Error, tarfile.TarError) as error:
        raise EnvironmentFault(f"The backup {target} could not be made: {error}.") from error
    finally:
        part.unlink(missing_ok=True)
        copy.unlink(missing_ok=True)
    return manifest


def copy_database(source: Path, target: Path, news: News) -> None:
    """Copy a database that may be in use, as of one moment, and check the copy."""
    target.unlink(missing_ok=True)
    _touch(target)
    with (
        closing(sqlite3.connect(f"{source.as_uri()}?mode=ro", uri=True)) as old,
        closing(sqlite3.connect(target)) as new,
    ):
        # One read transaction: what is written meanwhile is not seen, and does not start the copy anew.
        old.isolation_level = None
        old.execute("BEGIN")
        old.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone()
        size = old.execute("PRAGMA page_size").fetchone()[0]
        old.backup(
            new,
            pages=PAGES,
            progress=lambda _, left, total: news("database", (total - left) * size, total * size),
        )
        check_database(new, source)


def check_database(connection: sqlite3.Connection, name: Path) -> None:
    """Raise EnvironmentFault where SQLite finds the database damaged."""
    (answer,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if answer != "ok":
        raise EnvironmentFault(f"The database {name} is damaged: {answer}.")


def _files(home: Home, *, whole: bool) -> dict[str, Path]:
    """Name to path of what is backed up beside the database."""
    found = {path.name: path for path in sorted(home.root.glob("*.json")) if path.is_file()}
    found = {name: path for name, path in found.items() if name not in LEFT_OUT}
    for folder in KEPT if whole else KEPT[:1]:
        for path in sorted((home.root / folder).rglob("*")):
            if path.is_file() and not path.is_symlink():
                found[path.relative_to(home.root).as_posix()] = path
    return found


def _measure(name: str, path: Path) -> Member:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return Member(name, file.tell(), digest)


def _touch(path: Path) -> None:
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600))


def _write(part: Path, manifest: Manifest, sources: dict[str, Path], news: News) -> None:
    _touch(part)
    done = 0
    with part.open("r+b") as file, tarfile.open(fileobj=file, mode="w") as tar:
        text = msgspec.json.format(msgspec.json.encode(manifest), indent=2)
        _add(tar, MANIFEST, len(text), io.BytesIO(text))
        for member in manifest.members:
            # A log may have grown since: what was measured is what is taken, and the check compares.
            with sources[member.name].open("rb") as source:
                _add(tar, member.name, member.size, source)
            done += member.size
            news("archive", done, manifest.size)
        file.flush()
        os.fsync(file.fileno())


def _add(tar: tarfile.TarFile, name: str, size: int, source: io.BufferedIOBase) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.mtime = size, 0o600, int(time.time())
    tar.addfile(info, source)


# --- reading --------------------------------------------------------------------------------------


def check_backup(path: Path, news: News) -> Manifest:
    """Read a backup whole and compare each file with the manifest. Raises EnvironmentFault."""
    with _opened(path) as tar:
        manifest = _manifest(tar, path)
        for _ in _members(tar, manifest, path, news):
            pass
    return manifest


def restore_backup(path: Path, home: Home, news: News, *, force: bool) -> Manifest:
    """Put a backup into a home. What is there is moved into ``backups`` first, if ``force``. Raises
    UserMistake where a farm is there, EnvironmentFault where one runs or the backup is damaged."""
    if home.database.exists() and not force:
        raise UserMistake(
            f"There is a farm in {home.root}: --force moves it into {home.backups} and goes on."
        )
    home.root.mkdir(mode=0o700, parents=True, exist_ok=True)
    with closing(Lock(home.database)):
        news_of = check_backup(path, news)
        staging = home.root / ".restore.part"
        try:
            _unpack(path, staging, news)
            with closing(sqlite3.connect(staging / home.database.name)) as database:
                check_database(database, path)
            _move_away(home)
            _move_in(staging, home, news_of)
        except (OSError, sqlite3.Error) as error:
            raise EnvironmentFault(f"{path} could not be restored: {error}.") from error
        finally:
            _remove(staging)
    return news_of


def _opened(path: Path) -> tarfile.TarFile:
    try:
        return tarfile.open(path, "r:")
    except (OSError, tarfile.TarError) as error:
        raise EnvironmentFault(f"{path} is not a backup: {error}.") from error


def _manifest(tar: tarfile.TarFile, path: Path) -> Manifest:
    try:
        first = tar.next()
        file = tar.extractfile(first) if first is not None and first.name == MANIFEST else None
        manifest = msgspec.json.decode(file.read() if file else b"", type=Manifest)
    except (tarfile.TarError, OSError, msgspec.MsgspecError) as error:
        raise EnvironmentFault(f"{path} is not a backup of a farm: {error}.") from error
    if manifest.version != VERSION:
        raise EnvironmentFault(
            f"{path} is a backup of format {manifest.version}; this version reads {VERSION}."
        )
    for member in manifest.members:
        parts = PurePosixPath(member.name).parts
        if not parts or member.name.startswith("/") or ".." in parts or "\\" in member.name:
            raise EnvironmentFault(f"{path} names a file outside the farm: {member.name!r}.")
    return manifest


def _members(
    tar: tarfile.TarFile, manifest: Manifest, path: Path, news: News
) -> Iterator[tuple[Member, bytes]]:
    """Yield each file's name with a chunk of it; raises at the first that is not as the manifest says."""
    done = 0
    try:
        for member in manifest.members:
            info = tar.next()
            file = tar.extractfile(info) if info is not None and info.name == member.name else None
            digest, size = hashlib.sha256(), 0
            while file is not None and (chunk := file.read(CHUNK)):
                digest.update(chunk)
                size += len(chunk)
                yield member, chunk
                news("check", done + size, manifest.size)
            if (size, digest.hexdigest()) != (member.size, member.sha256):
                raise EnvironmentFault(f"{path} is damaged: {member.name} is not what was saved.")
            done += size
    except (tarfile.TarError, OSError) as error:
        raise EnvironmentFault(f"{path} is damaged: {error}.") from error


def _unpack(path: Path, staging: Path, news: News) -> None:
    _remove(staging)
    staging.mkdir(mode=0o700)
    with _opened(path) as tar:
        manifest = _manifest(tar, path)
        for member in manifest.members:
            target = staging / member.name
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _touch(target)
        for member, chunk in _members(tar, manifest, path, news):
            with (staging / member.name).open("ab") as file:
                file.write(chunk)


def _move_away(home: Home) -> None:
    """Keep what was there: the database with its companions, keys and settings."""
    place = home.backups / time.strftime("before-restore-%Y%m%d-%H%M%S")
    there = [*home.root.glob(f"{home.database.name}*"), *home.root.glob("*.json")]
    there += [home.root / folder for folder in KEPT if (home.root / folder).exists()]
    for path in there:
        if not path.name.endswith(".lock"):
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.replace(place / path.name)


def _move_in(staging: Path, home: Home, manifest: Manifest) -> None:
    """Database last: a farm without one is none."""
    names = [member.name for member in manifest.members if member.name != home.database.name]
    for name in [*names, home.database.name]:
        target = home.root / name
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        (staging / name).replace(target)


def _remove(folder: Path) -> None:
    if folder.exists():
        for path in sorted(folder.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        folder.rmdir()
