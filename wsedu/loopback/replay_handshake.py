"""The opening handshake of a replay: the recorded head with what belongs to this run, and the peer's head compared."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..protocol.handshake import accept_key
from ..protocol.http import Headers, Request, Response, ascii_lower
from ..protocol.uri import WebSocketURI
from .replay_compare import Difference, DiffersError
from .replay_script import Script

if TYPE_CHECKING:
    from .replay_player import Player


class ClientHandshake:
    """The recorded request with a key of this run, and what is expected of the response."""

    def __init__(
        self,
        script: Script,
        target: WebSocketURI,
        random_bytes: Callable[[int], bytes],
        origin: str | None = None,
    ) -> None:
        self._script = script
        self._key = base64.b64encode(random_bytes(16)).decode()
        recorded = script.request
        given = {"host": target.host_header}
        # A key that was wrong on purpose stays wrong.
        if len(recorded.headers.get("Sec-WebSocket-Key") or "") == len(self._key):
            given["sec-websocket-key"] = self._key
        else:
            self._key = recorded.headers.get("Sec-WebSocket-Key") or ""
        name = target.resource_name if target.resource_name != "/" else recorded.target
        headers = _replaced(recorded.headers, given)
        if origin is not None:
            headers = _with_origin(headers, origin)
        self._request = Request(name, headers, recorded.method, recorded.version)

    async def run(self, player: Player) -> None:
        player.write(self._request.encode())
        response = await player.read_response()
        recorded = self._script.response
        if recorded is None:
            return
        if response.status != recorded.status:
            raise DiffersError(self._other_status(recorded.status, response.status))
        if response.status != 101:
            return
        accept = accept_key(self._key)
        if response.headers.get("Sec-WebSocket-Accept") != accept:
            raise DiffersError(Difference("accept", 0, accept, response.headers.get("Sec-WebSocket-Accept") or "-"))
        _compare_headers(recorded.headers, response.headers)

    def _other_status(self, recorded: int, status: int) -> Difference:
        """A server that looks at Origin refuses with 403 (§4.2.2): the recorded one is of another place."""
        origin = self._request.headers.get("Origin")
        if status == FORBIDDEN and origin is not None:
            return Difference("origin", 0, str(recorded), origin)
        return Difference("status", 0, str(recorded), str(status))


FORBIDDEN = 403


def _with_origin(headers: Headers, origin: str) -> Headers:
    """The same fields with another Origin in the place of the recorded one, or at the end; without any if empty."""
    if origin and headers.get("Origin") is not None:
        return _replaced(headers, {"origin": origin})
    others = [(name, value) for name, value in headers.pairs() if ascii_lower(name) != "origin"]
    return Headers([*others, ("Origin", origin)] if origin else others)


class ServerHandshake:
    """The recorded response with the accept value of this run, and what is expected of the request."""

    def __init__(self, script: Script) -> None:
        self._script = script

    async def run(self, player: Player) -> None:
        request = await player.read_request()
        recorded = self._script.response
        assert recorded is not None
        key = request.headers.get("Sec-WebSocket-Key")
        given = {} if key is None else {"sec-websocket-accept": accept_key(key)}
        response = Response(recorded.status, _replaced(recorded.headers, given), recorded.reason, recorded.version)
        expected = self._script.request
        if request.target != expected.target:
            raise DiffersError(Difference("target", 0, expected.target, request.target))
        _compare_headers(expected.headers, request.headers, names=("Sec-WebSocket-Protocol",))
        _check_extensions(recorded, request)
        player.write(response.encode())


def _replaced(headers: Headers, given: dict[str, str]) -> Headers:
    """The same fields in the same order, some with another value."""
    return Headers((name, given.get(ascii_lower(name), value)) for name, value in headers.pairs())


AGREED = ("Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions")
"""The fields of a response that decide how the rest of the connection is to be read."""


def _compare_headers(expected: Headers, got: Headers, *, names: tuple[str, ...] = AGREED) -> None:
    for name in names:
        if expected.tokens(name) != got.tokens(name):
            before, after = (f"{name}: {headers.get(name) or '-'}" for headers in (expected, got))
            raise DiffersError(Difference("header", 0, before, after))


def _check_extensions(recorded: Response, request: Request) -> None:
    """What was recorded with an extension cannot be played to a client that does not offer it."""
    field_name = "Sec-WebSocket-Extensions"
    used = {element.partition(";")[0].strip() for element in recorded.headers.tokens(field_name)}
    offered = {element.partition(";")[0].strip() for element in request.headers.tokens(field_name)}
    if not used <= offered:
        got = request.headers.get(field_name) or "-"
        raise DiffersError(Difference("header", 0, f"{field_name}: {', '.join(sorted(used))}", f"{field_name}: {got}"))
