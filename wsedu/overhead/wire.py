"""What a write costs below HTTP and WebSocket: records of TLS 1.3, segments of TCP, packets of IPv4."""

from __future__ import annotations

from typing import Any

import numpy as np

IP = 20
"""Bytes of an IPv4 header without options (RFC 791 §3.1)."""

TCP = 20
"""Bytes of a TCP header without options (RFC 9293 §3.1)."""

SYN_OPTIONS = 20
"""Bytes of options in a SYN and its answer: segment size, SACK, timestamps, window scale (Linux, and most others)."""

CLOSING_SEGMENTS = (2, 1)
"""Segments without data that end a connection, from who ends it and from the peer: FIN, its answer with FIN, ACK."""

RECORD = 5 + 1 + 16
"""Bytes that a record of TLS 1.3 adds: header, content type, tag of the AEAD (RFC 8446 §5.2)."""

RECORD_DATA = 1 << 14
"""Bytes of data in a record at most (RFC 8446 §5.1)."""

CLOSE_NOTIFY = RECORD + 2
"""Bytes of the alert with which an end says that it sends no more (RFC 8446 §6.1)."""

SEGMENTS_PER_ACK = 2
"""Segments of data that one ACK answers where several follow each other (RFC 9293 §3.8.6.3)."""

H2_FRAME = 9
"""Bytes of the header of an HTTP/2 frame (RFC 9113 §4.1)."""


def frame_header(payload: Any, *, masked: bool) -> Any:
    """Bytes of a frame's header (RFC 6455 §5.2).

    Arguments:
        payload: bytes, a number or an array.
        masked: whether a client sends it.
    """
    size = np.asarray(payload)
    return 2 + 2 * (size > 125) + 6 * (size > 0xFFFF) + (4 if masked else 0)


def tls_overhead(data: Any) -> Any:
    """Bytes that TLS 1.3 adds to a write of that many bytes; nothing to a write of none."""
    return RECORD * np.ceil(np.asarray(data) / RECORD_DATA)


def segments(data: Any, mss: Any) -> Any:
    """How many TCP segments carry a write of that many bytes; none for none."""
    return np.ceil(np.asarray(data) / mss)


def acks(data: Any, mss: Any) -> Any:
    """How many segments without data answer a write of that many bytes where nothing travels back."""
    return np.ceil(segments(data, mss) / SEGMENTS_PER_ACK)


def packet_header(options: Any) -> Any:
    """Bytes of the headers of one packet.

    Arguments:
        options: bytes of TCP options.
    """
    return IP + TCP + np.asarray(options)
