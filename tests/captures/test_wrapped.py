"""Captures whose TCP is wrapped in something: fragments of IP, gzip, a proxy's tunnel, or begun in the middle."""

from __future__ import annotations

import gzip
import random
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from scapy.layers.inet import IP, TCP, fragment
from scapy.layers.inet6 import IPv6, IPv6ExtHdrFragment, fragment6
from scapy.layers.l2 import Ether
from scapy.packet import Raw

from tests.captures.exchange import random_exchange, sent_frames, streams
from tests.captures.test_pcap import check_same, frames, late, saved
from wsedu.protocol.frames import encode_frame
from wsedu.protocol.layout import lay_out_header
from wsedu.protocol.steps import FrameComplete, Unexplained
from wsedu.protocol.types import Direction, Role
from wsedu.trace.gzipped import unpack
from wsedu.trace.pcapresync import ENOUGH, TRIED, beginning
from wsedu.trace.pcaptrace import Other, read_capture
from wsedu.trace.pcapwrite import packets, write_pcapng
from wsedu.trace.trace import Trace


@pytest.fixture(scope="module")
def exchange(seed: int) -> Trace:
    return random_exchange(seed, 40)


# --- Fragments of IP ---


def in_fragments_v4(packet: Any, number: int) -> list[Any]:
    whole = IP(src="127.0.0.1", dst="127.0.0.1", id=number) / packet[TCP].copy()
    return [Ether() / piece for piece in fragment(whole, fragsize=200)]


def in_fragments_v6(packet: Any, number: int) -> list[Any]:
    tcp = packet[TCP].copy()
    del tcp.chksum
    whole = IPv6(src="::1", dst="::1") / IPv6ExtHdrFragment(id=number) / tcp
    return [Ether() / piece for piece in fragment6(whole, 256)]


@pytest.mark.parametrize("order", [list, lambda pieces: pieces[::-1]], ids=["in order", "last first"])
@pytest.mark.parametrize("cut", [in_fragments_v4, in_fragments_v6])
def test_fragments_of_ip_are_put_together(
    exchange: Trace,
    tmp_path: Path,
    cut: Callable[[Any, int], list[Any]],
    order: Callable[[list[Any]], list[Any]],
) -> None:
    items = []
    for number, packet in enumerate(packets(exchange), 1):
        for piece in order(cut(packet, number)):
            piece.time = packet.time
            items.append(piece)
    assert len(items) > sum(1 for _ in packets(exchange))
    check_same(exchange, saved(tmp_path, items))


def test_a_fragment_that_is_missing_is_a_gap(exchange: Trace, tmp_path: Path) -> None:
    items = [piece for number, packet in enumerate(packets(exchange), 1) for piece in in_fragments_v4(packet, number)]
    large = next(i for i, item in enumerate(items) if item[IP].frag and item[IP].flags.MF)
    (found,) = read_capture(saved(tmp_path, items[:large] + items[large + 1 :])).connections
    ((direction, gap),) = found.gaps
    assert found.trace.bytes_of(direction, received=True) == streams(exchange)[direction][: gap.offset]


# --- gzip ---


def test_compressed_files_are_read(exchange: Trace, tmp_path: Path) -> None:
    write_pcapng(exchange, tmp_path / "plain.pcapng")
    check_same(exchange, gzip.compress((tmp_path / "plain.pcapng").read_bytes()))


