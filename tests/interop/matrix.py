"""Runs the cells of the matrix: every case with every peer, in every role and manner that it has."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import pytest

from wsedu.loopback import Endpoint, HandshakeFailed, connect, serve
from wsedu.protocol.deflate import PerMessageDeflateFactory
from wsedu.protocol.http import Request, Response
from wsedu.protocol.response import error_response
from wsedu.protocol.types import Limits, State

from . import peer_aiohttp, peer_chromium, peer_nginx, peer_node, peer_websockets, peer_wsproto
from .cases import CASES, Case, Link
from .ends import CLIENT, REFUSAL, REFUSED_CASE, ROOM, SERVER, Manner, Peer, Refused, client_tls, server_tls

PEERS = (
    peer_websockets.PEER,
    peer_aiohttp.PEER,
    peer_wsproto.PEER,
    peer_node.PEER,
    peer_chromium.PEER,
    *(peer_nginx.through(peer) for peer in (peer_websockets.PEER, peer_node.PEER, peer_chromium.PEER)),
)
MANNERS = tuple(Manner(tls, compress) for tls in (False, True) for compress in (False, True))
PATIENCE = 10.0
"""Seconds that a case may take."""
PASSED, OTHERWISE, FAILED, NOT_APPLICABLE = "✔", "✔*", "✘", "—"


class Row(NamedTuple):
    """One line of the table.

    Arguments:
        peer: who is at the other end.
        we: our role.
        manner: TLS and compression.
    """

    peer: Peer
    we: str
    manner: Manner

    def __str__(self) -> str:
        return f"{self.peer}-{self.we}-{self.manner}"

    @property
    def cannot(self) -> Mapping[str, str]:
        """The cases that do not apply, and why."""
        return self.peer.cannot


def rows() -> list[Row]:
    """Every line that the peers' roles allow."""
    return [
        Row(peer, we, manner)
        for peer in PEERS
        for we in (CLIENT, SERVER)
        if (peer.client if we == SERVER else peer.server) is not None
        for manner in MANNERS
    ]


def our_options(manner: Manner) -> dict[str, Any]:
    """Of our end, whichever it is."""
    return {
        "limits": Limits(max_message_size=ROOM),
        "extensions": [PerMessageDeflateFactory()] if manner.compress else [],
        "trace": False,
    }


def check_compression(ours: Endpoint, manner: Manner) -> None:
    """Compression is in use exactly where both ends want it."""
    names = [extension.name for extension in ours.connection.extensions]
    assert names == (["permessage-deflate"] if manner.compress else [])


# --- We are the client ---


@asynccontextmanager
async def their_servers(row: Row) -> AsyncIterator[Any]:
    """Gives a context for each case: a connection to their server, which serves all of them."""
    assert row.peer.server is not None
    async with row.peer.server(row.manner, False) as listening:

        @asynccontextmanager
        async def linked(seed: int) -> AsyncIterator[Link]:
            async with connect(listening.uri, ssl=client_tls(row.manner), **our_options(row.manner)) as ours:
                yield Link(ours, await listening.next(), seed, row.peer.answer)

        yield linked


async def their_refusal(row: Row) -> None:
    """Their server refuses our client."""
    assert row.peer.server is not None
    async with row.peer.server(row.manner, True) as listening:
        with pytest.raises(HandshakeFailed) as caught:
            await connect(listening.uri, ssl=client_tls(row.manner), **our_options(row.manner))
    assert caught.value.response is not None
    assert caught.value.response.status == REFUSAL


# --- We are the server ---


def our_tls(row: Row) -> Any:
    """The context of our server."""
    return None if row.peer.ends_tls else server_tls(row.manner)


@asynccontextmanager
async def our_server(row: Row) -> AsyncIterator[Any]:
    """Gives a context for each case: a connection of their client to our server, which serves all of them."""
    assert row.peer.client is not None
    arrived: list[Endpoint] = []

    async def handler(endpoint: Endpoint) -> None:
        arrived.append(endpoint)
        await endpoint.wait_closed()

    async with (
        serve(handler, ssl=our_tls(row), **our_options(row.manner)) as server,
        row.peer.client() as dial,
    ):

        @asynccontextmanager
        async def linked(seed: int) -> AsyncIterator[Link]:
            async with dial(server.uri, row.manner) as theirs:
                yield Link(arrived.pop(), theirs, seed, row.peer.answer)

        yield linked


async def our_refusal(row: Row) -> None:
    """Our server refuses their client."""
    assert row.peer.client is not None

    def no(request: Request) -> Response:
        return error_response(REFUSAL)

    async def never(endpoint: Endpoint) -> None:
        raise AssertionError("the handshake was refused")

    async with (
        serve(never, ssl=our_tls(row), decide=no, **our_options(row.manner)) as server,
        row.peer.client() as dial,
    ):
        with pytest.raises(Refused) as caught:
            async with dial(server.uri, row.manner):
                pass
    assert caught.value.status == REFUSAL


# --- A line ---


async def play_case(link: Link, case: Case, manner: Manner) -> None:
    """Run a case, and close the connection if it has not."""
    try:
        async with asyncio.timeout(PATIENCE):
            check_compression(link.ours, manner)
            await case(link)
            if link.ours.state is State.OPEN:
                await asyncio.gather(link.ours.close(), link.theirs.closed())
    except BaseException:
        link.ours.abort()
        raise


async def play(row: Row, seed: int) -> dict[str, BaseException]:
    """Run every cell of a line that applies; gives what went wrong, by column."""
    wrong: dict[str, BaseException] = {}
    opened = their_servers if row.we == CLIENT else our_server
    async with opened(row) as linked:
        for name, case in CASES.items():
            if name in row.cannot:
                continue
            try:
                async with linked(seed) as link:
                    await play_case(link, case, row.manner)
            except Exception as error:
                wrong[name] = error
    try:
        await (their_refusal if row.we == CLIENT else our_refusal)(row)
    except Exception as error:
        wrong[REFUSED_CASE] = error
    return wrong
