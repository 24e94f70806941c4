"""`replay_client` and `replay_server`: one side of a recorded exchange, played again against a real peer.

What comes back is compared with what was recorded, frame by frame, up to the first difference. Masking keys and
Sec-WebSocket-Accept differ from run to run, as they have to, and are not compared: the accept value is checked
against the key of the run itself.
"""

from __future__ import annotations

import asyncio
import base64
import os
import ssl as ssl_module
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from ..protocol.closing import CloseCode
from ..protocol.frame import Frame
from ..protocol.frames import encode_frame
from ..protocol.handshake import accept_key
from ..protocol.http import Headers, HeadReader, Request, Response, ascii_lower
from ..protocol.rules import ProtocolViolation
from ..protocol.types import Limits, Opcode, Role
from ..protocol.uri import WebSocketURI, parse_uri
from .replay_script import Awaited, Script, frame_of, frame_places
from .server import check_host

PATIENCE = 5.0
"""Seconds that the peer may be slower than it was in the recording."""

CHUNK = 1 << 16

MAX_BUFFERED = 1 << 26
"""Bytes of one frame that are waited for; a peer that announces more is not read any further."""


class Difference(NamedTuple):
    """The first thing that came back otherwise than recorded.

    Arguments:
        what: `status`, `accept`, `header` or `target` of the handshake; `opcode`, `fin`, `rsv`, `mask`, `length` or
            `payload` of a frame; `extra` or `missing` frames, or `end`: TCP ended too early.
        number: of the frame, from 1; 0 for the handshake.
        expected: what was recorded, as text.
        got: what came.
        at: the index of the first byte of a payload that differs; 0 for anything else.
    """

    what: str
    number: int = 0
    expected: str = ""
    got: str = ""
    at: int = 0


@dataclass
class Outcome:
    """What came of a replay.

    Arguments:
        sent: frames, or other pieces, that were played.
        compared: frames of the peer that came as recorded.
        difference: the first one; None if everything came as recorded.
    """

    sent: int = 0
    compared: int = 0
    difference: Difference | None = None

    @property
    def same(self) -> bool:
        """Whether everything came back as recorded."""
        return self.difference is None


class _DiffersError(Exception):
    """Ends a replay at the first difference."""

    def __init__(self, difference: Difference) -> None:
        super().__init__(difference)
        self.difference = difference


async def replay_client(
    script: Script,
    uri: str,
    *,
    fast: bool = False,
    public: bool = False,
    ssl: ssl_module.SSLContext | None = None,
    patience: float = PATIENCE,
    random_bytes: Callable[[int], bytes] = os.urandom,
) -> Outcome:
    """Play the client of a recording against a server.

    Arguments:
        script: the client's part.
        uri: of the server; its resource name counts if it is more than `/`, else the recorded one does.
        fast: wait for what the client had waited for, and for nothing else; without it, also as long as recorded.
        public: allow a server beyond this machine.
        ssl: for wss, a context other than Python's default one.
        patience: seconds that the server may be slower than in the recording.
        random_bytes: gives the key of the handshake.

    Raises:
        LocalViolation: the URI is not legal.
        ValueError: the server is not on this machine and `public` is not set.
        OSError, TimeoutError: there is no connection to it.
    """
    target = parse_uri(uri)
    check_host(target.host, public=public)
    context = (ssl or ssl_module.create_default_context()) if target.secure else None
    async with asyncio.timeout(patience):
        reader, writer = await asyncio.open_connection(
            target.host, target.port, ssl=context, server_hostname=target.host if context else None
        )
    player = _Player(script, reader, writer, fast=fast, patience=patience)
    return await player.run(_ClientHandshake(script, target, random_bytes))


