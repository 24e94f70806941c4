"""Opening handshakes to begin with: what a client asks, what the server accepts, and sometimes what it answers."""

from __future__ import annotations

from dataclasses import dataclass

from ..protocol.deflate import PerMessageDeflateFactory
from ..protocol.handshake import ServerPolicy, accept_key
from .handshake_keys import OTHER_KEY, RFC_KEY


@dataclass(frozen=True)
class Policy:
    """What the server accepts, as far as the stepper lets one choose.

    Arguments:
        subprotocols: those that it speaks.
        same_host: whether it serves pages of its own host only.
        compress: whether it negotiates permessage-deflate.
    """

    subprotocols: tuple[str, ...] = ()
    same_host: bool = False
    compress: bool = False

    def server(self) -> ServerPolicy:
        """The same for the code that checks."""
        extensions = (PerMessageDeflateFactory(),) if self.compress else ()
        return ServerPolicy(self.subprotocols, extensions=extensions, same_host=self.same_host)


@dataclass(frozen=True)
class Preset:
    """A handshake.

    Arguments:
        request: its bytes.
        policy: what the server accepts.
        response: None for what the server answers.
    """

    request: bytes
    policy: Policy = Policy()
    response: bytes | None = None


def _head(*lines: str) -> bytes:
    return "\r\n".join([*lines, "", ""]).encode()


_UPGRADE = ("Upgrade: websocket", "Connection: Upgrade")
_KEY = f"Sec-WebSocket-Key: {RFC_KEY}"
_VERSION = "Sec-WebSocket-Version: 13"
_HOST = "Host: server.example.com"
_SIMPLE = ("GET /chat HTTP/1.1", _HOST, *_UPGRADE, _KEY, _VERSION)
_RFC = (*_SIMPLE[:5], "Origin: http://example.com", "Sec-WebSocket-Protocol: chat, superchat", _VERSION)
_BROWSER = (
    "GET /chat HTTP/1.1",
    "Host: localhost:8000",
    "Connection: Upgrade",
    "Pragma: no-cache",
    "Cache-Control: no-cache",
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
    "Upgrade: websocket",
    "Origin: http://localhost:8000",
    _VERSION,
    "Accept-Encoding: gzip, deflate, br, zstd",
    "Accept-Language: en-US,en;q=0.9",
    _KEY,
    "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits",
)


def _without(lines: tuple[str, ...], start: str) -> tuple[str, ...]:
    return tuple(line for line in lines if not line.startswith(start))


def _answer(accept: str, *more: str, status: str = "101 Switching Protocols") -> bytes:
    return _head(f"HTTP/1.1 {status}", *_UPGRADE, f"Sec-WebSocket-Accept: {accept}", *more)


_CHAT = Policy(("chat",))
_SMUGGLED = b"GET /admin HTTP/1.1\r\nHost: server.example.com\r\n\r\n"

PRESETS: dict[str, Preset] = {
    "rfc": Preset(_head(*_RFC), _CHAT),
    "browser": Preset(_head(*_BROWSER), Policy(same_host=True, compress=True)),
    "no-upgrade": Preset(_head(*_without(_SIMPLE, "Upgrade"))),
    "version-8": Preset(_head(*(line.replace("Version: 13", "Version: 8") for line in _SIMPLE))),
    "wrong-accept": Preset(_head(*_SIMPLE), response=_answer(accept_key(OTHER_KEY))),
    "cross-site": Preset(_head(*_SIMPLE, "Origin: http://evil.example", "Cookie: session=42"), Policy(same_host=True)),
    "subprotocol": Preset(_head(*_RFC), _CHAT, _answer(accept_key(RFC_KEY), "Sec-WebSocket-Protocol: graphql-ws")),
    "two-keys": Preset(_head(*_SIMPLE, f"Sec-WebSocket-Key: {OTHER_KEY}")),
    "http-1.0": Preset(_head("GET /chat HTTP/1.0", *_SIMPLE[1:])),
    "body": Preset(_head(*_SIMPLE, f"Content-Length: {len(_SMUGGLED)}") + _SMUGGLED),
    "line-feed": Preset(_head(*_SIMPLE).replace(b"\r\n", b"\n")),
    "post": Preset(_head("POST /chat HTTP/1.1", *_SIMPLE[1:])),
    "status-200": Preset(
        _head(*_SIMPLE), response=_answer(accept_key(RFC_KEY)).replace(b"101 Switching Protocols", b"200 OK")
    ),
}
"""Each by its name in the catalogues."""
