"""From what the sockets have counted to a result: bytes by layer, for each direction."""

from __future__ import annotations

import numpy as np

from .happening import Happening
from .metering import Meter
from .payloads import deflated_sizes
from .results import WARMED, Measured, layers_at_the_socket
from .setting import Setting
from .splitting import Split, split_http, split_websocket
from .transports import WEBSOCKETS, Transport
from .wire import RECORD

_WRITTEN_ONCE = dict.fromkeys((Transport.SSE, *WARMED), 1) | dict.fromkeys(WEBSOCKETS, 2)
"""Writes of each end that open and end a connection: a head, and a Close frame."""


def counted(
    transport: Transport,
    setting: Setting,
    happening: Happening,
    server: Meter,
    client: Meter,
    *,
    seconds: float,
    cpu: float,
    stopped: bool,
) -> Measured:
    """What a run comes to.

    Arguments:
        transport: which.
        setting: in which.
        happening: its events.
        server: the meter of the server's sockets, which has what clients sent.
        client: the meter of the clients' sockets, which has what the server sent.
        seconds: for which events happened.
        cpu: seconds of processor time.
        stopped: whether the user stopped it.
    """
    up = _split(transport, server, setting.tls)
    down = _split(transport, client, setting.tls)
    payload = down.frame_payload if transport in WEBSOCKETS else happening.said_bytes
    ways: tuple[dict[str, int], dict[str, int]] = (
        {"request": up.head, "payload": up.frame_payload, "websocket": up.frame_headers},
        {
            "response": down.head,
            "payload": payload,
            "websocket": down.frame_headers,
            "framing": down.body - (0 if transport in WEBSOCKETS else payload) + down.chunks,
        },
    )
    for way, split, sender, receiver in zip(ways, (up, down), (client, server), (server, client), strict=True):
        # What is left was sent once: heads that open, Close frames, the handshake of TLS; each in records of its own.
        way["tls"] = RECORD * max(0, sender.records - client.opened * _WRITTEN_ONCE.get(transport, 0))
        way["setup"] = receiver.received - split.again - way["tls"]
    answers = down.heads if transport not in (*WEBSOCKETS, Transport.SSE) else happening.delivered
    layers = layers_at_the_socket()
    return Measured(
        transport=transport,
        setting=setting,
        seconds=seconds,
        happened=happening.happened,
        delivered=happening.delivered,
        requests=up.heads,
        full=answers - down.bare,
        empty=down.bare,
        connections=client.opened,
        up={layer: ways[0].get(layer, 0) for layer in layers},
        down={layer: ways[1].get(layer, 0) for layer in layers},
        packets=client.segments,
        delays=np.asarray(happening.delays),
        cpu=cpu,
        stopped=stopped,
        compressed=_compressed(happening) if transport is Transport.WEBSOCKET_DEFLATE else None,
    )


def _compressed(happening: Happening) -> int:
    return sum(sum(deflated_sizes(texts)) for texts in happening.said)


def _split(transport: Transport, meter: Meter, tls: bool) -> Split:
    tapes = meter.plain if tls else meter.tapes
    if transport in WEBSOCKETS:
        return split_websocket(tapes)
    return split_http(tapes, once=transport is not Transport.POLLING_CLOSE)
