"""What the endpoint `serve` has to do: the parent is its client, over a socket, and looks at what comes back.

The client ends its sending direction after its last byte: what was seen is complete when the connection has ended.
"""

import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import lru_cache
from itertools import chain, islice
from random import Random
from typing import Any

from wsedu.grading.steps import Call, Case, Step, holds, step
from wsedu.protocol.connection import Connection
from wsedu.protocol.frames import Frame, FrameDecoder, encode_frame
from wsedu.protocol.types import Role, State

try:
    import fcntl
    import termios
except ImportError:  # Windows
    fcntl = termios = None  # type: ignore[assignment]

SECONDS = 2.0  # how long the whole answer of an endpoint may take
MARK = b"\r\n\r\n"
MOST, MOST_FRAMES = 1 << 20, 5000  # how much of it is looked at, in bytes and in frames
KEY = bytes.fromhex("37fa213d")  # RFC 6455 §5.7
NONCE = b"the sample nonce"  # RFC 6455 §1.3: dGhlIHNhbXBsZSBub25jZQ==

HEAD = (
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
)
SERVE = (Call("serve", "serve"),)
NEVER = (1005, 1006, 999, 1015, 2999, 5000)  # as status codes of a Close frame
FIELDS = {
    "Host": "127.0.0.1",
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
}


def request(line: str = "GET /chat HTTP/1.1", **changed: str | None) -> bytes:
    """A request; a field is changed by its name with `_` for `-`, and left out if it becomes None."""
    fields: dict[str, str | None] = FIELDS | {name.replace("_", "-"): value for name, value in changed.items()}
    return "\r\n".join([line, *(f"{name}: {value}" for name, value in fields.items() if value), "", ""]).encode()


def read(end: socket.socket, seen: bytes = b"", until: bytes = b"") -> bytes:
    """Read to the end of the connection, or until something has come."""
    last = time.monotonic() + SECONDS
    while len(seen) < MOST and not (until and until in seen):
        end.settimeout(max(last - time.monotonic(), 0.01))
        try:
            data = end.recv(65536)
        except ConnectionError:  # it has ended without reading all
            break
        if not data:
            break
        seen += data
    return seen


def send(end: socket.socket, data: bytes) -> None:
    """Send, and wait until it was read, where the system can say so; an endpoint that has ended reads no more."""
    with suppress(ConnectionError):
        end.sendall(data)
        last = time.monotonic() + SECONDS / 10
        while unread(end) and time.monotonic() < last:
            time.sleep(0.0002)


def unread(end: socket.socket) -> bool:
    """Whether the other end has still to read something."""
    with suppress(OSError, AttributeError):  # a system that has no answer, or no such question
        return any(fcntl.ioctl(end, termios.TIOCOUTQ, bytes(4)))
    return False


def no_more(end: socket.socket) -> None:
    """End the sending direction."""
    with suppress(OSError):
        end.shutdown(socket.SHUT_WR)


def opening(pieces: Sequence[bytes]) -> Callable[[socket.socket], str]:
    """Only the opening handshake; what comes back is its head."""

    def talk(end: socket.socket) -> str:
        for piece in pieces:
            send(end, piece)
        return b"".join(read(end, until=MARK).partition(MARK)[:2]).decode("latin-1")

    return talk


def whole(pieces: Sequence[bytes]) -> Callable[[socket.socket], str]:
    """These pieces, and no more; what comes back is all that is said."""

    def talk(end: socket.socket) -> str:
        for piece in pieces:
            send(end, piece)
        no_more(end)
        return read(end).decode("latin-1")

    return talk


def conversation(
    pieces: Sequence[bytes], *, first: Sequence[bytes] = (request(),), late: bytes = b""
) -> Callable[[socket.socket], bytes]:
    """The opening handshake, then these bytes; what comes back is all that follows the head.

    Arguments:
        pieces: what is sent once the head has come, each by itself.
        first: what is sent before it.
        late: what is sent once a Close frame has come.
    """

    def talk(end: socket.socket) -> bytes:
        for piece in first:
            send(end, piece)
        seen = read(end, until=MARK).partition(MARK)[2]
        for piece in pieces:
            send(end, piece)
        if late:
            seen = read(end, seen, until=b"\x88")
            send(end, late)
        no_more(end)
        return read(end, seen)

    return talk