async def replay_server(
    script: Script,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    fast: bool = False,
    public: bool = False,
    patience: float = PATIENCE,
    listening: Callable[[str], None] | None = None,
) -> Outcome:
    """Play the server of a recording against the first client that comes.

    Arguments:
        script: the server's part.
        host: where to listen.
        port: where to listen; 0 for a free one.
        fast, patience: see `replay_client`.
        public: allow a host that others can reach.
        listening: called with the URI as soon as a client can come.

    Raises:
        ValueError: the host is not a loopback address and `public` is not set.
        OSError: it cannot listen there.
    """
    check_host(host, public=public)
    outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()

    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if taken:
            writer.transport.abort()
            return
        taken.append(True)
        try:
            result = await _Player(script, reader, writer, fast=fast, patience=patience).run(_ServerHandshake(script))
        except BaseException as error:
            if not outcome.done():
                outcome.set_exception(error)
            return
        if not outcome.done():
            outcome.set_result(result)

    taken: list[bool] = []
    server = await asyncio.start_server(play, host, port)
    try:
        if listening is not None:
            bound = server.sockets[0].getsockname()
            shown = f"[{bound[0]}]" if ":" in bound[0] else bound[0]
            listening(f"ws://{shown}:{bound[1]}/")
        return await outcome
    finally:
        server.close()


# --- The opening handshake ---


class _ClientHandshake:
    """The recorded request with a key of this run, and what is expected of the response."""

    def __init__(self, script: Script, target: WebSocketURI, random_bytes: Callable[[int], bytes]) -> None:
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
        self._request = Request(name, _replaced(recorded.headers, given), recorded.method, recorded.version)

    async def run(self, player: _Player) -> None:
        player.write(self._request.encode())
        response = await player.read_response()
        recorded = self._script.response
        if recorded is None:
            return
        if response.status != recorded.status:
            raise _DiffersError(Difference("status", 0, str(recorded.status), str(response.status)))
        if response.status != 101:
            return
        accept = accept_key(self._key)
        if response.headers.get("Sec-WebSocket-Accept") != accept:
            raise _DiffersError(Difference("accept", 0, accept, response.headers.get("Sec-WebSocket-Accept") or "-"))
        _compare_headers(recorded.headers, response.headers)


class _ServerHandshake:
    """The recorded response with the accept value of this run, and what is expected of the request."""

    def __init__(self, script: Script) -> None:
        self._script = script

    async def run(self, player: _Player) -> None:
        request = await player.read_request()
        recorded = self._script.response
        assert recorded is not None
        key = request.headers.get("Sec-WebSocket-Key")
        given = {} if key is None else {"sec-websocket-accept": accept_key(key)}
        response = Response(recorded.status, _replaced(recorded.headers, given), recorded.reason, recorded.version)
        expected = self._script.request
        if request.target != expected.target:
            raise _DiffersError(Difference("target", 0, expected.target, request.target))
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
            raise _DiffersError(Difference("header", 0, before, after))


def _check_extensions(recorded: Response, request: Request) -> None:
    """What was recorded with an extension cannot be played to a client that does not offer it."""
    field_name = "Sec-WebSocket-Extensions"
    used = {element.partition(";")[0].strip() for element in recorded.headers.tokens(field_name)}
    offered = {element.partition(";")[0].strip() for element in request.headers.tokens(field_name)}
    if not used <= offered:
        got = request.headers.get(field_name) or "-"
        raise _DiffersError(Difference("header", 0, f"{field_name}: {', '.join(sorted(used))}", f"{field_name}: {got}"))


# --- Playing ---


