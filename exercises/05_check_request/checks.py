"""What `check_request` has to do."""

import base64
from random import Random

from wsedu.grading.steps import Case, Step, call, holds, judged, step
from wsedu.protocol.handshake import ServerPolicy, run_checks
from wsedu.protocol.http import Headers, Request
from wsedu.protocol.request import REQUEST_CHECKS
from wsedu.protocol.rules import ProtocolViolation
from wsedu.protocol.types import Role

ORIGINS = ("https://example.com", "http://localhost:8000")
POLICY = ServerPolicy(origins=(None, *ORIGINS))

PUBLISHED = {  # RFC 6455 §1.2, without Origin
    "host": "server.example.com",
    "upgrade": "websocket",
    "connection": "Upgrade",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    "sec-websocket-protocol": "chat, superchat",
    "sec-websocket-version": "13",
}

ALLOWED = {  # "an appropriate error code, such as 400": those that HTTP has for each case
    "REQUEST_METHOD": {400, 405, 501},
    "REQUEST_HTTP_VERSION": {400, 426, 505},
    "REQUEST_HOST": {400},
    "REQUEST_UPGRADE": {400, 426},
    "REQUEST_CONNECTION": {400, 426},
    "REQUEST_KEY": {400},
    "REQUEST_VERSION": {400, 426},
    "REQUEST_VERSION_SUPPORTED": {400, 426},
    "REQUEST_ORIGIN": {400, 403},
}

OTHER_WAYS = (
    {"upgrade": "WebSocket", "connection": "keep-alive, Upgrade"},
    {"connection": "upgrade,keep-alive"},
    {"upgrade": "WEBSOCKET", "connection": "close , UPGRADE"},
)
WRONG_UPGRADES = (
    {"upgrade": None},
    {"upgrade": "h2c"},
    {"upgrade": "websockets"},
    {"connection": None},
    {"connection": "keep-alive"},
    {"connection": "upgrades"},
)
WRONG_KEYS = (
    *(base64.b64encode(bytes(range(size))).decode() for size in (15, 17, 18, 12)),
    "dGhlIHNhbXBsZSBub25jZQ!!",
    "my-own-key",
    "",
    None,
)
WRONG_ORIGINS = ("https://evil.example", "http://example.com", "https://example.com.evil.example", "null")


def steps(random: Random) -> list[Step]:
    """The published request, other ways to write it, and requests with one thing wrong."""
    legal = _case({"sec-websocket-key": _key(random)})  # in each step: who always refuses has noticed nothing
    return [
        step("published", _case({}), *(_case({"sec-websocket-key": _key(random)}) for _ in range(2))),
        step("ways", *(_case({**way, "sec-websocket-key": _key(random)}) for way in OTHER_WAYS)),
        step(
            "http",
            *(_case({}, method=method) for method in ("POST", "HEAD", "CONNECT", "get")),
            *(_case({}, version=version) for version in ("1.0", "0.9", "1.2")),
            *(_case({"host": None, "sec-websocket-key": _key(random)}) for _ in range(2)),
        ),
        step("upgrade", *(_case(changes) for changes in WRONG_UPGRADES), legal),
        step("key", *(_case({"sec-websocket-key": key}) for key in WRONG_KEYS), legal),
        step(
            "version",
            *(_case({"sec-websocket-version": number}) for number in ("25", "8", "1", "14", "130", "113", None)),
            legal,
        ),
        step("origin", *(_case({"origin": origin}) for origin in (*ORIGINS, *WRONG_ORIGINS))),
    ]


def _key(random: Random) -> str:
    return base64.b64encode(random.randbytes(16)).decode()


def _case(changes: dict[str, str | None], method: str = "GET", version: str = "1.1") -> Case:
    """The published request with some fields changed, or without those that are None."""
    fields = {name: value for name, value in {**PUBLISHED, **changes}.items() if value is not None}
    right, expected = _statuses(method, version, fields)
    judge = holds(lambda status: type(status) is int and status in right, "statuses", expected)
    return judged(call("check_request", method, version, fields), judge, normal=_kind)


def _statuses(method: str, version: str, fields: dict[str, str]) -> tuple[set[int], int]:
    """All statuses that are right, and the one that wsedu sends."""
    request = Request("/chat", Headers(fields.items()), method, version)
    try:
        run_checks(REQUEST_CHECKS, request, POLICY, Role.SERVER, None)
    except ProtocolViolation as violation:
        return ALLOWED[violation.rule.name], violation.rule.status or 400
    return {101}, 101


def _kind(status: int) -> object:
    """One error is as good as another, where a known mistake is looked for."""
    return "error" if 400 <= status < 600 else status
