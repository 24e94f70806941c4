"""Capture files that were compressed with gzip, as Wireshark writes them on request (RFC 1952)."""

from __future__ import annotations

import zlib
from typing import NamedTuple

GZIP_MAGIC = bytes.fromhex("1f8b08")
"""How a member of a gzip file begins: two bytes of identification, and the method."""

_WITH_HEADER = 16 + zlib.MAX_WBITS

MAX_UNPACKED = 1 << 30
"""Bytes that a file may stand for; what is behind them is not unpacked."""

_PIECE = 1 << 16


class Unpacked(NamedTuple):
    """What a file held.

    Arguments:
        data: as far as it could be unpacked.
        whole: False if the file is cut or damaged, or stands for more than the limit.
    """

    data: bytes
    whole: bool


def is_gzipped(data: bytes) -> bool:
    """Whether bytes begin as a gzip file does."""
    return data.startswith(GZIP_MAGIC)


def unpack(data: bytes, limit: int = MAX_UNPACKED) -> Unpacked:
    """Unpack a gzip file, all its members; what is not gzip is handed back as it is.

    Arguments:
        data: all of the file, or its beginning.
        limit: bytes that are unpacked at most.
    """
    if not is_gzipped(data):
        return Unpacked(data, True)
    pieces: list[bytes] = []
    room = limit
    while is_gzipped(data):
        member = zlib.decompressobj(_WITH_HEADER)
        while data and not member.eof:
            try:
                piece = member.decompress(data, min(_PIECE, room + 1))
            except zlib.error:
                return Unpacked(b"".join(pieces), False)
            pieces.append(piece[:room])
            room -= len(piece)
            if room < 0:
                return Unpacked(b"".join(pieces), False)
            data = member.unconsumed_tail or member.unused_data
        if not member.eof:
            return Unpacked(b"".join(pieces), False)
    return Unpacked(b"".join(pieces), True)
