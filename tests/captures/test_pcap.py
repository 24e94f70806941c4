"""Capture files read: every link, disorder, loss, damage, other traffic."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from scapy.layers.inet import IP, TCP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import CookedLinux, CookedLinuxV2, Dot1Q, Ether, Loopback
from scapy.packet import Raw
from scapy.utils import PcapNgWriter, PcapWriter

from tests.captures.exchange import Pair, random_exchange, sent_frames, streams
from wsedu.protocol.steps import EndReceived, FrameComplete
from wsedu.protocol.types import Direction, Role
from wsedu.trace import jsonl
from wsedu.trace.pcapfile import NoCaptureError
from wsedu.trace.pcapsegments import FIRST_SEQUENCE
from wsedu.trace.pcaptrace import Other, merged, read_capture
from wsedu.trace.pcapwrite import packets, write_pcapng
from wsedu.trace.trace import Trace


@pytest.fixture(scope="module")
def exchange(seed: int) -> Trace:
    return random_exchange(seed, 40)


def saved(tmp_path: Path, items: list[Any], *, pcap: bool = False) -> bytes:
    path = tmp_path / "some.pcap"
    with (PcapWriter if pcap else PcapNgWriter)(str(path)) as file:
        for item in items:
            file.write(item)
    return path.read_bytes()


def frames(trace: Trace, direction: Direction) -> list[Any]:
    return [
        record.step.frame._replace(length_form=None)
        for record in trace
        if isinstance(record.step, FrameComplete) and record.step.span and record.step.span.direction is direction
    ]


def check_same(exchange: Trace, data: bytes) -> None:
    """The capture has the exchange, and nothing else."""
    capture = read_capture(data)
    (found,) = capture.connections
    assert streams(found.trace) == streams(exchange)
    for direction in Direction:
        assert frames(found.trace, direction) == [
            frame._replace(length_form=None) for frame in sent_frames(exchange, direction)
        ]
    assert found.legal
    ended = {record.step.endpoint for record in found.trace if isinstance(record.step, EndReceived)}
    assert ended == set(Role)


def on_ipv6(packet: Any) -> Any:
    return Ether() / IPv6(src="::1", dst="::1") / packet[TCP].copy()


LINKS: dict[str, Callable[[Any], Any]] = {
    "ethernet": lambda packet: packet,
    "vlan": lambda packet: Ether() / Dot1Q(vlan=5) / packet[IP],
    "loopback": lambda packet: Loopback(type=2) / packet[IP],
    "linux cooked": lambda packet: CookedLinux() / packet[IP],
    "linux cooked 2": lambda packet: CookedLinuxV2() / packet[IP],
    "raw ip": lambda packet: packet[IP],
    "ipv6": on_ipv6,
}


@pytest.mark.parametrize("pcap", [True, False], ids=["pcap", "pcapng"])
@pytest.mark.parametrize("link", LINKS)
def test_every_link_is_read(exchange: Trace, tmp_path: Path, link: str, pcap: bool) -> None:
    items = []
    for packet in packets(exchange):
        item = LINKS[link](packet)
        if link == "ipv6":
            del item[TCP].chksum
        item.time = packet.time
        items.append(item)
    check_same(exchange, saved(tmp_path, items, pcap=pcap))


def test_times_are_kept(exchange: Trace, tmp_path: Path) -> None:
    write_pcapng(exchange, tmp_path / "a.pcapng", start=1_700_000_000.0)
    (found,) = read_capture((tmp_path / "a.pcapng").read_bytes()).connections
    assert float(found.start) == pytest.approx(1_700_000_000, abs=0.01)
    sent = [record.t for record in exchange.frames(Direction.TO_SERVER)]
    read = [record.t for record in found.trace.frames(Direction.TO_SERVER, sent=False)]
    assert read[-1] - read[0] == pytest.approx(sent[-1] - sent[0], abs=0.02)


# --- Disorder ---


def shuffled(items: list[Any], rng: random.Random) -> list[Any]:
    """Segments behind TCP's handshake, each at most a few places away from where it was."""
    order = sorted(range(len(items)), key=lambda i: i if i < 3 else i + rng.uniform(0, 4))
    return [items[i] for i in order]


def repeated(items: list[Any], rng: random.Random) -> list[Any]:
    """Some segments twice."""
    return [copy for item in items for copy in [item] * (1 + (rng.random() < 0.3))]


