"""Fragments of IP put together, so that TCP can be read behind them (RFC 791 §3.2, RFC 8200 §4.5; extra `capture`).

scapy joins the fragments of one packet; here they are gathered until all of them have come, in whatever order.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from ..extras import require

MAX_WAITING = 1024
"""Packets whose fragments are waited for at a time; beyond that the oldest is given up."""


class _Fragment(NamedTuple):
    """One fragment.

    Arguments:
        start: offset of its first byte in the packet's payload.
        end: offset after the last one.
        last: whether it ends the packet.
        packet: as scapy has it.
    """

    start: int
    end: int
    last: bool
    packet: Any


class Fragments:
    """Gathers fragments, packet by packet.

    Raises:
        MissingExtraError: scapy is not installed.
    """

    def __init__(self) -> None:
        self._inet, self._inet6 = require("scapy.layers.inet", "capture"), require("scapy.layers.inet6", "capture")
        self._waiting: dict[tuple[Any, ...], dict[int, _Fragment]] = {}

    def take(self, packet: Any) -> Any | None:
        """A packet of the capture.

        Returns:
            The same if it is no fragment; the whole packet, at the time of the fragment that made it whole; or None
            while others are waited for.
        """
        found = self._fragment_v4(packet) or self._fragment_v6(packet)
        if found is None:
            return packet
        name, fragment = found
        if len(self._waiting) >= MAX_WAITING and name not in self._waiting:
            del self._waiting[next(iter(self._waiting))]
        waiting = self._waiting.setdefault(name, {})
        waiting.setdefault(fragment.start, fragment)
        ordered = [waiting[start] for start in sorted(waiting)]
        if not _whole(ordered):
            return None
        del self._waiting[name]
        whole = self._join([one.packet for one in ordered])
        whole.time = packet.time
        return whole

    def _fragment_v4(self, packet: Any) -> tuple[tuple[Any, ...], _Fragment] | None:
        ip = packet.getlayer(self._inet.IP)
        if ip is None or not (ip.frag or ip.flags.MF):
            return None
        start, size = 8 * int(ip.frag), min(int(ip.len), len(ip.original)) - 4 * int(ip.ihl)
        return (4, ip.src, ip.dst, ip.id, ip.proto), _Fragment(start, start + size, not ip.flags.MF, packet)

    def _fragment_v6(self, packet: Any) -> tuple[tuple[Any, ...], _Fragment] | None:
        header = packet.getlayer(self._inet6.IPv6ExtHdrFragment)
        if header is None:
            return None
        ip = packet[self._inet6.IPv6]
        start = 8 * int(header.offset)
        # An extension header of 8 bytes stands before what is carried.
        size = min(int(ip.plen), len(ip.original) - 40) - (len(ip.original) - 40 - len(header.original)) - 8
        return (6, ip.src, ip.dst, header.id), _Fragment(start, start + size, not header.m, packet)

    def _join(self, packets: list[Any]) -> Any:
        """The packet that they are pieces of, taken apart anew."""
        if self._inet.IP in packets[0]:
            (joined,) = self._inet.defragment(packets)
            return self._inet.IP(bytes(joined[self._inet.IP]))
        return self._inet6.IPv6(bytes(self._inet6.defragment6(packets)[self._inet6.IPv6]))


def _whole(fragments: list[_Fragment]) -> bool:
    """Whether each begins where the one before ends, from the first byte to the last; others overlap or lack some."""
    reach = 0
    for fragment in fragments:
        if fragment.start != reach:
            return False
        reach = fragment.end
    return fragments[-1].last