Seen = dict[str, list[Any]]


@lru_cache(maxsize=128)
def told(data: bytes) -> Seen:
    """What an endpoint has said, however it was put into frames: messages, Pongs, and how it ended."""
    seen: Seen = {"messages": [], "pongs": [], "end": []}
    decoder, under_way = FrameDecoder(None), [0, b""]
    frames = chain.from_iterable(decoder.feed(data[at : at + 4096]) for at in range(0, len(data), 4096))
    for frame in islice(frames, MOST_FRAMES):
        if frame.masking_key is not None:
            seen["end"].append("masked")
        if frame.opcode == 0xA:
            seen["pongs"].append(frame.payload)
        elif frame.opcode == 0x8:
            seen["end"].append(frame.payload[:2])
        elif seen["end"] and seen["end"] != ["masked"] * len(seen["end"]):
            seen["end"].append("late")
        elif frame.opcode <= 0x2:
            under_way = [frame.opcode or under_way[0], under_way[1] + frame.payload]
            if frame.fin:
                seen["messages"].append(tuple(under_way))
                under_way = [0, b""]
    if decoder.violation is not None:
        seen["end"].append("illegal")
    return seen


def same_end(seen: Seen, wanted: Seen) -> bool:
    """A client that has gone without a Close frame may still be sent one."""
    return seen["end"] == wanted["end"] or (not wanted["end"] and len(seen["end"]) == 1 and "masked" not in seen["end"])


def right(expected: bytes) -> Callable[[bytes], bool]:
    """Whether an endpoint has said the same; to several Pings, it may answer the last one only (§5.5.3)."""
    wanted = told(expected)

    def test(data: bytes) -> bool:
        seen = told(data)
        pongs = iter(wanted["pongs"])
        return (
            seen["messages"] == wanted["messages"]
            and seen["pongs"][-1:] == wanted["pongs"][-1:]
            and all(pong in pongs for pong in seen["pongs"])
            and same_end(seen, wanted)
        )

    return test


def is_open(head: str) -> bool:
    """Whether the connection is open, as our own client sees it."""
    client = Connection(Role.CLIENT, "ws://127.0.0.1/chat", random_bytes=lambda size: NONCE[:size])
    client.receive_data(head.encode("latin-1"))
    return client.state is State.OPEN


def opens(*pieces: bytes) -> Case:
    """A request after which the connection is open."""
    return Case(SERVE, holds(is_open, "opens", HEAD, "head"), status, {"client": list(pieces)}, talk=opening(pieces))


def gone(piece: bytes) -> Case:
    """A client that says this after the handshake, and ends TCP; no frame is said to it, or a Close."""

    def test(answer: str) -> bool:
        head, mark, rest = answer.partition("\r\n\r\n")
        return is_open(head + mark) and right(b"")(rest.encode("latin-1"))

    talk = whole([request(), piece])
    return Case(SERVE, holds(test, "gone", HEAD, "head"), status, {"client": [piece]}, talk=talk)


def status(head: str) -> str:
    """The status in a head: how the rest is written is free."""
    return head.split(" ")[1]


def refused(sent: bytes, rule: str = "refused", field: str = "") -> Case:
    """A request that gets an error of HTTP, and after it no frame is answered."""

    def test(answer: str) -> bool:
        head, mark, body = answer.partition("\r\n\r\n")
        lines = [line.replace(" ", "").lower() for line in head.split("\r\n")]
        good = head.startswith("HTTP/1.1 4") and mark != "" and (not field or field in lines)
        return good and encode_frame(echo()).decode("latin-1") not in body

    return Case(SERVE, holds(test, rule), status, {"client": [sent]}, talk=whole([sent, text()]))


def says(
    rule: str,
    expected: Sequence[Frame],
    pieces: Sequence[bytes],
    *,
    first: Sequence[bytes] = (request(),),
    late: bytes = b"",
) -> Case:
    """A conversation in which the endpoint says this after the handshake, and ends."""
    data = b"".join(map(encode_frame, expected))
    shown = {"client": [*(() if first == (request(),) else first), *pieces]}
    talk = conversation(pieces, first=first, late=late)
    return Case(SERVE, holds(right(data), rule, data, "frame"), told, shown, talk=talk)


