"""The scenarios that make sense in virtual time only: for what lies in between, or because minutes pass in them."""

from __future__ import annotations

from ..protocol.frame import Frame
from ..protocol.types import Timeouts
from .catalogue import BYE, client, letters, server
from .model import QUIET, Scenario
from .network import WAIT, BufferingProxy, CachingProxy, IdleTimeout, Network, PlainProxy

IDLE = 60.0
"""Seconds of silence after which the proxy of these scenarios forgets a connection."""

SILENCE = 2 * IDLE
HEARTBEAT = IDLE / 3

_FORGETFUL = Network(middleboxes=(IdleTimeout(IDLE),))

_NEWS = (
    client("send_text", "tell me when it happens", note="act.idle.order"),
    client(WAIT, SILENCE, note="act.idle.wait"),
    server("send_text", "it has happened", note="act.idle.news"),
)

IDLE_PROXY = Scenario(
    "idle-proxy",
    (*_NEWS, client("close", 1000, "too late", note="act.idle.close")),
    network=_FORGETFUL,
    virtual=True,
    beside="idle-proxy-heartbeat",
)

IDLE_PROXY_HEARTBEAT = Scenario(
    "idle-proxy-heartbeat",
    (*_NEWS, BYE),
    client_timeouts=Timeouts(ping_interval=HEARTBEAT, ping_timeout=HEARTBEAT),
    server_timeouts=QUIET,
    network=_FORGETFUL,
    virtual=True,
    beside="idle-proxy",
)

VICTIM = "http://shop.example/script.js"
_SCRIPT = "alert('not the script of the shop')"
_REQUEST = "GET /script.js HTTP/1.1\r\nHost: shop.example\r\n\r\n"
_ANSWER = f"HTTP/1.1 200 OK\r\nContent-Type: text/javascript\r\nContent-Length: {len(_SCRIPT)}\r\n\r\n{_SCRIPT}"

_CACHE = Network(middleboxes=(CachingProxy(VICTIM),))
_ATTACKER = "ws://attacker.example/socket"

CACHE_POISONING = Scenario(
    "cache-poisoning",
    (
        client("send_frame", Frame.text(_REQUEST), at_once=True, note="act.poison.plain"),
        server("send_frame", Frame.text(_ANSWER), note="act.poison.answer"),
    ),
    uri=_ATTACKER,
    network=_CACHE,
    virtual=True,
    beside="cache-poisoning-masked",
)

CACHE_POISONING_MASKED = Scenario(
    "cache-poisoning-masked",
    (
        client("send_text", _REQUEST, at_once=True, note="act.poison.masked"),
        server("send_frame", Frame.text(_ANSWER), note="act.poison.answer"),
        BYE,
    ),
    uri=_ATTACKER,
    network=_CACHE,
    virtual=True,
    beside="cache-poisoning",
)

_BUFFER = BufferingProxy(size=1024, seconds=5.0)

BUFFERING_PROXY = Scenario(
    "buffering-proxy",
    (
        server("send_text", "small", at_once=True, note="act.buffer.small"),
        client(WAIT, 1.0, note="act.buffer.wait"),
        server("send_text", letters(_BUFFER.size), note="act.buffer.large"),
        BYE,
    ),
    network=Network(middleboxes=(_BUFFER,)),
    virtual=True,
)

NO_UPGRADE_PROXY = Scenario("no-upgrade-proxy", (), network=Network(middleboxes=(PlainProxy(),)), virtual=True)

VIRTUAL_SCENARIOS: dict[str, Scenario] = {
    scenario.name: scenario
    for scenario in (
        IDLE_PROXY,
        IDLE_PROXY_HEARTBEAT,
        CACHE_POISONING,
        CACHE_POISONING_MASKED,
        BUFFERING_PROXY,
        NO_UPGRADE_PROXY,
    )
}
"""Every scenario for virtual time only, by its name."""
