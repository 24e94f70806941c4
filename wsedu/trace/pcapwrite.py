"""A trace as a capture file that Wireshark dissects: pcapng, Ethernet, IPv4, TCP (extra `capture`).

Packets are built, numbered and summed by scapy; what they carry is decided in `pcapsegments`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ..extras import require
from ..protocol.types import Role
from .files import write_whole
from .pcapsegments import MSS, Ends, Segment, ends, segments
from .trace import Trace

MAC = {Role.CLIENT: "02:00:00:00:00:01", Role.SERVER: "02:00:00:00:00:02"}
"""Addresses of Ethernet that nobody owns (locally administered)."""

ETHERNET = 1
"""The link type of the file (LINKTYPE_ETHERNET)."""

WINDOW = 0xFFFF
WINDOW_SCALE = 7
"""Room for 8 MB under way, so that no reader of the capture takes the window for full."""

HALF_MICROSECOND = 5e-7
"""Added to each time, because the file keeps whole microseconds and the writer cuts off the rest."""


def write_pcapng(
    trace: Trace, path: str | Path, *, start: float = 0.0, comment: str | None = None, mss: int = MSS
) -> None:
    """Write the exchange of a trace as a pcapng file.

    What TLS protected is written in plaintext, as both endpoints saw it: the trace has no keys and no records of
    TLS. Each connection's addresses are the recorded ones if they are of IPv4.

    Arguments:
        trace: whose bytes and ends are written.
        path: where to; the file is there whole or not at all.
        start: seconds since 1970 of the first step; a trace has no date.
        comment: text that the first packet bears.
        mss: bytes of data that a packet carries at most.

    Raises:
        MissingExtraError: scapy is not installed.
        OSError: the file cannot be written.
    """
    writer = require("scapy.utils", "capture").PcapNgWriter
    with TemporaryDirectory() as folder:
        # The writer takes a name only, and leaves half a file where it is stopped.
        name = str(Path(folder) / "capture.pcapng")
        with writer(name) as file:
            # Said here, because a trace without bytes has no packet to tell it by.
            file.linktype = ETHERNET
            file.write_header(None)
            for number, packet in enumerate(packets(trace, start=start, mss=mss)):
                if number == 0 and comment:
                    packet.comments = [comment.encode()]
                file.write(packet)
        write_whole(path, Path(name).read_bytes())


def packets(trace: Trace, *, start: float = 0.0, mss: int = MSS) -> Iterator[Any]:
    """The packets of a trace, as scapy has them.

    Arguments:
        trace: whose bytes and ends they carry.
        start: seconds since 1970 of the first step.
        mss: bytes of data that a packet carries at most.

    Raises:
        MissingExtraError: scapy is not installed.
    """
    known: dict[int | None, Ends] = {}
    for segment in segments(trace, mss=mss):
        if segment.connection not in known:
            known[segment.connection] = ends(trace, segment.connection)
        packet = _packet(segment, known[segment.connection], mss)
        packet.time = start + round(segment.t, 6) + HALF_MICROSECOND
        yield packet


def _packet(segment: Segment, between: Ends, mss: int) -> Any:
    inet, l2 = require("scapy.layers.inet", "capture"), require("scapy.layers.l2", "capture")
    source, target = between.of(segment.sender), between.of(segment.sender.peer)
    options = [("MSS", mss), ("NOP", None), ("WScale", WINDOW_SCALE)] if "S" in segment.flags else []
    tcp = inet.TCP(
        sport=source.port,
        dport=target.port,
        seq=segment.seq,
        ack=segment.ack,
        flags=segment.flags,
        window=WINDOW,
        options=options,
    )
    link = l2.Ether(src=MAC[segment.sender], dst=MAC[segment.sender.peer])
    packet = link / inet.IP(src=source.host, dst=target.host, flags="DF") / tcp
    return packet / segment.data if segment.data else packet
