"""The attackers: sockets and bytes, and nothing of wsedu. Each goes on until the server ends it, and says how."""

from __future__ import annotations

import asyncio
import base64
import random
import socket
import struct
import zlib
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from typing import NamedTuple

HOST = "127.0.0.1"
BOMB = 64 << 20
"""Bytes that a compressed bomb would unpack to."""

GLANCE = 0.1
"""Seconds between two looks of those who never read at the state of their socket."""

ESTABLISHED = 1
"""The first byte of Linux's TCP_INFO while neither end has ended TCP."""


class Patience(NamedTuple):
    """How long an attacker goes on.

    Arguments:
        pause: seconds between two bytes of a slow client.
        most: seconds after which it gives up: the server should have ended it long before.
    """

    pause: float
    most: float


GIVEN_UP = "the attacker gave up"
"""How a connection ended that the server should have ended and did not."""

# --- Bytes ---


def request(source: random.Random, extensions: str = "") -> bytes:
    """A legal opening handshake."""
    lines = [
        "GET / HTTP/1.1",
        f"Host: {HOST}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {base64.b64encode(source.randbytes(16)).decode()}",
        "Sec-WebSocket-Version: 13",
    ]
    if extensions:
        lines.append(f"Sec-WebSocket-Extensions: {extensions}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def frame(first: int, payload: bytes) -> bytes:
    """A frame whose masking key is zero, so that its payload is on the wire as it is."""
    size = len(payload)
    if size < 126:
        head = bytes([first, 0x80 | size])
    elif size < 1 << 16:
        head = bytes([first, 0xFE]) + size.to_bytes(2, "big")
    else:
        head = bytes([first, 0xFF]) + size.to_bytes(8, "big")
    return head + bytes(4) + payload


def fragments(first: int, payload: bytes, pieces: int) -> bytes:
    """A message in fragments, of which only the first has the opcode and the RSV bits."""
    step = -(-len(payload) // pieces)
    parts = [payload[at : at + step] for at in range(0, len(payload), step)]
    fin = [0x00] * (len(parts) - 1) + [0x80]
    return b"".join(frame(fin[n] | (first if n == 0 else 0), part) for n, part in enumerate(parts))


def bombs(limit: int) -> tuple[tuple[str, bytes], ...]:
    """Messages beyond a limit: whether they need compression to be agreed on, and their bytes.

    Arguments:
        limit: bytes that a message may have.
    """
    squeeze = zlib.compressobj(wbits=-15)
    packed = b"".join(squeeze.compress(bytes(1 << 20)) for _ in range(BOMB >> 20))
    packed = (packed + squeeze.flush(zlib.Z_SYNC_FLUSH))[:-4]
    return (
        ("", b"\x82\xff" + (1 << 62).to_bytes(8, "big") + bytes(1000)),
        ("", fragments(0x02, bytes(limit + limit // 2), 6)),
        ("permessage-deflate", frame(0xC2, packed)),
        ("permessage-deflate", fragments(0x42, packed, 6)),
    )


# --- How a connection ends ---


def name_of_end(data: bytes) -> str:
    """What the server said last: an HTTP status, or the status code of its Close frame; empty if neither."""
    if data.startswith(b"HTTP/1.1 ") and data[9:12] != b"101":
        return f"HTTP {data[9:12].decode()}"
    codes = [int.from_bytes(body[:2], "big") for opcode, body in server_frames(data) if opcode == 8 and body]
    return f"Close {codes[-1]}" if codes else ""


def server_frames(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Opcode and payload of each whole frame, after the head of the handshake if there is one."""
    at = data.index(b"\r\n\r\n") + 4 if data.startswith(b"HTTP/1.1 ") else 0
    while at + 2 <= len(data):
        size, start = data[at + 1], at + 2
        if size >= 126:
            start += 2 if size == 126 else 8
            size = int.from_bytes(data[at + 2 : start], "big")
        if len(data) < start + size:
            return
        yield data[at] & 15, data[start : start + size]
        at = start + size


class Line:
    """A connection to the server.

    Arguments:
        end: its socket, connected and not blocking.
    """

    def __init__(self, end: socket.socket) -> None:
        self.end = end
        self._loop = asyncio.get_running_loop()

    async def send(self, data: bytes) -> None:
        """Send all of it."""
        await self._loop.sock_sendall(self.end, data)

    async def open(self, source: random.Random, extensions: str = "") -> None:
        """Do the opening handshake."""
        await self.send(request(source, extensions))
        answer = b""
        while not answer.endswith(b"\r\n\r\n"):
            piece = await self._loop.sock_recv(self.end, 1)
            if not piece:
                raise ConnectionError("no handshake")
            answer += piece
        if extensions.encode() not in answer:
            raise ConnectionError(f"{extensions} was not agreed on")

    async def last_words(self) -> str:
        """Read until the server has ended TCP."""
        data = b""
        try:
            while piece := await self._loop.sock_recv(self.end, 1 << 16):
                data += piece
        except OSError:
            said = name_of_end(data)
            return f"{said}, then RST" if said else "RST"
        return name_of_end(data) or "end of TCP without a word"

    @property
    def over(self) -> bool:
        """Whether the server has ended TCP, without reading anything."""
        return self.end.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] != ESTABLISHED


# --- The attackers ---

Attack = Callable[[Line, random.Random, Patience], Awaitable[str]]


async def slow(line: Line, source: random.Random, patience: Patience) -> str:
    """One byte of the head at a time, until the server has had enough."""

    async def drip() -> None:
        for byte in request(source):
            await line.send(bytes([byte]))
            await asyncio.sleep(patience.pause)

    dripping = asyncio.create_task(drip())
    try:
        return await line.last_words()
    finally:
        dripping.cancel()
        await asyncio.gather(dripping, return_exceptions=True)


async def deaf(line: Line, source: random.Random, patience: Patience) -> str:
    """Send messages and Pings that are to be answered, as many as the server takes, and never read an answer."""
    await line.open(source)
    wanted = frame(0x82, bytes(60_000)) + frame(0x89, bytes(125)) * 100
    rest = wanted
    while not line.over:
        try:
            rest = rest[line.end.send(rest) :] or wanted
        except BlockingIOError:
            await asyncio.sleep(GLANCE)
        except ConnectionError:
            return "RST"
        await asyncio.sleep(0)
    return await line.last_words()


async def mute(line: Line, source: random.Random, patience: Patience) -> str:
    """Open, and neither read nor say anything any more: no Pong either."""
    await line.open(source)
    while not line.over:
        await asyncio.sleep(GLANCE)
    return await line.last_words()


def bomber(packed: tuple[tuple[str, bytes], ...]) -> Attack:
    """An attack with one of these messages."""

    async def bomb(line: Line, source: random.Random, patience: Patience) -> str:
        extensions, data = source.choice(packed)
        await line.open(source, extensions)
        with suppress(OSError):
            await line.send(data)
        return await line.last_words()

    return bomb


async def vanish(line: Line, source: random.Random, patience: Patience) -> str:
    """Open, and be gone by RST: before, inside or after the handshake, or inside a message."""
    head = request(source)
    message = head + frame(0x82, bytes(1000))[:500]
    await line.send(source.choice((b"", head[: len(head) // 2], head, message)))
    line.end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return "gone by itself"


async def noise(line: Line, source: random.Random, patience: Patience) -> str:
    """Random bytes, instead of the handshake or after it."""
    if source.random() < 0.5:
        await line.open(source)
    with suppress(OSError):
        await line.send(source.randbytes(source.randrange(1, 5000)))
        line.end.shutdown(socket.SHUT_WR)
    return await line.last_words()


async def attack_once(port: int, attack: Attack, seed: int, patience: Patience) -> str:
    """One attacker, from its connection to its end.

    Returns:
        How it ended.
    """
    end = socket.socket()
    end.setblocking(False)
    try:
        async with asyncio.timeout(patience.most):
            await asyncio.get_running_loop().sock_connect(end, (HOST, port))
            return await attack(Line(end), random.Random(seed), patience)
    except TimeoutError:
        return GIVEN_UP
    except OSError as error:
        return f"{type(error).__name__}: {error}"
    finally:
        end.close()
