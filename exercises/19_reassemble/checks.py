"""What `reassemble` has to do."""

from random import Random

from wsedu.grading.steps import Case, Step, call, gives, raises, step
from wsedu.protocol.events import BinaryReceived, Event, TextReceived
from wsedu.protocol.frame import Frame
from wsedu.protocol.frames import FrameDecoder, encode_frame
from wsedu.protocol.messages import MessageReader
from wsedu.protocol.types import Limits, Role

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA

Frames = list[tuple[bool, int, bytes]]

PUBLISHED: Frames = [(False, TEXT, b"Hel"), (True, CONTINUATION, b"lo")]  # RFC 6455 §5.7
BETWEEN: Frames = [(False, TEXT, b"hello"), (True, PING, b""), (True, CONTINUATION, b"world")]


def steps(random: Random) -> list[Step]:
    """The published fragments, whole messages, empty ones, control frames between, what is refused, chance."""
    many: Frames = [(False, BINARY, b"0"), *((False, CONTINUATION, bytes([at])) for at in range(9)), (True, 0, b"z")]
    return [
        step("published", _read(PUBLISHED), _read(PUBLISHED * 2)),
        step("whole", _read([(True, TEXT, b"a"), (True, BINARY, b"b"), (True, TEXT, b"c")]), _read([])),
        step("many", _read(many), _read([*many, *PUBLISHED])),
        step("unfinished", _read(PUBLISHED[:1]), _read([(True, BINARY, b"1"), (False, BINARY, b"2")])),
        step(
            "empty",
            *(_read([(True, opcode, b"")]) for opcode in (TEXT, BINARY)),
            _read([(False, 1, b""), (True, 0, b"")]),
        ),
        step("between", _read(BETWEEN), _read(_with_controls()), _read([PUBLISHED[0], (True, CLOSE, b"\x03\xe9")])),
        step("lone", *map(_refused, _lone()), _read(PUBLISHED)),
        step("interleaved", *map(_refused, _interleaved()), _read(PUBLISHED)),
        step("chance", *(_read(_chance(random)) for _ in range(8))),
    ]


def _with_controls() -> Frames:
    ping, pong, close = (True, PING, b"p"), (True, PONG, b"q"), (True, CLOSE, b"\x03\xe8")
    return [ping, (False, BINARY, b"a"), ping, pong, (False, 0, b"b"), pong, (True, 0, b"c"), (True, TEXT, b"d"), close]


def _lone() -> list[Frames]:
    """Continuations of nothing."""
    return [
        [(True, CONTINUATION, b"lo")],
        [(False, CONTINUATION, b"Hel"), (True, CONTINUATION, b"lo")],
        [*PUBLISHED, (True, CONTINUATION, b"!")],
        [(True, TEXT, b"Hello"), (True, PING, b""), (True, CONTINUATION, b"")],
    ]


def _interleaved() -> list[Frames]:
    """New messages within a message."""
    return [
        [(False, TEXT, b"a"), (True, TEXT, b"b")],
        [(False, TEXT, b"a"), (True, BINARY, b"b"), (True, CONTINUATION, b"c")],
        [(False, TEXT, b""), (False, TEXT, b"b"), (True, CONTINUATION, b"c")],
        [(False, BINARY, b"a"), (True, PING, b""), (False, TEXT, b"b"), (True, 0, b"c"), (True, 0, b"d")],
    ]


def _chance(random: Random) -> Frames:
    """Messages cut anywhere, with control frames before each frame or not."""
    frames: Frames = []
    for _ in range(random.randrange(1, 5)):
        opcode, fragments = random.choice((TEXT, BINARY)), random.randrange(1, 5)
        for at in range(fragments):
            if random.random() < 0.3:
                frames.append((True, random.choice((PING, PONG)), random.randbytes(2)))
            letters = bytes(random.choices(b"abcdef", k=random.randrange(4)))
            frames.append((at == fragments - 1, CONTINUATION if at else opcode, letters))
    return frames


def _read(frames: Frames) -> Case:
    return gives(call("reassemble", frames), _found(frames))


def _refused(frames: Frames) -> Case:
    return raises(call("reassemble", frames))


def _found(frames: Frames) -> list[tuple[int, bytes]]:
    """What wsedu's own reader makes of them."""
    found: list[tuple[int, bytes]] = []

    def deliver(event: Event) -> None:
        if isinstance(event, TextReceived):
            found.append((TEXT, event.text.encode()))
        elif isinstance(event, BinaryReceived):
            found.append((BINARY, event.data))

    def control(frame: Frame, _: int) -> None:
        found.append((int(frame.opcode), frame.payload))

    decoder = FrameDecoder(Role.CLIENT, sink=MessageReader(Role.CLIENT, Limits(), deliver, control))
    decoder.feed(b"".join(encode_frame(Frame(opcode, payload, fin)) for fin, opcode, payload in frames))
    assert decoder.violation is None
    return found
