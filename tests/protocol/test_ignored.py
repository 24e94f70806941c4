"""Bytes that nobody reads: what stands behind a violation in the same chunk, and what comes later (RFC 6455 §7.1.7)."""

from __future__ import annotations

import pytest

from tests.support import URI, as_bytes, request_head
from wsedu.protocol import steps
from wsedu.protocol.connection import Connection
from wsedu.protocol.frames import FrameDecoder
from wsedu.protocol.types import Role


def traced_client() -> tuple[Connection, list[steps.Step]]:
    """A client with an open connection, and the steps that it makes."""
    found: list[steps.Step] = []
    client = Connection(Role.CLIENT, URI, tracer=found.append)
    server = Connection(Role.SERVER)
    server.receive_data(client.data_to_send())
    client.receive_data(server.data_to_send())
    return client, found


IGNORED = [
    ("83 00 81 00", 2, "a wrong header is read, and nothing behind it"),
    ("83 05 01 02 03 04 05", 5, "nor its own payload"),
    ("81 01 ff 81 01 61", 3, "a frame that is whole is read before it is judged"),
    ("88 01 03 81 01 61", 3, "as a Close frame with a wrong body is"),
    ("81 02 ff", 0, "a payload under way is read as far as it has come"),
    ("81", 0, "what is not complete is no violation"),
    ("80 00 81 00", 2, "a header that the messages do not expect"),
]


@pytest.mark.parametrize(("data", "ignored", "why"), IGNORED, ids=[why for _, _, why in IGNORED])
def test_bytes_behind_a_violation_in_the_same_chunk_are_ignored_and_said_to_be(
    data: str, ignored: int, why: str
) -> None:
    client, found = traced_client()
    stream = as_bytes(data)
    start = client.bytes_received
    client.receive_data(stream)
    client.receive_data(b"later" if client.violation else b"")
    told = [step.span for step in found if isinstance(step, steps.BytesIgnored)]
    spans = [steps.byte_span(Role.CLIENT.receives, start + len(stream) - ignored, ignored)] if ignored else []
    if client.violation is not None:
        spans.append(steps.byte_span(Role.CLIENT.receives, start + len(stream), len(b"later")))
    assert told == spans


def test_no_field_of_what_is_ignored_is_shown() -> None:
    found: list[steps.Step] = []
    decoder = FrameDecoder(Role.CLIENT, tracer=found.append)
    decoder.feed(as_bytes("83 00 89 03 61 62 63"))
    fields = [step.span for step in found if isinstance(step, steps.FrameField) and step.span]
    assert max(span.first_bit + span.bits for span in fields) == 16
    assert decoder.ignored == 5


def test_a_text_that_ends_wrong_in_a_later_chunk_ignores_what_is_behind_it() -> None:
    client, found = traced_client()
    client.receive_data(as_bytes("81 02 61"))
    client.receive_data(as_bytes("e2 89 03 61 62 63"))
    [ignored] = [step for step in found if isinstance(step, steps.BytesIgnored)]
    names = [step.name for step in found if isinstance(step, steps.FrameField) and not step.sent]
    assert ignored.length == 5
    assert names.count("opcode") == 1, "the Ping behind it was never read"


def test_bytes_behind_a_request_that_is_refused_are_ignored() -> None:
    found: list[steps.Step] = []
    server = Connection(Role.SERVER, tracer=found.append)
    server.receive_data(request_head({"Sec-WebSocket-Version": "12"}) + b"smuggled")
    assert [step.length for step in found if isinstance(step, steps.BytesIgnored)] == [len(b"smuggled")]
