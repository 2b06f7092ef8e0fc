"""The join token: the one line of text that a person copies from the dispatcher to a new node.

PURE. It holds where the dispatcher listens, the dispatcher's public key and a *joiner* key pair that
is good for one message, ``Join``, until ``expires_unix``. Whoever has the token can enrol a node, so
it is shown once and kept nowhere; the node's own key never travels.

Text: ``wf1-`` and the base64url, without padding, of a MessagePack array of the fields.
"""

from __future__ import annotations

import base64
import binascii

import msgspec

PREFIX = "wf1-"
TOKEN_CHARACTERS_MAX = 1024
"""A real one has about 260; the limit is checked before anything is decoded."""

KEY_CHARACTERS = 40
_Z85 = frozenset(
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"
)


class TokenError(ValueError):
    """The text is not a join token; the message is one sentence."""


class JoinToken(msgspec.Struct, frozen=True, array_like=True, kw_only=True):
    """What a new node must know to ask for its place. Keys are Z85, 40 characters."""

    address: str
    """``tcp://host:port`` of the dispatcher's socket for nodes."""
    server_key: str
    """The dispatcher's public key: a node talks to nobody else."""
    public_key: str
    """Of the joiner pair."""
    secret_key: str
    """Of the joiner pair."""
    expires_unix: int
    """For a good sentence on the node; the dispatcher decides by its own clock."""

    def __repr__(self) -> str:
        # The secret must not end in a traceback or a log line.
        return f"JoinToken(address={self.address!r}, expires_unix={self.expires_unix})"


_decoder = msgspec.msgpack.Decoder(JoinToken)


def format_token(token: JoinToken) -> str:
    """Return the text of ``token``. Raises TokenError when a field is wrong."""
    _check(token)
    packed = msgspec.msgpack.encode(token)
    return PREFIX + base64.urlsafe_b64encode(packed).decode("ascii").rstrip("=")


def parse_token(text: str) -> JoinToken:
    """Read a token as a person pasted it: white space around it is no mistake. Raises TokenError."""
    text = text.strip()
    if len(text) > TOKEN_CHARACTERS_MAX:
        raise TokenError(f"A join token has at most {TOKEN_CHARACTERS_MAX} characters.")
    if not text.startswith(PREFIX):
        raise TokenError(f"A join token begins with {PREFIX}; copy the whole line.")
    token = _unpack(text.removeprefix(PREFIX))
    _check(token)
    return token


def is_key(text: str) -> bool:
    """Tell whether ``text`` is a CURVE key in Z85."""
    return len(text) == KEY_CHARACTERS and _Z85.issuperset(text)


def _unpack(text: str) -> JoinToken:
    try:
        packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        return _decoder.decode(packed)
    except (binascii.Error, ValueError, RecursionError) as error:
        raise TokenError("The join token is cut short or mistyped; copy the whole line.") from error


def _check(token: JoinToken) -> None:
    if not is_address(token.address):
        raise TokenError(f"The join token's address {token.address!r} is not tcp://host:port.")
    for name in ("server_key", "public_key", "secret_key"):
        if not is_key(getattr(token, name)):
            raise TokenError(
                f"The join token's {name} is not a key of {KEY_CHARACTERS} characters."
            )
    if token.expires_unix < 0:
        raise TokenError("The join token's time of expiry is negative.")


def is_address(text: str) -> bool:
    """Tell whether ``text`` is ``tcp://host:port`` with a real port and no odd characters."""
    host, colon, port = text.removeprefix("tcp://").rpartition(":")
    if not (text.startswith("tcp://") and colon and host and text.isascii() and text.isprintable()):
        return False
    return not set(host) & set(" /@;,") and port.isdigit() and 0 < int(port[:6]) < 1 << 16