@dataclass
class _Player:
    """Sends what the script says and compares what comes.

    Arguments:
        script: what to play.
        reader, writer: the connection.
        fast: do not wait for the recorded times.
        patience: seconds that the peer may be slower than in the recording.
    """

    script: Script
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    fast: bool
    patience: float
    outcome: Outcome = field(default_factory=Outcome)
    _held: bytes = b""
    _progress: asyncio.Event = field(default_factory=asyncio.Event)
    _closing: bool = False
    _message: Frame | None = None  # fragments of a message, where only messages are compared

    async def run(self, handshake: _ClientHandshake | _ServerHandshake) -> Outcome:
        """Play everything, up to the first difference."""
        try:
            await handshake.run(self)
            if self.script.response is None or self.script.response.status == 101:
                await self._play()
        except _DiffersError as end:
            self.outcome.difference = end.difference
        except ConnectionError as error:
            self.outcome.difference = Difference("end", self.outcome.compared + 1, got=str(error))
        finally:
            self.writer.close()
        return self.outcome

    def write(self, data: bytes) -> None:
        """Send bytes; if the peer is gone, reading tells."""
        self.writer.write(data)

    async def _play(self) -> None:
        loop = asyncio.get_running_loop()
        start = loop.time()
        reading = asyncio.create_task(self._read_all(start))
        try:
            for act in self.script.acts:
                await self._reach(act.after, reading)
                if not self.fast:
                    await self._until(start + act.t, reading)
                self.write(act.data)
                await self.writer.drain()
                self.outcome.sent += 1
            await self._reach(len(self.script.awaited), reading)
            await self._see_the_end(reading)
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    async def _until(self, when: float, reading: asyncio.Task[None]) -> None:
        """Wait for a time of the recording; a difference ends the wait."""
        delay = when - asyncio.get_running_loop().time()
        if delay > 0:
            await asyncio.wait([reading], timeout=delay)
        if reading.done():
            self._raise_what_reading_found(reading)

    async def _reach(self, count: int, reading: asyncio.Task[None]) -> None:
        """Wait until so many frames of the peer have come."""
        while self.outcome.compared < count:
            if reading.done():
                self._raise_what_reading_found(reading)
                number = self.outcome.compared + 1
                raise _DiffersError(Difference("end", number, _shown(self._awaited(number - 1).frame)))
            self._progress.clear()
            moved = asyncio.create_task(self._progress.wait())
            try:
                await asyncio.wait([moved, reading], return_when=asyncio.FIRST_COMPLETED)
            finally:
                moved.cancel()

    async def _see_the_end(self, reading: asyncio.Task[None]) -> None:
        """Where the recording has the end of the peer's stream, nothing may come before it."""
        if self.script.messages_only and not self._closing and not reading.done():
            # The recording does not say how it was closed; this is how that is done.
            self._closing = True
            self.write(encode_frame(Frame.close(CloseCode.NORMAL_CLOSURE, masking_key=self._key())))
        if self.script.role is Role.SERVER and self.writer.can_write_eof():
            self.writer.write_eof()
        if self.script.peer_ends or self._closing:
            await asyncio.wait([reading], timeout=self.patience)
        if reading.done():
            self._raise_what_reading_found(reading)

    @staticmethod
    def _raise_what_reading_found(reading: asyncio.Task[None]) -> None:
        error = reading.exception()
        if error is not None:
            raise error

    def _awaited(self, index: int) -> Awaited:
        return self.script.awaited[index]

    # --- What comes ---

    async def _read_all(self, start: float) -> None:
        """Compare each frame as it comes, until the peer ends its direction."""
        while True:
            self._take_frames()
            data = await self._read(start)
            if not data:
                return
            self._held += data
            if len(self._held) > MAX_BUFFERED:
                raise _DiffersError(Difference("length", self.outcome.compared + 1, got=f"> {MAX_BUFFERED}"))

    async def _read(self, start: float) -> bytes:
        """The next bytes; for a frame that is awaited, only as long as the recording and patience allow."""
        index = self.outcome.compared
        if index >= len(self.script.awaited):
            return await self.reader.read(CHUNK)
        awaited = self._awaited(index)
        now = asyncio.get_running_loop().time()
        wait = max(0.0, start + awaited.t - now) + self.patience
        try:
            async with asyncio.timeout(wait):
                return await self.reader.read(CHUNK)
        except TimeoutError:
            raise _DiffersError(Difference("missing", index + 1, _shown(awaited.frame))) from None

    def _take_frames(self) -> None:
        used = 0
        for begin, end, whole in frame_places(self._held):
            if not whole:
                break
            self._take(frame_of(self._held[begin:end]))
            used = end
        self._held = self._held[used:]

    def _take(self, frame: Frame) -> None:
        if self.script.messages_only:
            whole = self._as_message(frame)
            if whole is None:
                return
            frame = whole
        number = self.outcome.compared + 1
        if number > len(self.script.awaited):
            raise _DiffersError(Difference("extra", number, got=_shown(frame)))
        expected = self._awaited(number - 1).frame
        difference = compare(expected, frame, number, messages_only=self.script.messages_only)
        if difference is not None:
            raise _DiffersError(difference)
        self.outcome.compared = number
        self._progress.set()

    def _as_message(self, frame: Frame) -> Frame | None:
        """The message that a frame ends; control frames are answered, because the recording has none."""
        if frame.is_control:
            self._answer(frame)
            return None
        begun = self._message
        if begun is not None:
            frame = begun._replace(payload=begun.payload + frame.payload, fin=frame.fin)
        self._message = None if frame.fin else frame
        return frame if frame.fin else None

    def _answer(self, frame: Frame) -> None:
        if frame.opcode == Opcode.PING:
            self.write(encode_frame(Frame.pong(frame.payload, masking_key=self._key())))
        elif frame.opcode == Opcode.CLOSE and not self._closing:
            self._closing = True
            self.write(encode_frame(Frame(Opcode.CLOSE, frame.payload[:2], masking_key=self._key())))

    def _key(self) -> bytes | None:
        """A client masks, a server does not (§5.1)."""
        return os.urandom(4) if self.script.role is Role.CLIENT else None

    # --- Heads ---

    async def read_response(self) -> Response:
        """The peer's response head.

        Raises:
            _DiffersError: nothing of the kind came.
        """
        head = await self._read_head()
        try:
            return head.response()
        except ProtocolViolation as violation:
            raise _DiffersError(Difference("status", 0, self._status, str(violation))) from None

    async def read_request(self) -> Request:
        """The peer's request head; errors as for `read_response`."""
        head = await self._read_head()
        try:
            return head.request()
        except ProtocolViolation as violation:
            raise _DiffersError(Difference("target", 0, self.script.request.target, str(violation))) from None

    @property
    def _status(self) -> str:
        return "" if self.script.response is None else str(self.script.response.status)

    async def _read_head(self) -> HeadReader:
        head = HeadReader(Limits())
        try:
            async with asyncio.timeout(self.patience):
                while data := await self.reader.read(CHUNK):
                    used = head.feed(data)
                    if used is not None:
                        self._held = data[used:]
                        return head
        except (TimeoutError, ProtocolViolation) as error:
            raise _DiffersError(Difference("status", 0, self._status, str(error) or type(error).__name__)) from None
        raise _DiffersError(Difference("end", 0, self._status))