def overlapping(items: list[Any], rng: random.Random) -> list[Any]:
    """Some segments once more, together with bytes of the one before or behind."""
    result = []
    for item in items:
        data = bytes(item[TCP].payload)
        if len(data) > 4 and rng.random() < 0.5:
            cut = rng.randrange(1, len(data))
            part = item.copy()
            part[TCP].remove_payload()
            del part[IP].len, part[IP].chksum, part[TCP].chksum
            result.append(part / Raw(data[:cut]))
        result.append(item)
    return result


def wrapped(items: list[Any], rng: random.Random) -> list[Any]:
    """The same with sequence numbers that come round to 0 on the way."""
    moved = {FIRST_SEQUENCE[Role.CLIENT]: 2**32 - 50 - FIRST_SEQUENCE[Role.CLIENT]}
    moved[FIRST_SEQUENCE[Role.SERVER]] = 2**32 - 3000 - FIRST_SEQUENCE[Role.SERVER]
    client = items[0][TCP].sport
    for item in items:
        own, other = (FIRST_SEQUENCE[role] for role in Role)
        if item[TCP].sport != client:
            own, other = other, own
        item[TCP].seq = (item[TCP].seq + moved[own]) % 2**32
        item[TCP].ack = (item[TCP].ack + moved[other]) % 2**32
    return items


@pytest.mark.parametrize("disorder", [shuffled, repeated, overlapping, wrapped])
def test_segments_are_put_in_order(
    exchange: Trace, tmp_path: Path, seed: int, disorder: Callable[[list[Any], random.Random], list[Any]]
) -> None:
    items = disorder(list(packets(exchange)), random.Random(seed))
    check_same(exchange, saved(tmp_path, items))


def test_two_connections_between_the_same_sockets_are_two(seed: int, tmp_path: Path) -> None:
    one, two = random_exchange(seed, 20), random_exchange(seed + 1, 20)
    second = list(packets(two, start=100))
    for item in second:
        client = item[TCP].dport == 80
        item[TCP].seq += 77 if client else 99
        item[TCP].ack += 99 if client else 77
    second[0][TCP].ack = 0
    capture = read_capture(saved(tmp_path, [*packets(one), *second]))
    assert [streams(found.trace) for found in capture.connections] == [streams(one), streams(two)]
    whole = merged(capture.connections)
    assert [record.n for record in whole] == list(range(1, len(whole) + 1))
    assert {record.connection for record in whole} == {1, 2}


# --- What is missing ---


