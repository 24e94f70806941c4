"""The TCP segments of a capture file, whatever link they were taken from (extra `capture`).

scapy takes the packets apart: Ethernet, loopback, Linux cooked and raw IP, VLANs, IPv4 and IPv6. Fragments of IP
are put together; packets of anything but TCP are passed over.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, NamedTuple

from ..extras import require
from .pcapfile import NoCaptureError
from .pcapfragments import Fragments
from .pcapsegments import Address

MAX_PACKET = 1 << 24
"""Bytes of a packet that are read: loopback hands over packets that are larger than any link would bear."""


class Captured(NamedTuple):
    """One TCP segment of a capture.

    Arguments:
        t: when it was captured, in seconds since 1970.
        source: who sent it.
        target: to whom.
        seq: its sequence number.
        syn: SYN is set: the connection opens.
        fin: FIN is set: this direction ends behind the data.
        rst: RST is set: the connection is broken off.
        acks: ACK is set.
        ack: the sequence number that the sender waits for, if ACK is set.
        data: what it carries.
        missing: bytes that it carried and that the capture does not have, because packets were cut short.
    """

    t: Decimal
    source: Address
    target: Address
    seq: int
    syn: bool
    fin: bool
    rst: bool
    acks: bool
    ack: int
    data: bytes
    missing: int = 0


def read_segments(data: bytes) -> Iterator[Captured]:
    """The TCP segments of a capture, in the order of the file.

    Arguments:
        data: a pcap or pcapng file of whole records: see `pcapfile.extent`.

    Raises:
        MissingExtraError: scapy is not installed.
        NoCaptureError: scapy cannot read the file.
    """
    # IPv6 registers itself for the links that carry both.
    inet, inet6 = require("scapy.layers.inet", "capture"), require("scapy.layers.inet6", "capture")
    utils, failure = require("scapy.utils", "capture"), require("scapy.error", "capture").Scapy_Exception
    with quiet():
        try:
            reader = utils.PcapReader(io.BytesIO(data))
        except failure as error:
            raise NoCaptureError(str(error)) from None
        fragments = Fragments()
        while True:
            try:
                packet = fragments.take(reader.read_packet(size=MAX_PACKET))
            except EOFError:
                return
            if packet is not None and inet.TCP in packet:
                found = _segment(packet, packet[inet.TCP], (inet.IP, inet6.IPv6))
                if found is not None:
                    yield found


@contextmanager
def quiet() -> Iterator[None]:
    """scapy tells of every odd packet on standard error; whoever reads a capture is told what matters by us."""
    logger = logging.getLogger("scapy")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)


def _segment(packet: Any, tcp: Any, networks: tuple[Any, Any]) -> Captured | None:
    network = tcp.underlayer
    while network is not None and not isinstance(network, networks):
        network = network.underlayer  # an extension header of IPv6
    if network is None or tcp.dataofs is None:
        return None
    carried, missing = _payload(network, tcp, is_v4=isinstance(network, networks[0]))
    flags = str(tcp.flags)
    return Captured(
        Decimal(packet.time),
        Address(str(network.src), int(tcp.sport)),
        Address(str(network.dst), int(tcp.dport)),
        int(tcp.seq),
        "S" in flags,
        "F" in flags,
        "R" in flags,
        "A" in flags,
        int(tcp.ack),
        carried,
        missing,
    )


def _payload(network: Any, tcp: Any, *, is_v4: bool) -> tuple[bytes, int]:
    """What a segment carries, as far as it was captured, and how many bytes of it were not.

    Taken from the packet's own bytes: scapy may have made something else of the data, and a short frame of Ethernet
    is padded.
    """
    announced = int(network.len or 0) if is_v4 else _V6_HEADER + int(network.plen or 0)
    if announced in (0, _V6_HEADER):
        # A network card that is to cut the packet itself is handed one without a length.
        announced = len(network.original)
    before = len(network.original) - len(tcp.original) + 4 * int(tcp.dataofs)
    end = min(announced, len(network.original))
    carried = bytes(network.original[before:end])
    return carried, max(0, announced - before - len(carried))


_V6_HEADER = 40