# --- Comparing ---


def compare(expected: Frame, got: Frame, number: int, *, messages_only: bool = False) -> Difference | None:
    """The first difference between two frames; masking keys are not compared.

    Arguments:
        expected: the recorded one.
        got: the one that came.
        number: of the frame, from 1.
        messages_only: compare what a message is, and not how it is framed.
    """
    aspects = [("opcode", f"{int(expected.opcode):#x} {expected.name}", f"{int(got.opcode):#x} {got.name}")]
    if not messages_only:
        aspects += [
            ("fin", str(int(expected.fin)), str(int(got.fin))),
            ("rsv", _rsv(expected), _rsv(got)),
            ("mask", str(int(expected.masking_key is not None)), str(int(got.masking_key is not None))),
        ]
    for what, before, after in aspects:
        if before != after:
            return Difference(what, number, before, after)
    if expected.payload == got.payload:
        return None
    same = zip(expected.payload, got.payload, strict=False)
    at = next((i for i, (one, other) in enumerate(same) if one != other), min(len(expected.payload), len(got.payload)))
    what = "length" if at in (len(expected.payload), len(got.payload)) else "payload"
    return Difference(what, number, _excerpt(expected.payload, at), _excerpt(got.payload, at), at)


def _rsv(frame: Frame) -> str:
    return f"{int(frame.rsv1)}{int(frame.rsv2)}{int(frame.rsv3)}"


EXCERPT = 8
"""Bytes of a payload that are shown, from the first one that differs."""


def _excerpt(payload: bytes, at: int) -> str:
    shown = payload[at : at + EXCERPT]
    return (shown.hex(" ") or "-") + (" …" if len(payload) > at + EXCERPT else "")


def _shown(frame: Frame) -> str:
    payload = _excerpt(frame.payload, 0)
    return f"{frame.name}, {len(frame.payload)} B: {payload}"
