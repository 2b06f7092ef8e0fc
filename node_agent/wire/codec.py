"""Bytes to messages and back; the only place that knows MessagePack.

PURE. Limits are checked before decoding and types by msgspec while decoding, so that a hostile frame
costs a counter and nothing else. Never pickle.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import msgspec

from node_agent.wire.messages import FromNode, ToNode

MESSAGE_BYTES_MAX = 1 << 20
BATCH_MAX = 4096


class WireError(ValueError):
    """A frame that is not a message of this protocol; the sentence names the field."""


_T = TypeVar("_T")
_encoder = msgspec.msgpack.Encoder()
_from_node = msgspec.msgpack.Decoder(list[FromNode])
_to_node = msgspec.msgpack.Decoder(list[ToNode])


def encode(messages: Sequence[FromNode | ToNode]) -> bytes:
    """Pack a batch. Raises WireError when it would be over the limit: the caller splits it."""
    data = _encoder.encode(messages)
    if len(data) > MESSAGE_BYTES_MAX:
        raise WireError(f"A batch of {len(data)} bytes is over the limit of {MESSAGE_BYTES_MAX}.")
    return data


def decode_from_node(data: bytes | memoryview) -> list[FromNode]:
    """Unpack what a node sent. Raises WireError."""
    return _decode(_from_node, data)


def decode_to_node(data: bytes | memoryview) -> list[ToNode]:
    """Unpack what a dispatcher sent. Raises WireError."""
    return _decode(_to_node, data)


def _decode(decoder: msgspec.msgpack.Decoder[list[_T]], data: bytes | memoryview) -> list[_T]:
    if len(data) > MESSAGE_BYTES_MAX:
        raise WireError(f"A message of {len(data)} bytes is over the limit of {MESSAGE_BYTES_MAX}.")
    try:
        batch = decoder.decode(data)
    except (
        msgspec.DecodeError,
        msgspec.ValidationError,
        UnicodeDecodeError,
        RecursionError,
    ) as error:
        raise WireError(f"Not a message of this protocol: {error}.") from error
    if len(batch) > BATCH_MAX:
        raise WireError(f"A batch of {len(batch)} messages is over the limit of {BATCH_MAX}.")
    return batch
