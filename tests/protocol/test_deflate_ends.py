"""Where a compressed message ends (RFC 7692 §7.2.2, §7.2.3.4) and what it leaves for the next: zlib is the judge."""

from __future__ import annotations

import random
import zlib

import pytest

from tests.deflating import TAIL, compressed, compressing, deflated, unmasked
from tests.support import as_sent_by, frames_begin
from wsedu import Connection, Role
from wsedu.protocol.events import BinaryReceived

BOTH = pytest.mark.parametrize("role", list(Role))
HELLO = b"Hello, world"


def finished(data: bytes, level: int = -1) -> bytes:
    """A stream as zlib ends it: the last block has BFINAL=1, and nothing stands behind it."""
    return zlib.compress(data, level, wbits=-15)


def receive(endpoint: Connection, role: Role, payloads: list[bytes]) -> None:
    """Let a compressed message come, each payload in a frame of its own."""
    for number, payload in enumerate(payloads):
        first = (0x42 if number == 0 else 0) | (0x80 if number == len(payloads) - 1 else 0)
        endpoint.receive_data(as_sent_by(role.peer, unmasked(first, payload)))


ENDS: dict[str, tuple[bytes, list[bytes]]] = {
    "final block": (HELLO, [finished(HELLO)]),
    "final block in halves": (HELLO, [finished(HELLO)[:5], finished(HELLO)[5:]]),
    "final block, bytewise": (HELLO, [bytes([byte]) for byte in finished(HELLO)]),
    "final block, and an empty frame": (HELLO, [finished(HELLO), b""]),
    "final block that is stored": (HELLO, [finished(HELLO, level=0)]),
    "final block without the tail": (b"", [finished(b"", level=0).removesuffix(TAIL)]),
    "final block of nothing": (b"", [finished(b"")]),
    "empty frame": (b"", [b""]),
    "empty frames": (b"", [b"", b"", b""]),
    "tail that was not left out": (HELLO, deflated(HELLO)),
    "tail that was not left out, and an empty frame": (HELLO, [*deflated(HELLO), b""]),
}


@BOTH
@pytest.mark.parametrize("takeover", [True, False], ids=["takeover", "no takeover"])
@pytest.mark.parametrize("end", ENDS)
def test_a_message_does_not_swallow_the_next_one(role: Role, end: str, takeover: bool) -> None:
    plain, payloads = ENDS[end]
    endpoint = compressing(role, "" if takeover else f"{role.peer.value}_no_context_takeover")
    for _ in range(2):
        receive(endpoint, role, payloads)
        receive(endpoint, role, compressed(b"innocent"))
    expected = [BinaryReceived(plain, len(payloads)), BinaryReceived(b"innocent")]
    assert endpoint.events() == expected * 2
    assert endpoint.violation is None


@BOTH
def test_the_window_outlives_a_message_with_a_final_block(role: Role) -> None:
    endpoint = compressing(role)
    compressor = zlib.compressobj(wbits=-15, zdict=HELLO)
    pointing_back = compressor.compress(HELLO) + compressor.flush(zlib.Z_FINISH)
    assert len(pointing_back) < len(finished(HELLO)), "it points into the message before"
    receive(endpoint, role, [finished(HELLO)])
    receive(endpoint, role, [pointing_back])
    assert endpoint.events() == [BinaryReceived(HELLO)] * 2


NOISE = random.Random(3).randbytes(100)
(NOISE_PACKED,) = compressed(NOISE)
(WORDS_PACKED,) = compressed(b"to be, or not to be, that is the question")
CUT: dict[str, bytes] = {
    "data of a stored block": NOISE_PACKED[:50],
    "length of a stored block": NOISE_PACKED[:3],
    "last octet": WORDS_PACKED[:-1],
    "half": WORDS_PACKED[: len(WORDS_PACKED) // 2],
    "final block that lacks its end": finished(b"Hello")[:-1],
}


@BOTH
@pytest.mark.parametrize("takeover", [True, False], ids=["takeover", "no takeover"])
@pytest.mark.parametrize("cut", CUT)
def test_what_is_cut_short_is_wrong_at_its_own_frame(role: Role, cut: str, takeover: bool) -> None:
    """The tail is the protocol's: it is never delivered, and what lacks its end is not taken for whole."""
    endpoint = compressing(role, "" if takeover else f"{role.peer.value}_no_context_takeover")
    begin = frames_begin(endpoint)
    fine = as_sent_by(role.peer, unmasked(0xC2, compressed(b"fine")[0]))
    endpoint.receive_data(fine)
    receive(endpoint, role, [CUT[cut]])
    violation = endpoint.violation
    assert violation is not None
    assert (violation.rule.name, violation.rule.code) == ("INFLATE", 1007)
    assert violation.offset == begin + len(fine)
    assert endpoint.events()[0] == BinaryReceived(b"fine")
    assert not [event for event in endpoint.events() if isinstance(event, BinaryReceived)]


@BOTH
def test_no_cut_of_a_stored_message_is_delivered_with_bytes_that_were_not_sent(role: Role) -> None:
    for size in range(1, len(NOISE_PACKED)):
        endpoint = compressing(role)
        receive(endpoint, role, [NOISE_PACKED[:size]])
        received = [event.data for event in endpoint.events() if isinstance(event, BinaryReceived)]
        assert all(NOISE.startswith(data) for data in received), f"cut at {size}"
