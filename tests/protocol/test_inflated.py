"""Frames read as if permessage-deflate had been agreed on: what they were before, and what is no such frame."""

from __future__ import annotations

import zlib

import pytest

from wsedu.protocol import inflated
from wsedu.protocol.dissection import dissect
from wsedu.protocol.frame import Frame
from wsedu.protocol.frames import encode_frame
from wsedu.protocol.inflated import first_message, inflate_frames
from wsedu.protocol.types import Opcode


def compressed(data: bytes, opcode: int = Opcode.TEXT) -> bytes:
    """A frame whose payload zlib has compressed, without the tail that is left out."""
    maker = zlib.compressobj(wbits=-15)
    payload = maker.compress(data) + maker.flush(zlib.Z_SYNC_FLUSH)
    return encode_frame(Frame(opcode, payload.removesuffix(b"\x00\x00\xff\xff"), rsv1=True))


def test_a_message_between_plain_ones_and_control_frames_is_found() -> None:
    plain = encode_frame(Frame.text("plain"))
    ping = encode_frame(Frame(Opcode.PING, b"x"))
    frames = dissect(plain + ping + compressed(b"news " * 20) + plain).frames
    found = inflate_frames(frames)
    assert found == {2: b"news " * 20}
    assert first_message(frames, found) == (Opcode.TEXT, b"news " * 20)


@pytest.mark.parametrize("data", [b"\xff\xfe", b""])
def test_what_would_be_no_text_or_nothing_is_no_message(data: bytes) -> None:
    frames = dissect(compressed(data)).frames
    assert first_message(frames, inflate_frames(frames)) is None


def test_binary_need_not_be_utf8() -> None:
    frames = dissect(compressed(b"\xff\xfe", Opcode.BINARY)).frames
    assert first_message(frames, inflate_frames(frames)) == (Opcode.BINARY, b"\xff\xfe")


def test_a_cut_frame_is_not_guessed_at() -> None:
    frames = dissect(compressed(b"news " * 20)[:-1]).frames
    assert inflate_frames(frames) == {}


def test_no_more_is_inflated_than_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    data = compressed(bytes(10_000))
    monkeypatch.setattr(inflated, "MAX_INFLATED", 9_999)
    assert dissect(data, compress=True).inflated == {}
    monkeypatch.setattr(inflated, "MAX_INFLATED", 10_000)
    assert dissect(data, compress=True).inflated == {0: bytes(10_000)}


def test_text_is_judged_after_it_was_inflated() -> None:
    verdict = dissect(compressed(b"\xff"), compress=True, sender="server").server
    assert [violation.rule.name for violation in verdict.violations] == ["TEXT_UTF8"]
    assert dissect(compressed("é".encode()), compress=True, sender="server").legal


def test_fragments_are_put_together_and_an_unfinished_message_is_none() -> None:
    whole = dissect(compressed(b"news " * 20)).frames[0].frame
    assert whole is not None
    first = encode_frame(Frame(Opcode.TEXT, whole.payload[:4], fin=False, rsv1=True))
    last = encode_frame(Frame(Opcode.CONTINUATION, whole.payload[4:]))
    frames = dissect(first + last).frames
    found = inflate_frames(frames)
    assert b"".join(found.values()) == b"news " * 20
    assert first_message(frames, found) == (Opcode.TEXT, b"news " * 20)
    unfinished = dissect(first).frames
    assert first_message(unfinished, inflate_frames(unfinished)) is None
