"""Capture files as files: which of the two formats it is, and how far its records are whole.

A capture is often cut: the disk was full, or tcpdump was stopped while it wrote. Here the file is only measured,
record by record; what is in the whole records is read by scapy.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from .gzipped import unpack

PCAP_MAGICS = {
    bytes.fromhex("a1b2c3d4"): "big",
    bytes.fromhex("a1b23c4d"): "big",  # times in nanoseconds
    bytes.fromhex("d4c3b2a1"): "little",
    bytes.fromhex("4d3cb2a1"): "little",
}
"""How a pcap file begins, and the order of bytes that this tells."""

PCAPNG_MAGIC = bytes.fromhex("0a0d0d0a")
"""The type of a section header block, which begins a pcapng file and reads the same in both orders."""

_SECTION_ORDERS = {bytes.fromhex("1a2b3c4d"): "big", bytes.fromhex("4d3c2b1a"): "little"}

_PCAP_HEADER, _RECORD_HEADER, _LEAST_BLOCK, _LEAST_SECTION = 24, 16, 12, 28

_BEGINNING = 1 << 10
"""Bytes of a compressed file of which the first bytes of the capture come, whatever name its header bears."""

_SECRETS_BLOCK = 0x0A
_TLS_KEY_LOG = 0x544C534B
"""Decryption secrets as `editcap --inject-secrets` puts them into a pcapng file."""

MAX_RECORD = 1 << 24
"""Bytes that a record may claim to have; one that claims more is damage, and no packet is that large."""


class Extent(NamedTuple):
    """How much of a capture file can be read.

    Arguments:
        whole: bytes from the beginning that are whole records.
        damaged_at: offset of the first record that is not whole; None if all are.
    """

    whole: int
    damaged_at: int | None


class NoCaptureError(ValueError):
    """The file is no capture, or its beginning is damaged, so that nothing of it can be read."""


def is_capture(data: bytes) -> bool:
    """Whether bytes begin as a pcap or pcapng file does, compressed by gzip or not."""
    magic = unpack(data[:_BEGINNING], 4).data[:4]
    return magic in PCAP_MAGICS or magic == PCAPNG_MAGIC


def extent(data: bytes) -> Extent:
    """Find the whole records of a capture file.

    Arguments:
        data: all of the file.

    Raises:
        NoCaptureError: it does not begin as a capture file does, or ends within its own header.
    """
    if data[:4] in PCAP_MAGICS:
        return _extent_of_pcap(data, PCAP_MAGICS[data[:4]] == "big")
    if data[:4] == PCAPNG_MAGIC:
        return _extent_of_pcapng(data)
    raise NoCaptureError("neither pcap nor pcapng")


def _number(data: bytes, at: int, big: bool) -> int:
    return int.from_bytes(data[at : at + 4], "big" if big else "little")


def _extent_of_pcap(data: bytes, big: bool) -> Extent:
    if len(data) < _PCAP_HEADER:
        raise NoCaptureError("ends within the header")
    at = _PCAP_HEADER
    while at < len(data):
        size = _RECORD_HEADER + _number(data, at + 8, big)
        if at + _RECORD_HEADER > len(data) or size > MAX_RECORD or at + size > len(data):
            return Extent(at, at)
        at += size
    return Extent(at, None)


def _extent_of_pcapng(data: bytes) -> Extent:
    whole = sum(size for _, size, _ in _blocks(data))
    if whole == 0:
        raise NoCaptureError("ends within the header")
    return Extent(whole, None if whole == len(data) else whole)


def _blocks(data: bytes) -> Iterator[tuple[int, int, bool]]:
    """The whole blocks of a pcapng file, up to the first that is not: offset, size, and whether big-endian."""
    at, big = 0, False
    while at < len(data):
        if data[at : at + 4] == PCAPNG_MAGIC:
            big = _SECTION_ORDERS.get(data[at + 8 : at + 12]) == "big"
        size = _block_size(data, at, big)
        if size is None:
            return
        yield at, size, big
        at += size


def key_log(data: bytes) -> str:
    """The keys of TLS that a pcapng file has with it, as lines of a key log; empty if it has none.

    Arguments:
        data: all of the file.
    """
    logs = []
    for at, size, big in _blocks(data) if data[:4] == PCAPNG_MAGIC else ():
        if _number(data, at, big) == _SECRETS_BLOCK and _number(data, at + 8, big) == _TLS_KEY_LOG:
            end = min(at + 16 + _number(data, at + 12, big), at + size - 4)
            logs.append(data[at + 16 : end].decode("ascii", errors="replace"))
    return "\n".join(logs)


def _block_size(data: bytes, at: int, big: bool) -> int | None:
    """Bytes of the block at an offset; None if it is not whole."""
    section = data[at : at + 4] == PCAPNG_MAGIC
    size = _number(data, at + 4, big)
    least = _LEAST_SECTION if section else _LEAST_BLOCK
    if section and data[at + 8 : at + 12] not in _SECTION_ORDERS:
        return None
    if not least <= size <= MAX_RECORD or size % 4 or at + size > len(data):
        return None
    # A block says its length at both ends.
    return size if _number(data, at + size - 4, big) == size else None
