"""permessage-deflate (RFC 7692 §7.2): compressing, inflating, and the window between messages."""

from __future__ import annotations

import random
import zlib

import pytest

from wsedu import Role
from wsedu.protocol.deflate import PerMessageDeflate, PerMessageDeflateFactory
from wsedu.protocol.events import BinaryReceived, TextReceived

from ..deflating import TAIL, Inflater, compressed, compressing, deflated, unmasked
from ..support import as_sent_by, one_byte, random_cuts, vectors
from .peers import BOTH, assert_fails, from_peer, receive, sent

MESSAGES = vectors()["rfc7692"]["messages"]
HELLO, AGAIN = "f2 48 cd c9 c9 07 00", "f2 00 11 00 00"
OURS = {Role.CLIENT: "client", Role.SERVER: "server"}


def message(role: Role, payload: bytes | str, opcode: int = 1) -> bytes:
    """A compressed message in one frame, as the peer of that role sends it."""
    data = bytes.fromhex(payload) if isinstance(payload, str) else payload
    return as_sent_by(role.peer, unmasked(0xC0 | opcode, data))


def payloads(endpoint_role: Role, parameters: str, *messages: bytes) -> list[bytes]:
    """What an endpoint makes of these messages."""
    endpoint = compressing(endpoint_role, parameters)
    for one in messages:
        endpoint.send_binary(one)
    return [frame.payload for frame in sent(endpoint)]


def noise(seed: int, size: int) -> bytes:
    """Bytes that only a repetition makes shorter."""
    return random.Random(seed).randbytes(size)


# --- §7.2.1: compressing ---


@pytest.mark.parametrize("role", BOTH)
def test_empty_stored_block_is_dropped(role: Role) -> None:
    """7692-7.2.1-01"""
    (payload,) = payloads(role, "", b"Hello")
    assert payload.hex(" ") == HELLO
    assert zlib.decompressobj(-15).decompress(payload + TAIL) == b"Hello"


@pytest.mark.parametrize("role", BOTH)
@pytest.mark.parametrize("vector", MESSAGES, ids=lambda one: one["name"])
def test_messages_of_the_rfc(role: Role, vector: dict[str, str], seed: int) -> None:
    """7692-7.2.1-02, 7692-7.2.1-03, 7692-7.2.1-04, 7692-7.2.1-05, 7692-7.2.2-01, 7692-7.2.3.3-01, 7692-7.2.3.6-01"""
    before = vector.get("requires_previous_message_payload_hex")
    first = message(role, before) if before else b""
    data = first + message(role, vector["message_payload_hex"])
    plain = TextReceived(vector["plaintext"])
    for pieces in ([data], one_byte(data), random_cuts(data, seed)):
        endpoint = compressing(role)
        heard = [event for piece in pieces for event in receive(endpoint, piece)]
        assert heard == [TextReceived("Hello"), plain] if before else [plain]


@pytest.mark.parametrize("role", BOTH)
def test_several_blocks_of_any_type(role: Role, seed: int) -> None:
    """7692-7.2.1-02, 7692-7.2.1-03"""
    words = b"to be or not to be " * 40
    stored, fixed, dynamic = zlib.compressobj(0, 8, -15), zlib.compressobj(9, 8, -15, 9, 4), zlib.compressobj(9, 8, -15)
    blocks = b"".join(
        packer.compress(text) + packer.flush(zlib.Z_SYNC_FLUSH)
        for packer, text in ((stored, noise(seed, 99)), (fixed, words), (dynamic, words + noise(seed, 500)))
    )
    expected = BinaryReceived(noise(seed, 99) + words + words + noise(seed, 500))
    assert receive(compressing(role), message(role, blocks.removesuffix(TAIL), 2)) == [expected]


@pytest.mark.parametrize("parameters", ["", "server_no_context_takeover; client_no_context_takeover"])
@pytest.mark.parametrize("role", BOTH)
def test_final_block_ends_nothing_but_its_message(role: Role, parameters: str) -> None:
    """7692-7.2.1-04, 7692-7.2.1-05"""
    endpoint = compressing(role, parameters)
    final = "f3 48 cd c9 c9 07 00 00"
    later = HELLO if parameters else AGAIN
    for payload in (final, final, later, HELLO):
        assert receive(endpoint, message(role, payload)) == [TextReceived("Hello")]
    # Text behind a final block is of the same message.
    assert receive(endpoint, message(role, "f3 48 cd c9 c9 07 00" + HELLO)) == [TextReceived("HelloHello")]


@pytest.mark.parametrize("role", BOTH)
def test_we_send_no_final_block(role: Role, seed: int) -> None:
    """7692-7.2.1-05"""
    texts = [b"", b"Hello", b"Hello" * 500, noise(seed, 40_000)]
    inflater = Inflater()
    # Inflater asserts that it has seen no final block.
    assert [inflater.message([payload]) for payload in payloads(role, "", *texts)] == texts


