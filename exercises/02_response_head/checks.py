"""What the ordered lines of `response_head` have to do."""

import base64
from random import Random
from typing import Any

from wsedu.grading.steps import Case, Step, call, holds, judged, step
from wsedu.protocol.handshake import ClientOffer, accept_key, run_checks
from wsedu.protocol.http import HeadReader
from wsedu.protocol.response import RESPONSE_CHECKS
from wsedu.protocol.types import Limits, Role

GIVEN = """import base64
import hashlib

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
SPOKEN = ["soap", "chat"]


"""

LINES = {
    "A": '    lines.append("Sec-WebSocket-Protocol: " + ", ".join(chosen))',
    "B": "    digest = hashlib.sha1((key + GUID).encode()).digest()",
    "C": '    return "\\n".join([*lines, "", ""]).encode()',
    "D": '    lines.append("Sec-WebSocket-Accept: " + accept)',
    "E": "    chosen = [name for name in offered if name in SPOKEN][:1]",
    "F": '    lines = ["HTTP/1.1 200 OK", "Upgrade: websocket", "Connection: Upgrade"]',
    "G": "def response_head(key: str, offered: list[str]) -> bytes:",
    "H": '    return "\\r\\n".join([*lines, ""]).encode()',
    "I": "    accept = base64.b64encode(digest).decode()",
    "J": "    chosen = offered",
    "K": '    lines += ["Sec-WebSocket-Protocol: " + name for name in chosen]',
    "L": "    digest = hashlib.sha1((key + GUID).encode()).hexdigest().encode()",
    "M": '    lines = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"]',
    "N": '    return "\\r\\n".join([*lines, "", ""]).encode()',
}

PUBLISHED = "dGhlIHNhbXBsZSBub25jZQ=="  # RFC 6455 §1.2, §1.3
PUBLISHED_ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


def steps(random: Random) -> list[Step]:
    """The published handshake with and without subprotocols, offers that fit in part or not at all, keys by chance."""
    keys = [base64.b64encode(random.randbytes(16)).decode() for _ in range(5)]
    return [
        step("published", _head(PUBLISHED, [], "", PUBLISHED_ACCEPT), _head(keys[0], [], "")),
        step("offered", _head(PUBLISHED, ["chat", "superchat"], "chat", PUBLISHED_ACCEPT)),
        step("several", _head(keys[1], ["mqtt", "soap", "chat"], "soap"), _head(keys[2], ["chat", "soap"], "chat")),
        step("none", _head(keys[3], ["mqtt"], ""), _head(keys[4], ["superchat", "wamp"], "")),
    ]


def _head(key: str, offered: list[str], chosen: str, accept: str = "") -> Case:
    """A call whose answer has to be a legal head that chooses this subprotocol; empty for none."""
    fields = ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Accept: " + (accept or accept_key(key))]
    fields += ["Sec-WebSocket-Protocol: " + chosen] if chosen else []
    expected = "\r\n".join(["HTTP/1.1 101 Switching Protocols", *fields, "", ""]).encode()
    judge = holds(lambda head: _opens(head, key, offered, chosen), "opens", expected, "head")
    return judged(call("response_head", key, offered), judge, normal=_in_any_order)


def _opens(head: Any, key: str, offered: list[str], chosen: str) -> bool:
    """Whether a client that sent this key and this offer opens the connection, with that subprotocol."""
    if type(head) is not bytes:
        return False
    reader = HeadReader(Limits())
    if reader.feed(head) != len(head):
        return False
    response = reader.response()
    run_checks(RESPONSE_CHECKS, response, ClientOffer(key, offered), Role.CLIENT, None)
    return (response.headers.get("Sec-WebSocket-Protocol") or "") == chosen


def _in_any_order(head: bytes) -> list[bytes]:
    return sorted(head.splitlines(keepends=True))
