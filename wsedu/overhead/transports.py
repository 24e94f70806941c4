"""The ways to bring events to a client, and the layers that their bytes belong to."""

from __future__ import annotations

from enum import StrEnum


class Transport(StrEnum):
    """A way to bring the server's events to a client."""

    POLLING = "polling"
    """A request every interval, on one connection that is kept alive (RFC 9112 §9.3)."""

    POLLING_CLOSE = "polling-close"
    """A request every interval, each on a connection of its own."""

    POLLING_304 = "polling-304"
    """A conditional request every interval; without news the answer is 304 (RFC 9110 §13)."""

    LONG_POLLING = "long-polling"
    """A request that is answered when there is something to say, and then made again (RFC 6202 §2)."""

    SSE = "sse"
    """Server-sent events: one response that does not end (HTML Living Standard, §9.2)."""

    WEBSOCKET = "websocket"
    """A frame for each event (RFC 6455 §5.2)."""

    WEBSOCKET_DEFLATE = "websocket-deflate"
    """A compressed frame for each event (RFC 7692)."""

    POLLING_H2 = "polling-h2"
    """Polling in a stream of HTTP/2 for each request, with heads compressed by HPACK (RFC 9113, RFC 7541)."""

    WEBSOCKET_H2 = "websocket-h2"
    """WebSocket in one stream of HTTP/2 (RFC 8441)."""


MEASURED = (
    Transport.POLLING,
    Transport.POLLING_CLOSE,
    Transport.POLLING_304,
    Transport.LONG_POLLING,
    Transport.SSE,
    Transport.WEBSOCKET,
    Transport.WEBSOCKET_DEFLATE,
)
"""Those that can be measured here; the others are only modelled, and said to be."""

FOUR = (Transport.POLLING, Transport.LONG_POLLING, Transport.SSE, Transport.WEBSOCKET)
"""Those that are compared where nothing else is asked for."""

POLLS = (Transport.POLLING, Transport.POLLING_CLOSE, Transport.POLLING_304, Transport.POLLING_H2)
"""Those that ask at intervals."""

WEBSOCKETS = (Transport.WEBSOCKET, Transport.WEBSOCKET_DEFLATE, Transport.WEBSOCKET_H2)
"""Those that carry frames of RFC 6455."""

LAYERS = ("payload", "websocket", "request", "response", "framing", "tls", "tcp_ip", "ack", "setup")
"""What bytes belong to, from what the event has to say to what only carries it:

`payload`, the event itself; `websocket`, headers of frames; `request` and `response`, heads of HTTP; `framing`, what
tells one event from the next in a body (line ends, chunks, the fields of server-sent events, frames of HTTP/2); `tls`,
headers and tags of records; `tcp_ip`, headers of segments with data; `ack`, segments without data; `setup`, opening and
ending connections, spread over their life.
"""

AT_THE_SOCKET = ("payload", "websocket", "request", "response", "framing", "tls")
"""The layers that pass through a socket; of `setup` only a part does."""