def test_a_compressed_file_that_is_cut_keeps_what_came_before(exchange: Trace, tmp_path: Path) -> None:
    write_pcapng(exchange, tmp_path / "plain.pcapng")
    packed = gzip.compress((tmp_path / "plain.pcapng").read_bytes())
    capture = read_capture(packed[: len(packed) // 2])
    assert capture.damaged_at is not None
    for direction in Direction:
        assert streams(exchange)[direction].startswith(capture.connections[0].trace.bytes_of(direction, received=True))
    # Only the sum at the end is cut: the records are all there.
    assert read_capture(packed[:-4]).damaged_at == len((tmp_path / "plain.pcapng").read_bytes())


def test_a_file_is_not_unpacked_beyond_the_limit() -> None:
    assert unpack(gzip.compress(bytes(100_000)) * 2, 150_000) == (bytes(150_000), False)
    assert unpack(gzip.compress(bytes(100_000)) * 2, 200_000) == (bytes(200_000), True)


# --- A proxy's tunnel ---


def test_a_tunnel_of_a_proxy_is_read_through(exchange: Trace, tmp_path: Path) -> None:
    ask = b"CONNECT example.org:80 HTTP/1.1\r\nHost: example.org:80\r\n\r\n"
    agree = b"HTTP/1.1 200 Connection established\r\n\r\n"
    opening, rest = list(packets(exchange))[:3], list(packets(exchange))[3:]
    client, server = opening[2], opening[1]
    for item in rest:
        to_server = item[TCP].dport == 80
        item[TCP].seq += len(ask) if to_server else len(agree)
        item[TCP].ack += len(agree) if to_server else len(ask)
    heads = [client.copy() / Raw(ask), server.copy() / Raw(agree)]
    heads[1][TCP].flags = "PA"
    heads[1][TCP].seq += 1
    for head in heads:
        del head[IP].len, head[IP].chksum, head[TCP].chksum
    data = saved(tmp_path, [*opening, *heads, *rest])
    check_same(exchange, data)
    assert read_capture(data).connections[0].tunnel == "example.org:80"
    # A proxy that refuses opens nothing.
    heads[1] = server.copy() / Raw(agree.replace(b"200", b"403"))
    heads[1][TCP].flags, heads[1][TCP].seq = "PA", server[TCP].seq + 1
    refused = read_capture(saved(tmp_path, [*opening, *heads]))
    assert (refused.connections, refused.others) == ((), {Other.HTTP: 1})


# --- Begun in the middle ---


@pytest.mark.parametrize("direction", list(Direction))
def test_the_next_frame_is_found_wherever_a_stream_is_cut(seed: int, direction: Direction) -> None:
    """Thousands of bytes all over a known exchange, and the true beginnings of its frames."""
    trace = next(
        found
        for found in (random_exchange(seed + i, 60) for i in range(100))
        if len(streams(found)[direction]) < 30_000
    )
    reader = Role.SERVER if direction is Direction.TO_SERVER else Role.CLIENT
    stream = streams(trace)[direction].partition(b"\r\n\r\n")[2]
    begins = [0]
    for frame in sent_frames(trace, direction):
        begins.append(begins[-1] + len(encode_frame(frame)))
    assert begins[-1] == len(stream)
    asked = first = 0
    wrong: set[int] = set()
    end = begins[-2 - ENOUGH]
    for cut in sorted({*random.Random(seed).sample(range(end), min(end, 3000)), *begins[: -2 - ENOUGH]}):
        found = cut + beginning(stream[cut:], reader).skipped
        following = [begin for begin in begins if begin >= cut]
        # Where a payload looks like a frame by chance, and of an empty frame, one more frame is given up. Only of a
        # stream that begins just there nobody can say so, and then nothing was passed over.
        assert found in following[:3] or found not in following or found == cut, cut
        asked += 1
        first += found == following[0]
        if found not in (*following, cut):
            wrong.add(found)
    assert first > 0.7 * asked > 0.4 * min(end, 3000)
    # Rarely the end of a payload is by chance a frame that ends where the next one begins.
    assert len(wrong) <= 1 + len(begins) // 20


def test_too_little_is_not_guessed_from() -> None:
    assert beginning(bytes(100_000), Role.CLIENT) == (0, False)
    assert beginning(b"", Role.SERVER) == (0, False)
    assert beginning(b"\x81", Role.SERVER) == (0, False)


def test_bytes_before_the_first_frame_are_passed_over_and_told(exchange: Trace, tmp_path: Path) -> None:
    items = list(late(exchange))
    whole = read_capture(saved(tmp_path, items), as_websocket=role_of_first(items)).connections[0]
    side = items[0][TCP].sport
    first = next(item for item in items if item[TCP].sport == side and len(item[TCP].payload) > 3)
    data = bytes(first[TCP].payload)
    first[TCP].remove_payload()
    first[TCP].seq += 1
    del first[IP].len, first[IP].chksum, first[TCP].chksum
    items[items.index(first)] = first / Raw(data[1:])
    (found,) = read_capture(saved(tmp_path, items), as_websocket=role_of_first(items)).connections
    ((direction, size),) = found.skipped
    (other,) = set(Direction) - {direction}
    assert not found.violations
    assert not found.legal
    assert frames(found.trace, direction) == frames(whole.trace, direction)[1:]
    assert size == len(encode_frame(frames(whole.trace, direction)[0])) - 1
    assert frames(found.trace, other) == frames(whole.trace, other)


def role_of_first(items: list[Any]) -> Role:
    return Role.SERVER if items[0][TCP].sport == 80 else Role.CLIENT


def test_compressed_messages_without_their_handshake_are_no_violations(seed: int, tmp_path: Path) -> None:
    from wsedu.loopback import record

    trace = record("compressed", seed=seed)
    items = list(packets(trace))
    server = items[0][TCP].dport
    heads = [
        next(i for i, item in enumerate(items) if len(item[TCP].payload) and (item[TCP].sport == server) is way)
        for way in (False, True)
    ]
    (found,) = read_capture(saved(tmp_path, items[max(heads) + 1 :]), as_websocket="client").connections
    assert any(record.step.frame.rsv1 for record in found.trace if isinstance(record.step, FrameComplete))
    assert not found.violations
    assert {record.step.reason for record in found.trace if isinstance(record.step, Unexplained)} == {"extension"}


def test_bytes_made_to_look_like_frames_everywhere_are_given_up_on() -> None:
    """Counted in headers that are laid out: without a bound, each place of these bytes begins a long row."""
    calls = 0

    def count(frame: object, event: str, argument: object) -> None:
        nonlocal calls
        if event == "call" and frame.f_code is lay_out_header.__code__:  # type: ignore[attr-defined]
            calls += 1

    hostile = (b"\x89\x00" * 3 + b"\xff") * (1 << 16)
    sys.setprofile(count)
    try:
        assert beginning(hostile, Role.CLIENT).skipped == 0
    finally:
        sys.setprofile(None)
    # Each header is laid out here, and once more to be judged.
    assert TRIED <= calls <= 2 * TRIED
