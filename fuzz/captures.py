"""Capture files of strangers: whole files damaged in any way, and whole packets that make no sense together."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from wsedu.trace.har import MESSAGES
from wsedu.trace.harread import DamagedHarError, loads_har, read_har
from wsedu.trace.pcapfile import NoCaptureError
from wsedu.trace.pcaptrace import read_capture

from .jsonvalues import altered

CLIENT = (bytes([127, 0, 0, 1]), 50000)
SERVER = (bytes([127, 0, 0, 1]), 8000)
RAW_IP = 101
"""The link type of packets that begin with the header of IP (LINKTYPE_RAW)."""

SYN, ACK, FIN = 0x02, 0x10, 0x01
PSH_ACK = 0x18
START = 1000
"""The sequence number of both SYNs, so that the first byte of both directions is the next one."""


def packet(to_server: bool, seq: int, flags: int, payload: bytes = b"") -> bytes:
    """One TCP segment in IPv4; its checksums are left empty, as network cards that compute them leave them."""
    (source, sport), (target, dport) = (CLIENT, SERVER) if to_server else (SERVER, CLIENT)
    tcp = struct.pack("!HHIIBBHHH", sport, dport, seq % (1 << 32), START + 1, 5 << 4, flags, 0xFFFF, 0, 0)
    return struct.pack("!BBHHHBBH", 0x45, 0, 40 + len(payload), 0, 0, 64, 6, 0) + source + target + tcp + payload


def pcap(packets: Iterable[bytes]) -> bytes:
    """Packets as a pcap file, a second after each other."""
    records = b"".join(
        struct.pack("<IIII", number, 0, len(data), len(data)) + data for number, data in enumerate(packets)
    )
    return struct.pack("<IHHIIII", 0xA1B2C3D4, 2, 4, 0, 0, 1 << 18, RAW_IP) + records


def pcapng(packets: Iterable[bytes]) -> bytes:
    """The same as a pcapng file."""
    section = _block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
    interface = _block(1, struct.pack("<HHI", RAW_IP, 0, 1 << 18))
    return (
        section
        + interface
        + b"".join(
            _block(6, struct.pack("<IIIII", 0, 0, number, len(data), len(data)) + data)
            for number, data in enumerate(packets)
        )
    )


def _block(kind: int, body: bytes) -> bytes:
    body += bytes(-len(body) % 4)
    size = struct.pack("<I", 12 + len(body))
    return struct.pack("<I", kind) + size + body + size


# --- The targets ---


def capture_file(data: bytes) -> None:
    """A pcap or pcapng file, with and without the handshake of its connections."""
    for role in (None, "client"):
        with suppress(NoCaptureError):
            read_capture(data, as_websocket=role)


def capture_stream(data: bytes) -> None:
    """Whole packets: four bytes say direction, sequence number, flags and size of each, and what it carries follows."""
    packets: list[bytes] = []
    at = 0
    while at + 4 <= len(data) and len(packets) < MOST_PACKETS:
        way, place, flags, size = data[at : at + 4]
        payload = data[at + 4 : at + 4 + size]
        packets.append(packet(bool(way & 1), START + place + (way >> 1), flags, payload))
        at += 4 + size
    read_capture(pcap(packets), as_websocket="client" if len(packets) % 2 else None)


MOST_PACKETS = 16


def archive(data: bytes) -> None:
    """An HTTP archive."""
    with suppress(DamagedHarError):
        loads_har(data.decode(errors="replace"))


def archive_values(data: bytes) -> None:
    """An HTTP archive that is one, with odd values in it."""
    with suppress(DamagedHarError):
        read_har(altered(ARCHIVE, data))


# --- What they begin with ---


def exchange(request: bytes, response: bytes, client: bytes, server: bytes) -> tuple[bytes, ...]:
    """The packets of a connection: SYNs, both heads, frames of both ends, and a FIN of each."""
    behind = START + 1 + len(request)
    answered = START + 1 + len(response)
    return (
        packet(True, START, SYN),
        packet(False, START, SYN | ACK),
        packet(True, START + 1, PSH_ACK, request),
        packet(False, START + 1, PSH_ACK, response),
        packet(True, behind, PSH_ACK, client),
        packet(False, answered, PSH_ACK, server),
        packet(True, behind + len(client), FIN | ACK),
        packet(False, answered + len(server), FIN | ACK),
    )


def stream(*pieces: tuple[int, int, int, bytes]) -> bytes:
    """An input of `capture_stream`."""
    return b"".join(bytes([way, place, flags, len(data)]) + data for way, place, flags, data in pieces)


def stream_seeds(client: bytes, server: bytes) -> tuple[bytes, ...]:
    """Frames in order, in the wrong order, twice, and with a gap."""
    half = len(client) // 2
    opened = (1, 0, SYN, b""), (0, 0, SYN | ACK, b"")
    return (
        stream(*opened, (1, 1, PSH_ACK, client), (0, 1, PSH_ACK, server), (1, 1 + len(client), FIN | ACK, b"")),
        stream(*opened, (1, 1 + half, PSH_ACK, client[half:]), (1, 1, PSH_ACK, client[:half])),
        stream(*opened, (1, 1, PSH_ACK, client), (1, 1, PSH_ACK, client), (1, 100, PSH_ACK, client)),
        stream((1, 1, PSH_ACK, client[half:]), (0, 1, PSH_ACK, server)),
    )


_HEADERS = [{"name": "Sec-WebSocket-Key", "value": "dGhlIHNhbXBsZSBub25jZQ=="}, {"name": "Host", "value": "a"}]
ARCHIVE: dict[str, Any] = {
    "log": {
        "entries": [
            {
                "startedDateTime": "2024-01-01T00:00:00.000Z",
                "request": {"method": "GET", "url": "ws://a/chat?x=1", "httpVersion": "HTTP/1.1", "headers": _HEADERS},
                "response": {"status": 101, "statusText": "", "headers": [{"name": "Upgrade", "value": "websocket"}]},
                MESSAGES: [
                    {"type": "send", "time": 1704067200.5, "opcode": 1, "data": "Hello"},
                    {"type": "receive", "time": 1704067201.5, "opcode": 2, "data": "AAE="},
                ],
            }
        ]
    }
}
"""One exchange, as a browser writes it."""
