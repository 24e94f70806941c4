"""The columns of the matrix: what is tried between our end and that of a peer. Each is one connection."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from wsedu.loopback import Endpoint
from wsedu.protocol.types import State

from .ends import MIB, REFUSED_CASE, Other

PIECES = ("Hel", "lo, 你", "", "好")
"""Of a text in fragments: cut between characters, for not every peer can cut inside one; one of them is empty."""


class Link(NamedTuple):
    """The two ends of a connection.

    Arguments:
        ours: from wsedu.
        theirs: the peer's.
        seed: for random messages.
        answer: the code with which the peer answers a Close frame; None for the one that it got.
    """

    ours: Endpoint
    theirs: Other
    seed: int
    answer: int | None = None


Case = Callable[[Link], Awaitable[None]]


async def there_and_back(link: Link, message: str | bytes) -> None:
    """One message in each direction."""
    await link.ours.send(message)
    assert await link.theirs.recv() == message
    await link.theirs.send(message)
    assert await link.ours.recv() == message


def message(content: str | bytes) -> Case:
    """The case of one message."""

    async def case(link: Link) -> None:
        await there_and_back(link, content)

    return case


def size(count: int) -> Case:
    """The case of a random binary message of so many bytes, and a text of as many."""

    async def case(link: Link) -> None:
        source = random.Random(link.seed + count)
        await there_and_back(link, source.randbytes(count))
        await there_and_back(link, "".join(source.choices("abcdefgh", k=count)))

    return case


async def empty(link: Link) -> None:
    await there_and_back(link, "")
    await there_and_back(link, b"")


async def our_fragments(link: Link) -> None:
    await link.ours.send(PIECES)
    assert await link.theirs.recv() == "".join(PIECES)


async def their_fragments(link: Link) -> None:
    await link.theirs.send_fragments(PIECES)
    assert await link.ours.recv() == "".join(PIECES)


async def our_ping(link: Link) -> None:
    # A peer that answers only while somebody reads gets a reader: the message behind the Ping ends its wait.
    reading = asyncio.create_task(link.theirs.recv())
    pinging = asyncio.create_task(link.ours.ping(b"x" * 125))
    await link.ours.ping(b"")
    assert await pinging >= 0
    await link.ours.send("after")
    assert await reading == "after"


async def their_ping(link: Link) -> None:
    await link.theirs.ping(b"from the peer")
    await there_and_back(link, "still open")


async def we_close(link: Link) -> None:
    _, told = await asyncio.gather(link.ours.close(4000, "our reason"), link.theirs.closed())
    assert told == (4000, "our reason")
    assert link.ours.close_code == (4000 if link.answer is None else link.answer)
    assert link.ours.connection.clean


async def they_close(link: Link) -> None:
    await asyncio.gather(link.theirs.close(4001, "their reason"), link.ours.wait_closed())
    assert (link.ours.close_code, link.ours.close_reason) == (4001, "their reason")
    assert (await link.theirs.closed()).code == 4001
    assert link.ours.connection.clean


async def both_close(link: Link) -> None:
    """Ours is made, and does not leave before theirs has come in: so the frames cross.

    The codes prove it. Whoever had read the other's frame before it made its own would have answered with that one's
    code, and here each gets the code that the other has chosen by itself.
    """
    link.ours.connection.close(4002, "ours")
    assert link.ours.state is State.CLOSING
    await asyncio.gather(link.theirs.close(4003, "theirs"), link.ours.wait_closed())
    assert (link.ours.close_code, link.ours.close_reason) == (4003, "theirs")
    assert (await link.theirs.closed()).code == 4002
    assert link.ours.connection.clean


CASES: dict[str, Case] = {
    "text": message("Hello, 你好, \U0001f44b"),
    "binary": message(bytes(range(256))),
    "empty": empty,
    **{f"{count:,} bytes": size(count) for count in (125, 126, 65_535, 65_536)},
    "1 MiB": size(MIB),
    "fragments from us": our_fragments,
    "fragments from the peer": their_fragments,
    "Ping from us": our_ping,
    "Ping from the peer": their_ping,
    "we close first": we_close,
    "the peer closes first": they_close,
    "both close at once": both_close,
}

COLUMNS = (*CASES, REFUSED_CASE)
"""The last one needs a server that refuses: see `matrix`."""
