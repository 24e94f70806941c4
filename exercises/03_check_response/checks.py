"""What `check_response` has to do."""

import base64
from random import Random

from wsedu.grading.steps import Case, Step, call, gives, step
from wsedu.protocol.handshake import ClientOffer, accept_key, run_checks
from wsedu.protocol.http import HeadReader
from wsedu.protocol.response import RESPONSE_CHECKS
from wsedu.protocol.rules import ProtocolViolation
from wsedu.protocol.types import Limits, Role

PUBLISHED = "dGhlIHNhbXBsZSBub25jZQ=="  # RFC 6455 §1.3
PUBLISHED_HEAD = (
    "HTTP/1.1 101 Switching Protocols",
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
)
OTHER_WAYS = (
    ("HTTP/1.1 101 Hello, world", "upgrade: WebSocket", "CONNECTION: keep-alive,UPGRADE", "SEC-WEBSOCKET-ACCEPT"),
    ("HTTP/1.1 101 Web Socket Protocol Handshake", "Sec-WebSocket-Accept", "Connection:Upgrade", "Upgrade:websocket"),
    ("HTTP/1.1 101 ", "connection:  upgrade ,close", "Server: a", "sec-websocket-accept", "UPGRADE: WEBSOCKET"),
)
NOT_101 = ("200 OK", "200 Connection established", "201 Created", "204 No Content", "400 Bad Request", "100 Continue",
           "102 Processing", "301 Moved Permanently")  # fmt: skip


def steps(random: Random) -> list[Step]:
    """The published answer, other ways to write it, and answers that open nothing."""
    key = _key(random)
    line, *fields = _legal(key)
    upgrade, connection, accept = fields
    legal = _judged(_legal(key), key)  # in each step: who always says False has refused nothing
    shuffled = [random.sample(fields, 3) for _ in range(2)]
    return [
        step("published", _judged(PUBLISHED_HEAD, PUBLISHED), *(_judged((line, *some), key) for some in shuffled)),
        step("ways", *(_judged(_with_accept(way, key), key) for way in OTHER_WAYS)),
        step("status", *(_judged((f"HTTP/1.1 {status}", *fields), key) for status in NOT_101), legal),
        step(
            "accept",
            *(_judged((line, upgrade, connection, *wrong), key) for wrong in _wrong_accepts(random, key)),
            legal,
        ),
        step(
            "upgrade",
            *(_judged((line, *wrong, connection, accept), key) for wrong in _wrong("Upgrade", "h2c", "websockets")),
            *(_judged((line, upgrade, *wrong, accept), key) for wrong in _wrong("Connection", "close", "upgrades")),
            legal,
        ),
        step(
            "unasked",
            *(_judged((*_legal(key), f"Sec-WebSocket-Protocol: {name}"), key) for name in ("chat", "superchat")),
            *(_judged((*_legal(key), f"{name}: permessage-deflate"), key) for name in _SPELLED),
            legal,
        ),
    ]


_SPELLED = ("Sec-WebSocket-Extensions", "sec-websocket-extensions")


def _key(random: Random) -> str:
    return base64.b64encode(random.randbytes(16)).decode()


def _legal(key: str) -> tuple[str, ...]:
    return (*PUBLISHED_HEAD[:3], f"Sec-WebSocket-Accept: {accept_key(key)}")


def _with_accept(lines: tuple[str, ...], key: str) -> list[str]:
    """The lines with the value after the field that proves."""
    return [f"{line}: {accept_key(key)}" if line.lower() == "sec-websocket-accept" else line for line in lines]


def _wrong_accepts(random: Random, key: str) -> list[list[str]]:
    """Values that prove nothing, and none at all."""
    right = accept_key(key)
    values = [accept_key(_key(random)), accept_key(_key(random)), right.swapcase(), right[:-1], key, ""]
    return [[], *([f"Sec-WebSocket-Accept: {value}"] for value in values)]


def _wrong(name: str, *values: str) -> list[list[str]]:
    """No such field, and the field with each of these values."""
    return [[], *([f"{name}: {value}"] for value in values)]


def _judged(lines: list[str] | tuple[str, ...], key: str) -> Case:
    head = "\r\n".join([*lines, "", ""]).encode()
    return gives(call("check_response", head, key), _opens(head, key))


def _opens(head: bytes, key: str) -> bool:
    """Whether a client that offered nothing opens the connection."""
    reader = HeadReader(Limits())
    reader.feed(head)
    try:
        run_checks(RESPONSE_CHECKS, reader.response(), ClientOffer(key), Role.CLIENT, None)
    except ProtocolViolation:
        return False
    return True