@pytest.mark.parametrize("role", BOTH)
def test_tail_is_dropped_once_for_each_message(role: Role) -> None:
    """7692-7.2.1-06"""
    endpoint = compressing(role)
    endpoint.send_text("Hel", fin=False)
    endpoint.send_continuation("lo")
    first, last = (frame.payload for frame in sent(endpoint))
    assert [first, last + TAIL] == deflated(b"Hel", b"lo")
    assert first.endswith(TAIL)
    assert Inflater().message([first, last]) == b"Hello"


@pytest.mark.parametrize("role", BOTH)
def test_window_has_at_most_32768_bytes(role: Role, seed: int) -> None:
    """7692-7.2.1-07"""
    for bits in (16, 32):
        with pytest.raises(ValueError, match=str(bits)):
            PerMessageDeflateFactory(server_max_window_bits=bits)
    far = noise(seed, 1 << 15)
    first, second = payloads(role, "", far, far)
    assert len(second) > len(far), "it points back no further than that"
    inflater = Inflater(15)
    assert [inflater.message([first]), inflater.message([second])] == [far, far]


@pytest.mark.parametrize("role", BOTH)
def test_no_takeover_empties_our_window(role: Role) -> None:
    """7692-7.2.1-08, 7692-7.2.1-11"""
    parameters = f"{OURS[role]}_no_context_takeover"
    assert [one.hex(" ") for one in payloads(role, parameters, b"Hello", b"Hello")] == [HELLO, HELLO]


@pytest.mark.parametrize("role", BOTH)
def test_takeover_keeps_our_window(role: Role) -> None:
    """7692-7.2.1-09, 7692-7.2.1-12"""
    assert [one.hex(" ") for one in payloads(role, "", b"Hello", b"Hello")] == [HELLO, AGAIN]
    other = "client" if role is Role.SERVER else "server"
    parameters = f"{other}_no_context_takeover"
    assert [one.hex(" ") for one in payloads(role, parameters, b"Hello", b"Hello")] == [HELLO, AGAIN]


def test_client_keeps_its_own_word() -> None:
    """7692-7.2.1-10"""
    # It may take over, since the server did not agree; it said that it would not, and does not.
    client = compressing(Role.CLIENT, extensions=[PerMessageDeflateFactory(client_no_context_takeover=True)])
    client.send_text("Hello")
    client.send_text("Hello")
    assert [frame.payload.hex(" ") for frame in sent(client)] == [HELLO, HELLO]
    server = compressing(Role.SERVER, "client_max_window_bits")
    for payload in (HELLO, AGAIN):
        assert receive(server, message(Role.SERVER, payload)) == [TextReceived("Hello")]


@pytest.mark.parametrize("role", BOTH)
@pytest.mark.parametrize("bits", range(9, 15))
def test_our_window_is_as_agreed(role: Role, bits: int, seed: int) -> None:
    """7692-7.2.1-13, 7692-7.2.1-15, 7692-7.2.2-07, 7692-7.2.2-09"""
    data = noise(seed, 2 << bits)
    if role is Role.CLIENT:
        first, second = payloads(role, f"client_max_window_bits={bits}", data, data)
    else:
        first, second = payloads(role, f"server_max_window_bits={bits}", data, data)
    narrow = Inflater(bits)
    assert [narrow.message([first]), narrow.message([second])] == [data, data]
    assert len(second) >= len(data), "what is repeated lies outside the window"


def test_agreed_value_rules_and_not_the_offered_one() -> None:
    """7692-7.2.1-14, 7692-7.2.2-11"""
    for own, answer, expected in ((10, 12, 10), (12, 10, 10), (None, 11, 11), (11, 15, 11)):
        factory = PerMessageDeflateFactory(client_max_window_bits=own)
        client = compressing(Role.CLIENT, f"client_max_window_bits={answer}", extensions=[factory])
        (extension,) = client.extensions
        assert isinstance(extension, PerMessageDeflate)
        assert extension.agreed.client_max_window_bits == expected
        assert expected <= answer


# --- §7.2.2: inflating ---


@pytest.mark.parametrize("role", BOTH)
@pytest.mark.parametrize("payload", ["07", "ff ff ff", "00 05 00 05 00 48", "f2 00 11 00 00", "02 00 11 00 00"])
def test_what_is_no_deflate_data_fails_the_connection(role: Role, payload: str) -> None:
    """7692-7.2.2-01"""
    assert_fails(compressing(role), message(role, payload), 1007)


