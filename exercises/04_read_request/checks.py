"""What `read_request` has to do."""

import base64
from random import Random

from wsedu.grading.steps import Case, Step, call, gives, step
from wsedu.protocol.frame import Frame
from wsedu.protocol.frames import encode_frame
from wsedu.protocol.http import HeadReader, ascii_lower
from wsedu.protocol.types import Limits, Opcode

PUBLISHED = (  # RFC 6455 §1.2
    "GET /chat HTTP/1.1",
    "Host: server.example.com",
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Origin: http://example.com",
    "Sec-WebSocket-Protocol: chat, superchat",
    "Sec-WebSocket-Version: 13",
)
RESPONSE = (  # RFC 6455 §1.2
    "HTTP/1.1 101 Switching Protocols",
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
    "Sec-WebSocket-Protocol: chat",
)
SPELLED = (
    "GET / HTTP/1.1",
    "HOST:127.0.0.1:8080",
    "uPGRADE:  websocket  ",
    "connection:\tkeep-alive, Upgrade",
    "X-Empty:",
    "X-Time: 12:34:56",
    "X-Letters:x y x",
)
FIRST = b"GET / HTTP/1.1\r\n"
HELLO = bytes.fromhex("81 05 48 65 6c 6c 6f")  # RFC 6455 §5.7
LINES = bytes.fromhex("82 0a 0d 0a 0d 0a 0a 0a 0d 0a 20 0a")


def steps(random: Random) -> list[Step]:
    """The published request, all its beginnings of interest, spellings, and frames that came with the head."""
    key = base64.b64encode(random.randbytes(16)).decode()
    chance = _lines((PUBLISHED[0], *random.sample(PUBLISHED[1:], 7), f"X-Key: {key}"))
    return [
        step("published", _whole(_lines(PUBLISHED)), _whole(chance)),
        step("beginnings", *(_begun(data) for data in (*_cut(_lines(PUBLISHED)), FIRST, b"")), _whole(chance)),
        step("spellings", _whole(_lines(SPELLED)), _whole(_lines(tuple(line.upper() for line in PUBLISHED[:4])))),
        step("frames", *(_whole(_lines(RESPONSE), rest) for rest in (HELLO, HELLO + HELLO[:3], HELLO[:1]))),
        step("bytes", *(_whole(chance, rest) for rest in (LINES, LINES + HELLO, _frame(random)))),
        step(
            "cuts",
            *(_begun(chance[:at]) for at in random.sample(range(1, len(chance)), 12)),
            _whole(chance),
            public=False,
        ),
    ]


def _cut(head: bytes) -> list[bytes]:
    """A head without the last bytes of its end, and without a bit more."""
    return [head[:-short] for short in (1, 2, 3, 4, 5, 60)]


def _lines(lines: tuple[str, ...]) -> bytes:
    return "\r\n".join([*lines, "", ""]).encode()


def _frame(random: Random) -> bytes:
    """A frame whose payload is no text and has line ends in it."""
    payload = b"\xff\r\n\r\n" + random.randbytes(200)
    return encode_frame(Frame(Opcode.BINARY, payload, masking_key=bytes(4)))


def _whole(head: bytes, rest: bytes = b"") -> Case:
    """A head that is complete, with what came behind it."""
    reader = HeadReader(Limits())
    assert reader.feed(head) == len(head)
    message = reader.response() if head.startswith(b"HTTP") else reader.request()
    fields = {ascii_lower(field.name): field.value for field in message.headers}
    return gives(call("read_request", head + rest), (fields, rest))


def _begun(data: bytes) -> Case:
    """A head that is not complete."""
    return gives(call("read_request", data), None)
