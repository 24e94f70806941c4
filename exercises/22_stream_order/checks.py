"""What the ordered lines of `messages_of` have to do."""

import base64
from random import Random

from wsedu.grading.steps import Case, Step, call, gives, step
from wsedu.protocol.frame import Frame
from wsedu.protocol.frames import FrameDecoder, encode_frame
from wsedu.protocol.handshake import accept_key
from wsedu.protocol.types import Role

GIVEN = """EMPTY_LINE = b"\\r\\n\\r\\n"


def split_frames(data: bytes) -> tuple[list[bytes], bytes]:
    payloads = []
    while len(data) > 1 and len(data) >= 2 + data[1]:
        payloads.append(data[2 : 2 + data[1]])
        data = data[2 + data[1] :]
    return payloads, data


"""

LINES = {
    "A": "        if not opened and waiting.endswith(EMPTY_LINE):",
    "B": "            head, _, waiting = waiting.partition(EMPTY_LINE)",
    "C": "def messages_of(chunks: list[bytes]) -> list[bytes]:",
    "D": "        waiting = chunk",
    "E": "    return messages",
    "F": '            head, waiting = waiting, b""',
    "G": "        if opened:",
    "H": "            opened = True",
    "I": "        elif opened:",
    "J": "        waiting += chunk",
    "K": "            payloads, waiting = split_frames(waiting)",
    "L": '            payloads, waiting = split_frames(waiting)[0][:1], b""',
    "M": "    for chunk in chunks:",
    "N": "        if not opened and EMPTY_LINE in waiting:",
    "O": "            messages += payloads",
    "P": '    messages, waiting, opened = [], b"", False',
}

PUBLISHED = (  # RFC 6455 §1.2, §5.7
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: chat\r\n\r\n"
)
HELLO = bytes.fromhex("81 05 48 65 6c 6c 6f")
LINES_WITHIN = b"\x82\x08a\r\n\r\nb\r\n"


def steps(random: Random) -> list[Step]:
    """A chunk for each, all in one chunk, cuts in the head and in frames, chance."""
    streams = [_stream(random) for _ in range(8)]
    return [
        step("separate", _case(PUBLISHED, HELLO), _case(PUBLISHED), _case(PUBLISHED, HELLO, LINES_WITHIN)),
        step("together", _case(PUBLISHED + HELLO), _case(PUBLISHED + HELLO + LINES_WITHIN, HELLO)),
        step("head", _case(PUBLISHED[:40], PUBLISHED[40:]), _case(PUBLISHED[:-2], PUBLISHED[-2:] + HELLO)),
        step("half", _case(PUBLISHED + HELLO[:3], HELLO[3:]), _case(PUBLISHED, HELLO[:1], HELLO[1:] + HELLO)),
        step("bytes", _case(*(bytes([byte]) for byte in PUBLISHED + HELLO + LINES_WITHIN))),
        step("chance", *(_case(*_cut(stream, random)) for stream in streams)),
    ]


def _stream(random: Random) -> bytes:
    accept = accept_key(base64.b64encode(random.randbytes(16)).decode())
    head = PUBLISHED.replace(b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", accept.encode())
    payloads = [random.randbytes(random.choice((0, 1, 5, 125))) for _ in range(random.randrange(1, 5))]
    return head + b"".join(encode_frame(Frame(2, payload)) for payload in payloads)


def _cut(data: bytes, random: Random) -> list[bytes]:
    ends = sorted({len(data), *random.sample(range(1, len(data)), random.randrange(6))})
    return [data[start:end] for start, end in zip([0, *ends], ends, strict=False)]


def _case(*chunks: bytes) -> Case:
    """What wsedu's own decoder reads behind the empty line."""
    decoder = FrameDecoder(Role.CLIENT)
    frames = decoder.feed(b"".join(chunks).partition(b"\r\n\r\n")[2])
    assert decoder.violation is None
    return gives(call("messages_of", list(chunks)), [frame.payload for frame in frames])
