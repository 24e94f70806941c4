"""Limits and validation (RFC 6455 §10.4, §10.7)."""

from __future__ import annotations

import random
import tracemalloc

import pytest

from wsedu import Connection, Limits, Role, ServerPolicy, State
from wsedu.protocol.closing import CloseCode
from wsedu.protocol.events import BinaryReceived

from ..support import masked, open_endpoint, open_server, random_cuts
from .peers import (
    BOTH,
    assert_fails,
    assert_refuses,
    from_peer,
    m,
    parse_response,
    receive,
    request,
    wire_frames,
)


@pytest.mark.parametrize("role", BOTH)
def test_huge_frame_is_refused_before_memory_is_taken(role: Role) -> None:
    """6455-10.4-01"""
    endpoint = open_endpoint(role)
    header = bytes.fromhex(f"82 {'ff' if role is Role.SERVER else '7f'} 00 00 00 01 00 00 00 00")
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    assert_fails(endpoint, header, 1009)
    taken = tracemalloc.get_traced_memory()[1] - before
    tracemalloc.stop()
    assert taken < 1 << 18


@pytest.mark.parametrize("role", BOTH)
def test_frame_beyond_its_own_limit_is_refused(role: Role) -> None:
    """6455-10.4-01, 6455-10.4-02"""
    limits = Limits(max_frame_size=10, max_message_size=1000)
    endpoint = open_endpoint(role, limits=limits)
    assert receive(endpoint, from_peer(role, "82 0a" + "61" * 10)) == [BinaryReceived(b"a" * 10)]
    assert_fails(endpoint, from_peer(role, "82 0b" + "61" * 11), 1009)


def test_fragments_without_end_are_refused() -> None:
    """6455-10.4-01"""
    server = open_server(limits=Limits(max_message_size=1000))
    receive(server, m("02 64" + "00" * 100) + m("00 64" + "00" * 100) * 9)
    assert server.state is State.OPEN
    assert_fails(server, m("00 01 00"), 1009)


def test_empty_fragments_without_end_are_refused() -> None:
    """6455-10.4-01"""
    server = open_server(limits=Limits(max_fragments=50))
    receive(server, m("02 00") + m("00 00") * 49)
    assert server.state is State.OPEN
    assert_fails(server, m("00 00"), 1009)


@pytest.mark.parametrize("role", BOTH)
def test_message_of_the_limit_passes_and_of_one_byte_more_does_not(role: Role) -> None:
    """6455-10.4-02"""
    limits = Limits(max_message_size=1000)
    endpoint = open_endpoint(role, limits=limits)
    assert receive(endpoint, from_peer(role, "82 7e 03 e8" + "61" * 1000)) == [BinaryReceived(b"a" * 1000)]
    halves = from_peer(role, "02 7e 01 f4" + "61" * 500, "80 7e 01 f4" + "61" * 500)
    assert receive(endpoint, halves) == [BinaryReceived(b"a" * 1000, 2)]
    for frames in (["82 7e 03 e9"], ["02 7e 01 f4" + "61" * 500, "80 7e 01 f5"]):
        assert_fails(open_endpoint(role, limits=limits), from_peer(role, *frames), 1009)


def mutated(source: random.Random, data: bytes) -> bytes:
    """A stream with some bytes changed, left out or put in."""
    result = bytearray(data)
    for _ in range(source.randrange(1, 6)):
        place = source.randrange(len(result))
        match source.randrange(3):
            case 0:
                result[place] = source.randrange(256)
            case 1:
                del result[place]
            case _:
                result.insert(place, source.randrange(256))
    return bytes(result)


STREAM = ["81 02 68 69", "01 01 c3", "89 01 70", "80 01 a9", "82 7e 00 7e" + "00" * 126, "88 05 03 e8 62 79 65"]


@pytest.mark.parametrize("role", BOTH)
def test_mutated_frames_give_events_or_a_close(role: Role, seed: int) -> None:
    """6455-10.7-01"""
    source = random.Random(seed)
    stream = from_peer(role, *STREAM)
    failed = 0
    for _ in range(500):
        endpoint = open_endpoint(role, limits=Limits(max_message_size=1000))
        for piece in random_cuts(mutated(source, stream), source.randrange(1 << 30)):
            receive(endpoint, piece)
        closes = [frame for frame in wire_frames(endpoint.data_to_send()) if frame.opcode == 8]
        assert len(closes) <= 1
        if endpoint.violation is not None:
            failed += 1
            assert [frame.code for frame in closes] in ([1002], [1007], [1009])
    assert 0 < failed < 500


def test_mutated_requests_give_101_or_an_http_error(seed: int) -> None:
    """6455-10.7-01"""
    source = random.Random(seed)
    refused = 0
    for _ in range(500):
        server = Connection(Role.SERVER)
        for piece in random_cuts(mutated(source, request()), source.randrange(1 << 30)):
            receive(server, piece)
        if server.state is State.CLOSING:
            refused += 1
            assert 400 <= parse_response(server.data_to_send()).status_code < 600
    assert 0 < refused < 500


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("83 00", CloseCode.PROTOCOL_ERROR),
        ("81 01 ff", CloseCode.INVALID_DATA),
        ("82 7e 03 e9", CloseCode.MESSAGE_TOO_BIG),
    ],
)
def test_invalid_data_is_answered_with_a_suitable_code(frame: str, code: int) -> None:
    """6455-10.7-03"""
    assert_fails(open_server(limits=Limits(max_message_size=1000)), masked(frame), code)


def test_invalid_handshake_is_answered_with_a_suitable_status() -> None:
    """6455-10.7-04"""
    assert_refuses(request("GET"), 400)
    assert_refuses(request(), 403, policy=ServerPolicy(origins=["http://a"]))
    assert_refuses(request("POST /chat HTTP/1.1"), 405)
    assert_refuses(request(Sec_WebSocket_Version="8"), 426)
    assert_refuses(request(Upgrade=None), 426)
    assert_refuses(request(X="a" * 20000), 431)
    assert_refuses(request("GET /chat HTTP/1.0"), 505)
