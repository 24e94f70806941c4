"""permessage-deflate with any parameters, messages, cuts and mistakes: raw zlib is the judge of both directions."""

from __future__ import annotations

import random
import zlib
from typing import Any, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.deflating import TAIL, Inflater, compressing, unmasked
from tests.rfc.peers import wire_frames
from tests.support import as_sent_by, frames_begin, one_byte, pair, pump, random_cuts, seeded
from wsedu import Connection, Limits, Role
from wsedu.protocol.deflate import Agreed, PerMessageDeflate, PerMessageDeflateFactory
from wsedu.protocol.events import BinaryReceived, PingReceived, PongReceived, TextReceived
from wsedu.protocol.steps import Level

ROLES = st.sampled_from(list(Role))
BITS = st.none() | st.integers(9, 15)
FACTORIES = st.builds(
    PerMessageDeflateFactory,
    server_no_context_takeover=st.booleans(),
    client_no_context_takeover=st.booleans(),
    server_max_window_bits=BITS,
    client_max_window_bits=BITS,
    level=st.integers(-1, 9),
    threshold=st.sampled_from([0, 0, 5, 100]),
)


def _stretch(kind: str, size: int, seed: int) -> bytes:
    """Data that compresses well, badly, or like a text."""
    source = random.Random(seed)
    if kind == "noise":
        return source.randbytes(size)
    if kind == "words":
        return " ".join(source.choice(["to", "be", "or", "not", "né"]) for _ in range(size // 3)).encode()
    return bytes([seed % 256]) * size


LONG = st.builds(_stretch, st.sampled_from(["noise", "words", "run"]), st.integers(0, 70_000), st.integers(0, 4))
"""Few seeds, so that messages repeat what earlier ones have."""

DATA = st.binary(max_size=40) | st.sampled_from([b"", b"Hello", b"Hello" * 30]) | LONG


class Message(NamedTuple):
    """A message, and how it is sent.

    Arguments:
        from_client: who sends it.
        pieces: of each fragment.
        text: whether it is one; its bytes are those of letters then.
        ping: send a Ping behind each fragment.
    """

    from_client: bool
    pieces: list[bytes]
    text: bool
    ping: bool


def _as_text(message: Message) -> Message:
    if not message.text:
        return message
    return message._replace(pieces=[piece.decode("latin-1").encode() for piece in message.pieces])


MESSAGES = st.lists(
    st.builds(
        Message, st.booleans(), st.lists(DATA, min_size=1, max_size=3), st.booleans(), st.sampled_from([False, True])
    ).map(_as_text),
    max_size=5,
)


def say(endpoint: Connection, message: Message) -> None:
    """Send a message."""
    for number, piece in enumerate(message.pieces):
        fin = number == len(message.pieces) - 1
        if number:
            endpoint.send_continuation(piece, fin=fin)
        elif message.text:
            endpoint.send_text(piece, fin=fin)
        else:
            endpoint.send_binary(piece, fin=fin)
        if message.ping:
            endpoint.send_ping(b"p")


def expected(message: Message) -> list[Any]:
    """What the peer hears of it; a Ping behind the last fragment comes after the message."""
    data = b"".join(message.pieces)
    number = len(message.pieces)
    whole: Any = TextReceived(data.decode(), number) if message.text else BinaryReceived(data, number)
    pings = [PingReceived(b"p")] * number if message.ping else []
    return [*pings[:-1], whole, *pings[-1:]]


def agreed_of(endpoint: Connection) -> Agreed:
    (extension,) = endpoint.extensions
    assert isinstance(extension, PerMessageDeflate)
    return extension.agreed


def window_of(agreed: Agreed, role: Role) -> tuple[int, bool]:
    """Bits and takeover of what that role sends."""
    if role is Role.CLIENT:
        return agreed.client_max_window_bits, not agreed.client_no_context_takeover
    return agreed.server_max_window_bits, not agreed.server_no_context_takeover


def inflated(data: bytes, agreed: Agreed, role: Role) -> list[bytes]:
    """The data messages among frames that a role has sent, as raw zlib reads them."""
    bits, takeover = window_of(agreed, role)
    inflater = Inflater(bits, takeover=takeover)
    messages, payloads, packed = [], [], False
    for frame in wire_frames(data):
        if frame.opcode >= 8:
            assert frame.first & 0x70 == 0, "a control frame has no reserved bit"
            continue
        if frame.opcode:
            packed, payloads = frame.first & 0x70 == 0x40, []
        else:
            assert frame.first & 0x70 == 0, "RSV1 is on the first frame alone"
        payloads.append(frame.payload)
        if frame.fin:
            messages.append(inflater.message(payloads) if packed else b"".join(payloads))
    return messages


@settings(max_examples=120)
@given(FACTORIES, FACTORIES, MESSAGES, st.integers())
def test_what_is_sent_is_what_is_received(
    ours: PerMessageDeflateFactory, theirs: PerMessageDeflateFactory, messages: list[Message], cuts: int
) -> None:
    client, server = pair(client={"extensions": [ours]}, server={"extensions": [theirs]}, random_bytes=seeded(cuts))
    agreed = agreed_of(server)
    assert agreed_of(client).server_max_window_bits == agreed.server_max_window_bits
    assert agreed_of(client).client_max_window_bits <= agreed.client_max_window_bits
    events: dict[Role, list[Any]] = {Role.CLIENT: [], Role.SERVER: []}
    data = {Role.CLIENT: b"", Role.SERVER: b""}
    for message in messages:
        sender, reader = (client, server) if message.from_client else (server, client)
        say(sender, message)
        moved = pump(client, server, cut=lambda data: random_cuts(data, cuts))
        events[reader.role] += expected(message)
        data[Role.CLIENT] += moved.to_server
        data[Role.SERVER] += moved.to_client
    for endpoint in (client, server):
        heard = [event for event in endpoint.events() if not isinstance(event, PongReceived)]
        assert heard == events[endpoint.role]
        assert endpoint.violation is None
        said = [b"".join(m.pieces) for m in messages if m.from_client is (endpoint.role is Role.CLIENT)]
        assert inflated(data[endpoint.role], agreed, endpoint.role) == said


# --- What raw zlib sends ---


class Packer:
    """A peer that compresses as it likes: any level and strategy, flushes anywhere, final blocks, new streams.

    Arguments:
        bits: of its window.
        takeover: whether it may keep it.
        seed: of what it likes.
    """

    def __init__(self, bits: int, takeover: bool, seed: int) -> None:
        self._bits = bits
        self._takeover = takeover
        self._random = random.Random(seed)
        self._window = b""
        self._stream = self._new()

    def _new(self) -> Any:
        level, strategy = self._random.randrange(10), self._random.randrange(5)
        window = [self._window] if self._window else []
        return zlib.compressobj(level, zlib.DEFLATED, -self._bits, 8, strategy, *window)

    def message(self, data: bytes) -> bytes:
        """The payload of a message."""
        if not self._takeover:
            self._window = b""
            self._stream = self._new()
        out = b""
        while data:
            size = self._random.randrange(1, 1 + len(data))
            piece, data = data[:size], data[size:]
            out += self._stream.compress(piece)
            self._window = (self._window + piece)[-(1 << self._bits) :]
            end = self._random.choice([zlib.Z_NO_FLUSH, zlib.Z_SYNC_FLUSH, zlib.Z_FULL_FLUSH, zlib.Z_FINISH])
            out += self._stream.flush(end) if end != zlib.Z_NO_FLUSH else b""
            if end == zlib.Z_FINISH:
                self._stream = self._new()
        return (out + self._stream.flush(zlib.Z_SYNC_FLUSH)).removesuffix(TAIL) or b"\x00"


def framed(role: Role, payload: bytes, first: int, source: random.Random) -> list[bytes]:
    """A message in frames that are cut anywhere, as the peer of that role sends them."""
    places = sorted(source.randrange(len(payload) + 1) for _ in range(source.choice([0, 0, 1, 3])))
    pieces = [payload[start:end] for start, end in zip([0, *places], [*places, len(payload)], strict=True)]
    frames = []
    for number, piece in enumerate(pieces):
        byte = (first if number == 0 else 0) | (0x80 if number == len(pieces) - 1 else 0)
        frames.append(as_sent_by(role.peer, unmasked(byte, piece)))
    return frames


def parameters(bits: int, takeover: bool, role: Role) -> str:
    """Of a handshake in which the peer of that role compresses so."""
    side = role.peer.value
    return f"{side}_max_window_bits={bits}" + ("" if takeover else f"; {side}_no_context_takeover")


@settings(max_examples=120)
@given(ROLES, st.integers(9, 15), st.booleans(), st.lists(st.tuples(DATA, st.booleans()), max_size=5), st.integers())
def test_whatever_raw_zlib_sends_is_inflated(
    role: Role, bits: int, takeover: bool, messages: list[tuple[bytes, bool]], seed: int
) -> None:
    factory = PerMessageDeflateFactory(
        **{f"{role.peer.value}_max_window_bits": bits}  # type: ignore[arg-type]  # one of the two numbers
    )
    endpoint = compressing(role, parameters(bits, takeover, role), extensions=[factory])
    packer, source = Packer(bits, takeover, seed), random.Random(seed)
    stream = b""
    for data, plain in messages:
        payload = data if plain else packer.message(data)
        stream += b"".join(framed(role, payload, 0x02 if plain else 0x42, source))
    for piece in random_cuts(stream, seed):
        endpoint.receive_data(piece)
    assert endpoint.violation is None
    heard = [event.data for event in endpoint.events() if isinstance(event, BinaryReceived)]
    assert heard == [data for data, _ in messages]


# --- Mistakes ---

ALLOWED = {"INFLATE": 1007, "TEXT_UTF8": 1007, "MESSAGE_TOO_BIG": 1009}
LIMITS = Limits(max_message_size=3000)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """The payload of a compressed message with changed, missing and added bytes, or any bytes."""
    if draw(st.booleans()):
        return draw(st.binary(max_size=60))
    text = draw(st.sampled_from([b"Hello" * 30, bytes(4000), "né".encode() * 60, random.Random(1).randbytes(200)]))
    packer = zlib.compressobj(draw(st.integers(1, 9)), zlib.DEFLATED, -15)
    payload = bytearray((packer.compress(text) + packer.flush(zlib.Z_SYNC_FLUSH))[:-4])
    for _ in range(draw(st.integers(0, 3))):
        place = draw(st.integers(0, len(payload)))
        payload[place : place + draw(st.integers(0, 2))] = draw(st.binary(max_size=2))
    return bytes(payload)


def outcome(endpoint: Connection, pieces: list[bytes]) -> Any:
    """All that comes of these pieces."""
    for piece in pieces:
        endpoint.receive_data(piece)
    violation = endpoint.violation
    fault = None if violation is None else (violation.rule.name, violation.offset, dict(violation.detail))
    return endpoint.events(), endpoint.data_to_send(), fault, endpoint.phase


def comparable(result: Any) -> Any:
    """An outcome of which the exceptions can be compared, too."""
    return (repr(result[0]), *result[1:])


def client_or_server(role: Role, tracer: Any = None) -> Connection:
    return compressing(role, limits=LIMITS, random_bytes=seeded(0), tracer=tracer)


@settings(max_examples=400)
@given(ROLES, st.lists(damaged(), min_size=1, max_size=3), st.booleans(), st.integers())
def test_damaged_data_breaks_a_rule_or_none(role: Role, payloads: list[bytes], text: bool, seed: int) -> None:
    """Nothing but a violation comes of it, at the first byte of a frame, however the stream is cut."""
    source = random.Random(seed)
    frames = [piece for payload in payloads for piece in framed(role, payload, 0x41 if text else 0x42, source)]
    stream = b"".join(frames)
    endpoint = client_or_server(role)
    begin = frames_begin(endpoint)
    events, out, fault, phase = outcome(endpoint, [stream])
    if fault is not None:
        name, offset, detail = fault
        (close,) = wire_frames(out)
        assert (close.opcode, close.code) == (8, ALLOWED[name])
        starts = [begin + sum(map(len, frames[:number])) for number in range(len(frames))]
        announced = name == "MESSAGE_TOO_BIG" and offset not in starts
        assert offset in ([start + 1 for start in starts] if announced else starts)
        if name == "TEXT_UTF8":
            assert detail["inflated_offset"] == detail["position"] <= LIMITS.max_message_size
    whole = comparable((events, out, fault, phase))
    for pieces in (one_byte(stream), random_cuts(stream, seed)):
        assert comparable(outcome(client_or_server(role), pieces)) == whole


@settings(max_examples=200)
@given(ROLES, st.lists(damaged(), min_size=1, max_size=3), st.binary(max_size=3), st.integers(0, 40), st.integers())
def test_any_change_of_the_stream_leaves_an_endpoint_in_good_order(
    role: Role, payloads: list[bytes], change: bytes, place: int, seed: int
) -> None:
    """Headers may be hit as well: any rule of frames may be broken, and nothing but a rule."""
    source = random.Random(seed)
    frames = [piece for payload in payloads for piece in framed(role, payload, 0x41, source)]
    stream = bytearray(b"".join(frames))
    stream[place : place + len(change)] = change
    endpoint = client_or_server(role)
    whole = outcome(endpoint, [bytes(stream)])
    endpoint.receive_eof()
    assert endpoint.close_code is not None
    assert comparable(outcome(client_or_server(role), random_cuts(bytes(stream), seed))) == comparable(whole)


# --- Tracing changes nothing ---


@given(ROLES, st.lists(damaged(), max_size=3), MESSAGES, st.sampled_from(list(Level)), st.integers())
def test_tracing_changes_nothing(
    role: Role, payloads: list[bytes], messages: list[Message], level: Level, seed: int
) -> None:
    class Tracer:
        """Takes every step of a level."""

        def __init__(self) -> None:
            self.level = level

        def __call__(self, step: object) -> None:
            assert step is not None

    source = random.Random(seed)
    stream = b"".join(piece for payload in payloads for piece in framed(role, payload, 0x42, source))
    results = []
    for tracer in (None, Tracer()):
        endpoint = client_or_server(role, tracer)
        for message in messages:
            say(endpoint, message)
        results.append(comparable(outcome(endpoint, random_cuts(stream, seed))))
    assert results[0] == results[1]
