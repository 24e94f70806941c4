"""What came back in a replay beside what was recorded: the first difference, in words that can be shown."""

from __future__ import annotations

from typing import NamedTuple

from ..protocol.frame import Frame


class Difference(NamedTuple):
    """The first thing that came back otherwise than recorded.

    Arguments:
        what: `status`, `origin` (403, and the Origin that was sent), `accept`, `header` or `target` of the handshake;
            `opcode`, `fin`, `rsv`, `mask`, `length` or `payload` of a frame; `extra` or `missing` frames, or `end`:
            TCP ended too early.
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


class DiffersError(Exception):
    """Ends a replay at the first difference."""

    def __init__(self, difference: Difference) -> None:
        super().__init__(difference)
        self.difference = difference


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


def frame_excerpt(frame: Frame) -> str:
    payload = _excerpt(frame.payload, 0)
    return f"{frame.name}, {len(frame.payload)} B: {payload}"