def framed(opcode: int, payload: bytes = b"", *, fin: bool = True, rsv: int = 0, form: int | None = None) -> bytes:
    """A frame of a client."""
    rsv1, rsv2, rsv3 = (bool(rsv & bit) for bit in (4, 2, 1))
    return encode_frame(Frame(opcode, payload, fin, rsv1, rsv2, rsv3, masking_key=KEY, length_form=form))


def text(payload: str | bytes = "Hello", **how: Any) -> bytes:
    """A text frame of a client."""
    return framed(1, payload.encode() if isinstance(payload, str) else payload, **how)


def echo(payload: str | bytes = "Hello", opcode: int = 1) -> Frame:
    """A message that comes back."""
    return Frame(opcode, payload.encode() if isinstance(payload, str) else payload)


def code_body(code: int) -> bytes:
    """The body of a Close frame without a reason."""
    return code.to_bytes(2, "big")


def close(code: int) -> Frame:
    """The Close frame of an endpoint."""
    return Frame(8, code_body(code))


def fails(rule: str, code: int, sent: bytes, before: Sequence[Frame] = ()) -> Case:
    """What is sent is refused with this status code; of what follows it, nothing is answered."""
    return says(rule, [*before, close(code)], [sent + text("late")])


def steps(random: Random) -> list[Step]:
    """In the order in which a learner writes an endpoint."""
    many, later = bytes(range(256)), text("late")
    odd = request(Upgrade="WebSocket", Connection="keep-alive, Upgrade")
    lower = request(Connection="keep-alive,upgrade").replace(b"Upgrade:", b"UPGRADE:")
    return [
        step("handshake", opens(request()), opens(odd), opens(lower[:60], lower[60:-1], lower[-1:])),
        step("gone", gone(text()[:4])),
        step(
            "refused",
            refused(request(Sec_WebSocket_Key=None)),
            refused(request("POST /chat HTTP/1.1")),
            refused(request(Upgrade="h2c")),
            refused(request(Connection="keep-alive")),
            *(refused(request(Sec_WebSocket_Version=v), "version", "sec-websocket-version:13") for v in ("8", "25")),
        ),
        step("text", says("echo", [echo(), echo("你好")], [text(), text("你好")])),
        step(
            "lengths",
            says("echo", [echo("a" * size) for size in (126, 40000)], [text("a" * size) for size in (126, 40000)]),
            says("echo", [echo("b" * 65536)], [text("b" * 65536)]),
        ),
        step("binary", says("echo", [echo(many, 2), echo(b"", 2)], [framed(2, many), framed(2)])),
        step("pieces", *pieces(random)),
        step(
            "together",
            says("together", [echo()], [], first=[request() + text()]),
            says("together", [echo()], [text()[3:]], first=[request() + text()[:3]]),
        ),
        step("fragments", *fragments()),
        step("pings", *pings()),
        step(
            "closing",
            *(says("closing", [close(code)], [framed(8, code_body(code))], late=later) for code in (1000, 3000, 4999)),
            says("closing", [echo(), close(4000)], [text(), framed(8, b"\x0f\xa0bye")], late=later),
            says("empty", [Frame(8)], [framed(8)], late=later),
            says("empty", [echo(), Frame(8)], [text(), framed(8)], late=later),
        ),
        step(
            "codes",
            *(fails("code", 1002, framed(8, body)) for body in (*map(code_body, NEVER), b"\x03")),
            fails("reason", 1007, framed(8, b"\x03\xe8\xff")),
        ),
        step("unmasked", *(fails("protocol", 1002, encode_frame(frame)) for frame in (echo(), Frame(9)))),
        step(
            "reserved",
            *(fails("protocol", 1002, text(rsv=bit)) for bit in (4, 1)),
            *(fails("protocol", 1002, framed(opcode)) for opcode in (0x3, 0xB)),
        ),
        step(
            "wrong_lengths",
            fails("protocol", 1002, text("a" * 125, form=16)),
            fails("protocol", 1002, text("b" * 65535, form=64)),
            says("protocol", [close(1002)], [b"\x81\xff\x80" + bytes(7) + KEY]),
        ),
        step("utf8", *utf8()),
        step(
            "chance",
            *(by_chance(random) for _ in range(2)),
            fails("protocol", 1002, framed(8, b"\x03\xe8" + b"a" * 124)),
            fails("protocol", 1002, framed(8, b"\x03\xe8", fin=False)),
            public=False,
        ),
    ]


