"""What the matrix asks of a peer, whatever library or program it is made of."""

from __future__ import annotations

import atexit
import functools
import shutil
import ssl
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Protocol

from ..loopback.net import HOST

MIB = 1 << 20
ROOM = 2 * MIB
"""Bytes of a message that every end is told to accept."""

REFUSAL = 403
"""The HTTP status with which a server refuses a handshake."""


REFUSED_CASE = "handshake refused"
"""The name of the case in which the server refuses; all others need an open connection."""

CLIENT, SERVER = "client", "server"
"""What wsedu is."""


class Manner(NamedTuple):
    """How the two ends are joined.

    Arguments:
        tls: whether the scheme is wss.
        compress: whether both ends want permessage-deflate (RFC 7692).
    """

    tls: bool
    compress: bool

    @property
    def scheme(self) -> str:
        """ws or wss."""
        return "wss" if self.tls else "ws"

    def __str__(self) -> str:
        return f"{self.scheme}{'-deflate' if self.compress else ''}"


class Closed(NamedTuple):
    """The first Close frame that a peer has received; the code 1005 if it had none."""

    code: int
    reason: str


class Other(Protocol):
    """A peer's end of an open connection."""

    async def send(self, message: str | bytes) -> None:
        """Send a message in one frame."""

    async def send_fragments(self, pieces: Sequence[str]) -> None:
        """Send a text in fragments."""

    async def recv(self) -> str | bytes:
        """The next message."""

    async def ping(self, payload: bytes) -> None:
        """Send a Ping, and return when its Pong is there."""

    async def close(self, code: int, reason: str) -> None:
        """Start the closing handshake."""

    async def closed(self) -> Closed:
        """Wait for the end of the connection."""


class Refused(Exception):
    """The peer says that its handshake was refused.

    Attributes:
        status: the HTTP status.
    """

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


Serve = Callable[[Manner, bool], AbstractAsyncContextManager["Server"]]
Dial = Callable[[str, Manner], AbstractAsyncContextManager[Other]]


class Server(Protocol):
    """A peer that listens."""

    @property
    def uri(self) -> str:
        """Where to connect."""

    async def next(self) -> Other:
        """The peer's end of the next connection."""


@dataclass(frozen=True)
class Peer:
    """A row of the matrix.

    Arguments:
        name: of the library or program.
        version: tells which one was tested.
        client: gives a context in which `Dial` works; None if it is no client.
        server: listens, refusing every handshake with 403 if its second argument says so; None if it is no server.
        cannot: cases that do not apply, and why; `CLIENT` and `SERVER` stand for all cases of our role.
        differs: cases in which something else is asserted than with the others, and what.
        answer: the code with which it answers a Close frame; None for the one that it got.
        ends_tls: whether it takes TLS off before our server, which then speaks ws.
    """

    name: str
    version: Callable[[], str]
    client: Callable[[], AbstractAsyncContextManager[Dial]] | None
    server: Serve | None
    cannot: Mapping[str, str] = field(default_factory=dict)
    differs: Mapping[str, str] = field(default_factory=dict)
    answer: int | None = None
    ends_tls: bool = False

    def __str__(self) -> str:
        return self.name


class Certificate(NamedTuple):
    """Files, in PEM, for peers that read theirs from files, and contexts of Python's for those that do not."""

    chain: Path
    key: Path
    authority: Path

    def server(self) -> ssl.SSLContext:
        """For a server."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.chain, self.key)
        return context

    def client(self) -> ssl.SSLContext:
        """For a client that trusts this authority alone."""
        return ssl.create_default_context(cafile=str(self.authority))


@functools.cache
def certificate() -> Certificate:
    """A certificate for this machine; its files are removed when Python ends."""
    import trustme

    folder = Path(tempfile.mkdtemp(prefix="wsedu-interop-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    authority = trustme.CA()
    leaf = authority.issue_cert("localhost", HOST)
    made = Certificate(folder / "chain.pem", folder / "key.pem", folder / "authority.pem")
    made.key.write_bytes(leaf.private_key_pem.bytes())
    made.chain.write_bytes(b"".join(blob.bytes() for blob in leaf.cert_chain_pems))
    made.authority.write_bytes(authority.cert_pem.bytes())
    return made


def server_tls(manner: Manner) -> ssl.SSLContext | None:
    """The context of a server; None without TLS."""
    return certificate().server() if manner.tls else None


def client_tls(manner: Manner) -> ssl.SSLContext | None:
    """The context of a client; None without TLS."""
    return certificate().client() if manner.tls else None
