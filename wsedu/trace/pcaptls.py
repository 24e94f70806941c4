"""TLS opened with the keys that one of its ends has written down (SSLKEYLOGFILE; extra `capture`).

scapy follows the handshake of TLS and opens the records; here the streams are cut into records, and what they
carried takes their place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from ..extras import require
from .pcapread import quiet
from .pcapstreams import Happened, StreamEvent, TcpConnection

RECORD_HEADER = 5
"""Bytes before what a record carries: type, version, length (RFC 8446 §5.1)."""

_HANDSHAKE = 0x16
_CLIENT_HELLO = 0x01
_RANDOM = slice(RECORD_HEADER + 6, RECORD_HEADER + 38)
"""Where the client's random stands in the record of its ClientHello, whose name the keys bear."""

VERSIONS = {0x0303: "TLSv1.2", 0x0304: "TLSv1.3"}

Keys = Mapping[str, Mapping[bytes, bytes]]
"""Secrets by the kind of secret and the client's random of the connection that they belong to."""


class Opened(NamedTuple):
    """A connection without its TLS.

    Arguments:
        connection: with what the records carried, at the time at which the last byte of each had come.
        version: such as `TLSv1.3`.
        locked: for each sender whose records could not all be opened, offset of the plaintext that is missing.
    """

    connection: TcpConnection
    version: str
    locked: tuple[tuple[int, int], ...]


def read_keys(text: str) -> Keys:
    """The keys of a key log; lines that are none are passed over.

    Arguments:
        text: what SSLKEYLOGFILE has had written.

    Raises:
        MissingExtraError: scapy, or the package `cryptography`, is not installed.
    """
    require("cryptography", "capture")
    session = require("scapy.layers.tls.session", "capture")
    keys: dict[str, dict[bytes, bytes]] = {}
    with quiet():
        for line in text.splitlines():
            # scapy takes none of the lines where one is not as it should be.
            for kind, secrets in session.parse_nss_keys(line).items() if line.strip() else ():
                keys.setdefault(kind, {}).update(secrets)
    return keys


def is_tls(data: bytes) -> bool:
    """Whether a stream begins with a record of TLS's handshake."""
    return data[:2] == bytes([_HANDSHAKE, 0x03])


def opened(connection: TcpConnection, keys: Keys) -> Opened | None:
    """Open the TLS of a connection.

    Arguments:
        connection: of a capture.
        keys: see `read_keys`.

    Returns:
        None if the keys are not those of this connection, or its handshake was not captured.
    """
    client = _client_with_keys(connection, keys)
    if client is None:
        return None
    reader = _Reader(client, keys)
    events: list[StreamEvent] = []
    held = [b"", b""]
    with quiet():
        for event in connection.events:
            if event.what is not Happened.DATA:
                events.append(event)
                continue
            records, held[event.sender] = _records(held[event.sender] + event.data)
            data = b"".join(reader.read(event.sender, record) for record in records)
            if data:
                events.append(event._replace(data=data))
    return Opened(replace(connection, events=events, gaps=[]), reader.version, tuple(reader.lacks(connection, held)))


def _client_with_keys(connection: TcpConnection, keys: Keys) -> int | None:
    """Which end began TLS, if there are keys for what it began."""
    known = {random for secrets in keys.values() for random in secrets}
    for sender in (0, 1):
        first = b"".join(event.data for event in connection.events[:_FIRST_EVENTS] if event.sender == sender)
        if is_tls(first) and first[RECORD_HEADER : RECORD_HEADER + 1] == bytes([_CLIENT_HELLO]):
            return sender if first[_RANDOM] in known else None
    return None


_FIRST_EVENTS = 16
"""Events in which the first record of a connection has come."""


def _records(data: bytes) -> tuple[list[bytes], bytes]:
    """The whole records that bytes begin with, and what is behind them."""
    records, at = [], 0
    while len(data) >= at + RECORD_HEADER:
        size = RECORD_HEADER + int.from_bytes(data[at + 3 : at + RECORD_HEADER], "big")
        if len(data) < at + size:
            break
        records.append(data[at : at + size])
        at += size
    return records, data[at:]


class _Reader:
    """Both directions of one connection, record by record.

    Arguments:
        client: which sender began TLS.
        keys: see `read_keys`.

    Attributes:
        version: of TLS, as far as it is known.
    """

    def __init__(self, client: int, keys: Keys) -> None:
        require("scapy.layers.tls.all", "capture")
        self._record = require("scapy.layers.tls.record", "capture")
        # The session of whoever reads what the client sends.
        self._session = require("scapy.layers.tls.session", "capture").tlsSession(connection_end="server")
        self._session.nss_keys = keys
        self._sender = client
        self._read = [0, 0]
        self._locked: dict[int, int] = {}
        self.version = "TLS"

    def read(self, sender: int, record: bytes) -> bytes:
        """What a record carried for the application; nothing if it is TLS's own, or cannot be opened."""
        if sender in self._locked:
            return b""
        try:
            data = b"".join(self._open(sender, record))
        except Exception:
            # Whatever a reader of hostile bytes makes of them: they cannot be opened.
            self._lock(sender)
            return b""
        self._read[sender] += len(data)
        return data

    def _open(self, sender: int, record: bytes) -> Iterator[bytes]:
        if sender != self._sender:
            self._session, self._sender = self._session.mirror(), sender
        packet = self._record.TLS(record, tls_session=self._session)
        self._session = packet.tls_session
        self.version = VERSIONS.get(self._session.tls_version or 0, self.version)
        inner = getattr(packet, "inner", None)
        for message in (packet if inner is None else inner).msg:
            if isinstance(message, self._record.TLSApplicationData):
                yield bytes(message.data)
            elif isinstance(message, self._record._TLSEncryptedContent):
                self._lock(sender)

    def _lock(self, sender: int) -> None:
        self._locked.setdefault(sender, self._read[sender])

    def lacks(self, connection: TcpConnection, held: list[bytes]) -> Iterator[tuple[int, int]]:
        """Where the plaintext of a sender ends too early: records that could not be opened, or are not whole."""
        missing = {gap.sender for gap in connection.gaps}
        for sender in (0, 1):
            if sender in self._locked or sender in missing or held[sender]:
                yield sender, self._locked.get(sender, self._read[sender])