def pieces(random: Random) -> Iterator[Case]:
    """Frames that do not come one by one."""
    whole = framed(9, b"now") + text() + text("a" * 300)
    expected = [Frame(0xA, b"now"), echo(), echo("a" * 300)]
    cut = random.randrange(22, 28)  # in the header of the last frame
    yield says("pieces", expected[:2], [bytes([byte]) for byte in whole[:20]])
    yield says("pieces", expected, [whole[:cut], whole[cut:]])


def fragments() -> Iterator[Case]:
    """Messages in fragments, control frames between them, and fragments that belong to nothing."""
    first, rest, ping = text("Hel", fin=False), framed(0, b"lo"), framed(9, b"now")
    yield says("fragments", [echo()], [first + rest])
    yield says(
        "fragments", [echo(), echo()], [framed(1, fin=False) + framed(0, b"Hello", fin=False) + framed(0) + text()]
    )
    yield says("between", [Frame(0xA, b"now"), echo()], [first + ping + rest])
    yield says("between", [Frame(0xA), echo()], [first + framed(0xA) + framed(9) + rest])
    yield fails("fragments", 1002, text() + rest, [echo()])
    yield fails("fragments", 1002, first + text())


def pings() -> Iterator[Case]:
    """Pings, Pongs that nobody asked for, and those that are not allowed."""
    data = [bytes([byte]) * size for byte, size in ((0x61, 1), (0x62, 2), (0x63, 125))]
    pongs = [Frame(0xA, each) for each in data]
    yield says("pong", [Frame(0xA, b"Hello")], [framed(9, b"Hello")])
    yield says("pong", [*pongs, echo()], [b"".join(framed(9, each) for each in data) + text()])
    yield says("unasked", [echo()], [framed(0xA, b"Hello") + text()])
    yield fails("protocol", 1002, framed(9, b"a" * 126))
    yield fails("protocol", 1002, framed(9, b"now", fin=False))


def utf8() -> Iterator[Case]:
    """Text that is UTF-8 and text that is not, whole and in fragments."""
    euro = "€".encode()
    yield fails("utf8", 1007, text(b"\xff\xfe"))
    yield fails("utf8", 1007, text(euro[:1], fin=False) + framed(0, euro[1:2]))
    yield says("split", [echo("€")], [text(euro[:1], fin=False) + framed(0, euro[1:])])
    yield says("split", [echo("a€b")], [text(b"a" + euro[:2], fin=False) + framed(0, euro[2:] + b"b")])


def by_chance(random: Random) -> Case:
    """Messages of any size and kind, in any fragments, with Pings between them, and the stream in any pieces."""
    stream, expected = b"", []
    for _ in range(random.randrange(3, 6)):
        kind = random.choice((1, 2))
        payload = bytes(random.randrange(0x20, 0x7F) for _ in range(random.choice((0, 1, 125, 126, 700))))
        cuts = sorted(random.randrange(len(payload) + 1) for _ in range(random.randrange(3)))
        for at, (start, end) in enumerate(zip([0, *cuts], [*cuts, len(payload)], strict=True)):
            if random.random() < 0.3:
                ping = random.randbytes(3)
                stream += framed(9, ping)
                expected.append(Frame(0xA, ping))
            stream += framed(0 if at else kind, payload[start:end], fin=at == len(cuts))
        expected.append(echo(payload, kind))
    stream += framed(8, b"\x03\xe9")
    ends = sorted(random.randrange(len(stream)) for _ in range(6))
    cut = [stream[start:end] for start, end in zip([0, *ends], [*ends, len(stream)], strict=True)]
    return says("chance", [*expected, close(1001)], cut)