@pytest.mark.parametrize("role", BOTH)
def test_without_takeover_an_empty_window_is_enough(role: Role) -> None:
    """7692-7.2.2-02, 7692-7.2.2-04"""
    other = "client" if role is Role.SERVER else "server"
    endpoint = compressing(role, f"{other}_no_context_takeover")
    for _ in range(3):
        assert receive(endpoint, message(role, HELLO)) == [TextReceived("Hello")]
    assert_fails(endpoint, message(role, AGAIN), 1007)
    ours = payloads(role, f"{OURS[role]}_no_context_takeover", b"Hello", b"Hello Hello")
    inflater = Inflater(takeover=False)
    assert [inflater.message([one]) for one in ours] == [b"Hello", b"Hello Hello"]


@pytest.mark.parametrize("role", BOTH)
def test_window_is_kept_from_message_to_message(role: Role) -> None:
    """7692-7.2.2-03, 7692-7.2.2-05"""
    endpoint = compressing(role)
    for payload in (HELLO, AGAIN, AGAIN):
        assert receive(endpoint, message(role, payload)) == [TextReceived("Hello")]


def test_window_is_kept_when_a_hint_was_not_agreed() -> None:
    """7692-7.2.2-06"""

    class Ignoring(PerMessageDeflateFactory):
        """A server's factory that makes nothing of the client's hint."""

        def accept(self, parameters):  # type: ignore[no-untyped-def]  # as above
            return super().accept(tuple(pair for pair in parameters if pair[0] != "client_no_context_takeover"))

    server = compressing(Role.SERVER, "client_no_context_takeover", extensions=[Ignoring()])
    (extension,) = server.extensions
    assert isinstance(extension, PerMessageDeflate)
    assert not extension.agreed.client_no_context_takeover
    for payload in (HELLO, AGAIN):
        assert receive(server, message(Role.SERVER, payload)) == [TextReceived("Hello")]


@pytest.mark.parametrize("role", BOTH)
def test_window_of_32768_bytes_is_kept(role: Role, seed: int) -> None:
    """7692-7.1.2.1-07, 7692-7.1.2.2-07, 7692-7.2.2-08, 7692-7.2.2-10"""
    texts = [noise(seed, 20_000), noise(seed, 200)]
    first, second = compressed(*texts)
    narrow = zlib.decompressobj(-14)
    narrow.decompress(first + TAIL)
    with pytest.raises(zlib.error, match="too far back"):
        narrow.decompress(second + TAIL)
    endpoint = compressing(role)
    heard = receive(endpoint, message(role, first, 2)) + receive(endpoint, message(role, second, 2))
    assert heard == [BinaryReceived(text) for text in texts]


# --- §7.2.3: the examples ---


@pytest.mark.parametrize("role", BOTH)
def test_plain_messages_leave_the_window_alone(role: Role) -> None:
    """7692-7.2.3.2-01"""
    endpoint = compressing(role)
    data = from_peer(role, f"c1 07 {HELLO}", "81 03 78 79 7a", f"c1 05 {AGAIN}")
    assert receive(endpoint, data) == [TextReceived("Hello"), TextReceived("xyz"), TextReceived("Hello")]
    sender = compressing(role, extensions=[PerMessageDeflateFactory(threshold=4)])
    for text in ("Hello", "xyz", "Hello"):
        sender.send_text(text)
    assert [frame.payload for frame in sent(sender)] == [bytes.fromhex(HELLO), b"xyz", bytes.fromhex(AGAIN)]


@pytest.mark.parametrize("role", BOTH)
def test_rsv1_is_set_with_stored_blocks_too(role: Role) -> None:
    """7692-7.2.3.3-01"""
    endpoint = compressing(role, extensions=[PerMessageDeflateFactory(level=0)])
    endpoint.send_text("Hello")
    (frame,) = sent(endpoint)
    assert (frame.first, frame.payload.hex(" ")) == (0xC1, "00 05 00 fa ff 48 65 6c 6c 6f 00")


@pytest.mark.parametrize("role", BOTH)
def test_empty_last_piece_is_one_octet(role: Role) -> None:
    """7692-7.2.3.6-01"""
    endpoint = compressing(role)
    endpoint.send_text("")
    endpoint.send_text("Hello", fin=False)
    endpoint.send_continuation("")
    endpoint.send_text("")
    frames = [(frame.first, frame.payload.hex(" ")) for frame in sent(endpoint)]
    flushed = f"{HELLO} 00 00 ff ff"
    assert frames == [(0xC1, "00"), (0x41, flushed), (0x80, "00"), (0xC1, "00")]
    data = from_peer(role, "c1 01 00", f"41 0b {flushed}", "80 01 00", "c1 01 00")
    assert receive(compressing(role), data) == [TextReceived(""), TextReceived("Hello", 2), TextReceived("")]
