"""A message sent in fragments, as its pieces come (RFC 6455 §5.4)."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Iterable
from typing import Protocol

Data = str | bytes | bytearray | memoryview


class SendsFragment(Protocol):
    """Sends one fragment, and waits while the peer reads too slowly."""

    async def __call__(self, piece: Data, *, fin: bool) -> None:
        """`fin`: whether it is the last one."""


async def send_pieces(message: Iterable[Data] | AsyncIterable[Data], send: SendsFragment) -> None:
    """Send each piece when the next one is there, so that the last one can carry FIN.

    Arguments:
        message: its pieces; without any, nothing is sent.
        send: sends one of them.

    Raises:
        TypeError: some are str and some are bytes.
    """
    waiting: Data | None = None
    async for piece in _pieces(message):
        if waiting is not None:
            if isinstance(piece, str) is not isinstance(waiting, str):
                raise TypeError("the fragments of a message are all str or all bytes")
            await send(waiting, fin=False)
        waiting = piece
    if waiting is not None:
        await send(waiting, fin=True)


async def _pieces(message: Iterable[Data] | AsyncIterable[Data]) -> AsyncIterator[Data]:
    if isinstance(message, AsyncIterable):
        async for piece in message:
            yield piece
    else:
        for piece in message:
            yield piece