def test_a_lost_segment_is_told_with_its_place(exchange: Trace, tmp_path: Path) -> None:
    items = list(packets(exchange))
    data = [i for i, item in enumerate(items) if item[TCP].sport != 80 and len(item[TCP].payload)]
    lost = data[len(data) // 2]
    capture = read_capture(saved(tmp_path, items[:lost] + items[lost + 1 :]))
    (found,) = capture.connections
    ((direction, gap),) = found.gaps
    assert direction is Direction.TO_SERVER
    assert gap.size == len(items[lost][TCP].payload)
    assert gap.offset == items[lost][TCP].seq - FIRST_SEQUENCE[Role.CLIENT] - 1
    before = streams(exchange)[direction][: gap.offset]
    assert found.trace.bytes_of(direction, received=True) == before
    assert gap.offset + gap.size + gap.behind == len(streams(exchange)[direction])
    assert not found.legal


@pytest.mark.component("editcap", "apt-get install wireshark-common")
def test_packets_cut_short_are_told(exchange: Trace, tmp_path: Path) -> None:
    write_pcapng(exchange, tmp_path / "whole.pcapng")
    command = ["editcap", "-s", "300", str(tmp_path / "whole.pcapng"), str(tmp_path / "short.pcapng")]
    subprocess.run(command, check=True, capture_output=True, timeout=20)
    (found,) = read_capture((tmp_path / "short.pcapng").read_bytes()).connections
    assert found.gaps
    for direction in Direction:
        assert streams(exchange)[direction].startswith(found.trace.bytes_of(direction, received=True))


def late(exchange: Trace) -> Iterator[Any]:
    """Everything from the first frame on."""
    heads = {80: True, 0: True}
    for number, item in enumerate(packets(exchange)):
        size = len(item[TCP].payload)
        side = 80 if item[TCP].sport == 80 else 0
        if size and heads[side]:
            heads[side] = False
        elif number > 2 and not any(heads.values()) and (size or "F" in str(item[TCP].flags)):
            yield item


@pytest.mark.parametrize("role", list(Role))
def test_a_capture_that_starts_late_needs_to_be_told(exchange: Trace, tmp_path: Path, role: Role) -> None:
    items = list(late(exchange))
    first = Role.SERVER if items[0][TCP].sport == 80 else Role.CLIENT
    data = saved(tmp_path, items)
    unasked = read_capture(data)
    assert not unasked.connections
    assert unasked.others == {Other.LATE: 1}
    (found,) = read_capture(data, as_websocket=role).connections
    # Told the wrong way round, every frame breaks the rule about masks.
    assert bool(found.violations) is (role is not first)
    if role is first:
        for direction in Direction:
            assert frames(found.trace, direction) == [
                frame._replace(length_form=None) for frame in sent_frames(exchange, direction)
            ]


@pytest.mark.parametrize("pcap", [True, False], ids=["pcap", "pcapng"])
def test_a_file_cut_anywhere_keeps_what_came_before(exchange: Trace, tmp_path: Path, seed: int, pcap: bool) -> None:
    data = saved(tmp_path, list(packets(exchange)), pcap=pcap)
    rng = random.Random(seed)
    for size in rng.sample(range(400, len(data)), 12):
        capture = read_capture(data[:size])
        assert capture.damaged_at is None or capture.damaged_at <= size
        for found in capture.connections:
            for direction in Direction:
                assert streams(exchange)[direction].startswith(found.trace.bytes_of(direction, received=True))


def test_damage_in_the_middle_is_placed(exchange: Trace, tmp_path: Path) -> None:
    data = bytearray(saved(tmp_path, list(packets(exchange))))
    place = data.index(b"\x06\x00\x00\x00", len(data) // 2)
    data[place + 4 : place + 8] = b"\xff\xff\xff\xff"
    assert read_capture(bytes(data)).damaged_at == place


@pytest.mark.parametrize("data", [b"", b"\x0a\x0d\x0d\x0a", b"\xd4\xc3\xb2\xa1\x02\x00", b"GET / HTTP/1.1\r\n\r\n"])
def test_what_is_no_capture_is_refused(data: bytes) -> None:
    with pytest.raises(NoCaptureError):
        read_capture(data)


def test_random_damage_never_does_more_than_refuse(exchange: Trace, tmp_path: Path, seed: int) -> None:
    write_pcapng(exchange, tmp_path / "a.pcapng")
    whole = (tmp_path / "a.pcapng").read_bytes()
    rng = random.Random(seed)
    for _ in range(20):
        data = bytearray(whole)
        for _ in range(rng.randrange(1, 30)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        try:
            capture = read_capture(bytes(data))
        except NoCaptureError:
            continue
        assert capture.damaged_at is None or 0 < capture.damaged_at < len(data)
        # Whatever was read can be kept.
        for found in capture.connections:
            lines = "\n".join(jsonl.lines(found.trace))
            assert jsonl.loads(lines).records == [record._replace(t=round(record.t, 6)) for record in found.trace]


# --- Other traffic ---


def test_other_connections_are_counted_by_what_they_are(seed: int, tmp_path: Path) -> None:
    def connection(port: int, data: bytes) -> list[Any]:
        base = IP(src="127.0.0.1", dst="127.0.0.1")
        syn = Ether() / base / TCP(sport=port, dport=8080, seq=10, flags="S")
        return [syn, Ether() / base / TCP(sport=port, dport=8080, seq=11, flags="PA") / Raw(data)]

    items = connection(1, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n") + connection(2, b"\x16\x03\x01\x00\x05hello")
    items += connection(3, b"EHLO a\r\n") + connection(4, b"")
    capture = read_capture(saved(tmp_path, [*items, *packets(random_exchange(seed, 20))]))
    assert len(capture.connections) == 1
    assert capture.others == {Other.HTTP: 1, Other.TLS: 1, Other.UNKNOWN: 1, Other.EMPTY: 1}


def test_an_illegal_frame_is_named(seed: int, tmp_path: Path) -> None:
    pair = Pair(seed)
    from wsedu.protocol.frame import Frame

    pair.ends[Role.CLIENT].send_frame(Frame.text("unmasked"))
    pair.settle()
    write_pcapng(pair.trace, tmp_path / "bad.pcapng")
    (found,) = read_capture((tmp_path / "bad.pcapng").read_bytes()).connections
    assert [violation.rule for violation in found.violations] == ["CLIENT_MUST_MASK"]
    assert not found.legal
