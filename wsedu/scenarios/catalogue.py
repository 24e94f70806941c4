"""The scenarios by name."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..protocol.frame import Frame
from ..protocol.types import Role, Timeouts
from .model import PAUSE, VANISH, Act, Scenario


def client(verb: str, *arguments: Any, at_once: bool = False, note: str = "", **options: Any) -> Act:
    """An act of the client."""
    return Act(Role.CLIENT, verb, arguments, options, at_once, note)


def server(verb: str, *arguments: Any, at_once: bool = False, note: str = "", **options: Any) -> Act:
    """An act of the server."""
    return Act(Role.SERVER, verb, arguments, options, at_once, note)


def pattern(size: int) -> bytes:
    """Bytes that count up and start again at 251, a prime, so that a shifted copy looks different."""
    return bytes(number % 251 for number in range(size))


def letters(size: int) -> str:
    """A text of that many ASCII letters."""
    return "".join(chr(ord("a") + number % 26) for number in range(size))


BYE = client("close", 1000, "bye", note="act.close")

_HELLO = (
    client("send_text", "Hello", note="act.text.masked"),
    server("send_text", "Hello", note="act.text.unmasked"),
    BYE,
)

_EURO = "€".encode()

TOUR = Scenario(
    "tour",
    (
        client("send_text", "Hello", note="act.text.masked"),
        server("send_text", "Hello", note="act.text.unmasked"),
        client("send_text", letters(126), note="act.length.16"),
        server("send_binary", pattern(65536), note="act.length.64"),
        client("send_text", "Hel", fin=False, note="act.fragment.first"),
        server("send_ping", b"still there?", note="act.ping.between"),
        client("send_continuation", "lo", fin=True, note="act.fragment.last"),
        BYE,
    ),
    subprotocols=("chat",),
    origin="http://localhost",
)

FRAGMENTS = Scenario(
    "fragments",
    (
        client("send_text", "Hel", fin=False, note="act.fragment.first"),
        client("send_ping", b"between", note="act.ping.between"),
        client("send_continuation", "lo, ", fin=False, note="act.fragment.middle"),
        client("send_continuation", "", fin=False, note="act.fragment.empty"),
        client("send_continuation", "world", note="act.fragment.last"),
        BYE,
    ),
)

EARLY_FRAME = Scenario(
    "early-frame",
    (BYE,),
    early=(server("send_ping", note="act.early"),),
)

BOTH_CLOSE = Scenario(
    "both-close",
    (
        client("close", 1000, "done", at_once=True, note="act.close.both"),
        server("close", 1001, "restart", note="act.close.both"),
    ),
)

SILENT_PEER = Scenario(
    "silent-peer",
    (
        client("send_text", "anybody there?", note="act.text.masked"),
        server(VANISH, note="act.vanish"),
        client(PAUSE, note="act.silence"),
    ),
    client_timeouts=Timeouts(ping_interval=0.2, ping_timeout=0.2, closing=0.2),
)

UNMASKED = Scenario(
    "unmasked",
    (client("send_frame", Frame.text("Hello"), note="act.unmasked"),),
)

SPLIT_UTF8 = Scenario(
    "split-utf8",
    (
        client("send_text", _EURO[:1], fin=False, note="act.utf8.first"),
        client("send_continuation", _EURO[1:], note="act.utf8.last"),
        client("send_frame", Frame(1, b"\xc3(", masking_key=bytes(4)), note="act.utf8.broken"),
    ),
)

EMPTY_CLOSE = Scenario("empty-close", (client("close", None, note="act.close.empty"),))

LARGE = Scenario(
    "large",
    (
        client("send_binary", pattern(40_000), note="act.length.16"),
        server("send_binary", pattern(65_535), note="act.length.16"),
        server("send_binary", pattern(65_536), note="act.length.64"),
        BYE,
    ),
)

HELLO = Scenario("hello", _HELLO)

_VERSE = "A text that says the same thing says the same thing again. "

COMPRESSED = Scenario(
    "compressed",
    (
        client("send_text", _VERSE, note="act.deflate.first"),
        client("send_text", _VERSE, note="act.deflate.again"),
        client("send_ping", b"plain", note="act.deflate.ping"),
        server("send_text", _VERSE[:20], fin=False, note="act.deflate.fragments"),
        server("send_continuation", _VERSE[20:], note="act.deflate.fragments"),
        BYE,
    ),
    compress=True,
)

TLS = Scenario("tls", _HELLO, uri="wss://localhost/chat", tls=True)

CROSS_SITE = Scenario(
    "cross-site",
    (
        client("send_text", "balance", note="act.hijack.ask"),
        server("send_text", "1000", note="act.hijack.answer"),
        BYE,
    ),
    uri="ws://bank.example/account",
    origin="http://evil.example",
    headers=(("Cookie", "session=of-the-victim"),),
    beside="cross-site-refused",
)

CROSS_SITE_REFUSED = replace(CROSS_SITE, name="cross-site-refused", acts=(), same_host=True, beside=CROSS_SITE.name)

SCENARIOS: dict[str, Scenario] = {
    scenario.name: scenario
    for scenario in (
        TOUR,
        HELLO,
        FRAGMENTS,
        EARLY_FRAME,
        BOTH_CLOSE,
        SILENT_PEER,
        UNMASKED,
        SPLIT_UTF8,
        EMPTY_CLOSE,
        LARGE,
        COMPRESSED,
        TLS,
        CROSS_SITE,
        CROSS_SITE_REFUSED,
    )
}
"""Every scenario by its name."""


def scenario(name: str, *, tls: bool = False, compress: bool = False) -> Scenario:
    """The scenario of that name.

    Arguments:
        name: a key of `SCENARIOS`.
        tls: have it over TLS even if it is not by itself.
        compress: have it with permessage-deflate even if it is not by itself.

    Raises:
        KeyError: there is none of that name.
    """
    found = SCENARIOS[name]
    if compress:
        found = replace(found, compress=True)
    if tls and not found.tls:
        return replace(found, tls=True, uri=found.uri.replace("ws://", "wss://", 1))
    return found
