"""The dispatcher's own key pairs, made at the first start; the files are described in ``app.store.home``.

``keys/server.key_secret`` proves to every agent and client that this is their dispatcher. With
``keys/admin.key_secret`` whoever may read the data folder, the owner, is ADMIN. ``new_token`` makes the
pair of a join token, which is kept nowhere.
"""

from __future__ import annotations

import logging
from pathlib import Path

import zmq

from app.store.home import Home, KeyPair, read_key_pair, write_key_pair
from node_agent.wire.token import JoinToken, format_token

log = logging.getLogger("windfire.dispatcher")


def new_pair() -> KeyPair:
    """Make a CURVE pair with libzmq's randomness."""
    public, secret = zmq.curve_keypair()
    return KeyPair(public.decode("ascii"), secret.decode("ascii"))


def server_pair(home: Home) -> KeyPair:
    """Read the dispatcher's pair, or make it. Raises EnvironmentFault."""
    return _read_or_make(home.server_key)


def admin_pair(home: Home) -> KeyPair:
    """Read the local owner's pair, or make it. Raises EnvironmentFault."""
    return _read_or_make(home.admin_key)


def new_token(address: str, server_key: str, expires_unix: float) -> tuple[str, str]:
    """Return a joiner's public key and the text of the token that holds its secret."""
    pair = new_pair()
    token = JoinToken(
        address=address,
        server_key=server_key,
        public_key=pair.public,
        secret_key=pair.secret,
        expires_unix=int(expires_unix),
    )
    return pair.public, format_token(token)


def _read_or_make(path: Path) -> KeyPair:
    # A file that is there but wrong is refused, never replaced: agents know the old key.
    if not path.exists():
        log.info("making the key pair %s", path)
        write_key_pair(path, new_pair())
    return read_key_pair(path)
