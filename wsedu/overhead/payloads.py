"""What the events say: the same texts in the model, in the simulation and in a measured run."""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from ..protocol.connection import Connection
from ..protocol.deflate import PerMessageDeflateFactory
from ..protocol.types import Role
from .opening import URI
from .wire import frame_header

_SYMBOLS = ("ACME", "GLOBEX", "INITECH", "UMBRELLA", "HOOLI", "STARK")
_SEED = 2009
_SIZES = (0, 1, 2, 4, 8, 16, 20, 32, 64, 128, 256, 512, 1024, 2048, 4096)
_WARM, _COUNTED = 20, 40


def payload(number: int, size: int) -> str:
    """The text of an event: a quote, one after the other as many as there is room for.

    Arguments:
        number: of the event; the same number gives the same text.
        size: bytes, which are as many characters of ASCII.
    """
    source = random.Random(_SEED + number)
    text = ""
    while len(text) < size:
        symbol = source.choice(_SYMBOLS)
        text += f'{{"{symbol}":{source.uniform(10, 500):.2f},"v":{source.randrange(1, 10_000)}}}'
    return text[:size]


def deflated(size: Any) -> Any:
    """Bytes of such a text under permessage-deflate, on the average of many in a row, with context takeover.

    Arguments:
        size: bytes of the text, a number or an array; between the sizes that were tried, it is interpolated.
    """
    return np.interp(size, _SIZES, _deflated_sizes())


@cache
def _deflated_sizes() -> tuple[float, ...]:
    return tuple(_mean_deflated(size) for size in _SIZES)


def _mean_deflated(size: int) -> float:
    sizes = deflated_sizes([payload(number, size) for number in range(_WARM + _COUNTED)])
    return sum(sizes[_WARM:]) / _COUNTED


def deflated_sizes(texts: Sequence[str]) -> list[int]:
    """Bytes of each of these texts under permessage-deflate, one after the other on one connection (RFC 7692 §7.2.1).

    Counted from the frames of an endpoint that compresses.
    """
    offered = (PerMessageDeflateFactory(),)
    client, server = Connection(Role.CLIENT, URI, extensions=offered), Connection(Role.SERVER, extensions=offered)
    server.receive_data(client.data_to_send())
    server.data_to_send()
    sizes = []
    for text in texts:
        server.send_text(text)
        sizes.append(_payload_of(len(server.data_to_send())))
    return sizes


def _payload_of(frame: int) -> int:
    """The payload of an unmasked frame of that many bytes."""
    return next(frame - header for header in (2, 4, 10) if int(frame_header(frame - header, masked=False)) == header)
