"""Figures that others have published, computed from what they counted, so that a reader can see what was left out."""

from __future__ import annotations

from typing import NamedTuple

from . import wire
from .curves import crossover, rates
from .profiles import Head, characters, profile, size
from .setting import Setting
from .transports import Transport

ARTICLE = "article-2009"
ARTICLE_BODY = 21
"""Bytes of the body that the article's response announces."""

ARTICLE_CLIENTS = (1_000, 10_000, 100_000)
MEBI, MEGA = 1 << 20, 1_000_000
"""Bits in what the article calls a megabit, and in one of the SI."""


def article_heads() -> tuple[Head, Head]:
    """The request and the response of the article of 2009."""
    heads = profile(ARTICLE)
    return heads.request(Transport.POLLING), heads.response(Transport.POLLING, ARTICLE_BODY)


def article_characters() -> int:
    """What the article counted: the characters of both heads, without the ends of their lines."""
    return sum(characters(head) for head in article_heads())


def article_bytes() -> int:
    """What travels: the same, with CR LF behind each line and the empty line behind each head."""
    return sum(size(head) for head in article_heads())


def article_throughput(clients: int, *, megabit: int = MEBI) -> float:
    """Megabits per second of heads where so many clients poll once a second, as the article has it.

    Arguments:
        clients: that poll.
        megabit: bits; `MEBI` as the article reckons, `MEGA` as the SI does.
    """
    return article_characters() * 8 * clients / megabit


class Packets(NamedTuple):
    """Bytes of one message over IPv4 without options, with one ACK behind it.

    Arguments:
        polling: request, response and ACK.
        websocket: frame and ACK.
    """

    polling: int
    websocket: int

    @property
    def ratio(self) -> float:
        """How many times as many."""
        return self.polling / self.websocket


def article_packets(payload: int = 20) -> Packets:
    """The article's poll and a frame from the server, down to the packets.

    Arguments:
        payload: bytes that the event has to say; the response is the article's, whatever that is.
    """
    header = int(wire.packet_header(0))
    frame = payload + int(wire.frame_header(payload, masked=False))
    return Packets(article_bytes() + payload + 3 * header, frame + 2 * header)


def polls_per_second(clients: int, interval: float) -> float:
    """Requests that a server has to answer where clients poll at an interval, whether there is news or not.

    Arguments:
        clients: that poll.
        interval: seconds.
    """
    return clients / interval


def long_polling_crossing() -> float:
    """Events per interval from which long polling asks more often than polling, without round trip and timeout."""
    endless = Setting(interval=1.0, rtt=0.0, timeout=3600.0)
    crossing = crossover(rates(endless, (Transport.POLLING, Transport.LONG_POLLING)))
    assert crossing is not None, "the curves of this setting cross"
    return crossing


class Claim(NamedTuple):
    """A figure that was published, or that belongs beside one.

    Arguments:
        stated: as it was printed; empty for a figure that nobody printed.
        computed: here.
    """

    stated: str
    computed: float

    @property
    def agrees(self) -> bool:
        """Whether what was printed is what is computed, rounded or cut off behind its last digit."""
        digits = len(self.stated.partition(".")[2])
        return abs(float(self.stated) - self.computed) < 10.0**-digits


def claims() -> dict[str, Claim]:
    """Every published figure by name, and what stands beside it; megabits by the number of clients."""
    packets = article_packets()
    return {
        "characters": Claim("871", article_characters()),
        "bytes": Claim("", article_bytes()),
        **{
            f"megabits.{clients}": Claim(stated, article_throughput(clients))
            for clients, stated in zip(ARTICLE_CLIENTS, ("6.6", "66", "665"), strict=True)
        },
        **{
            f"megabits.si.{clients}": Claim("", article_throughput(clients, megabit=MEGA))
            for clients in ARTICLE_CLIENTS
        },
        "requests": Claim("167", polls_per_second(10_000, 60)),
        "frame.server": Claim("2", float(wire.frame_header(20, masked=False))),
        "frame.client": Claim("", float(wire.frame_header(20, masked=True))),
        "packets.polling": Claim("", packets.polling),
        "packets.websocket": Claim("", packets.websocket),
        "packets.ratio": Claim("435", packets.ratio),
        "crossing": Claim("", long_polling_crossing()),
    }
