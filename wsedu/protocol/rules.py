"""Everything that an endpoint can do wrong, as one table.

Rule 1 of this package: whatever is refused is refused by `enforce` (the peer broke the rule) or `refuse`
(our own caller asked for it), and names a rule of this table.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .types import Role

BOTH = (Role.CLIENT, Role.SERVER)
CLIENT = (Role.CLIENT,)
SERVER = (Role.SERVER,)


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that RFC 6455 forbids or demands, and how its breach is answered.

    Arguments:
        name: stable, in capitals: what tests, traces and catalogues call it.
        section: of RFC 6455, such as "5.2".
        binds: the roles that have to obey it.
        code: the status code of the Close frame that answers a breach, None before the connection is open.
        status: the HTTP status that answers a breach in the opening handshake, None after it.
        lenient: `strict=False` lets it pass, because real peers differ here.
    """

    name: str
    section: str
    binds: tuple[Role, ...]
    code: int | None = None
    status: int | None = None
    lenient: bool = False

    def __str__(self) -> str:
        return f"{self.name} (RFC 6455 §{self.section})"


# --- The URI (§3) ---
URI_SCHEME = Rule("URI_SCHEME", "3", CLIENT)
URI_HOST = Rule("URI_HOST", "3", CLIENT)
URI_PORT = Rule("URI_PORT", "3", CLIENT)
URI_USERINFO = Rule("URI_USERINFO", "3", CLIENT)
URI_FRAGMENT = Rule("URI_FRAGMENT", "3", CLIENT)
URI_CHARACTER = Rule("URI_CHARACTER", "11.1.1", CLIENT)

# --- Any HTTP head (§4.1, §4.2.1; RFC 9112) ---
HEAD_START_LINE = Rule("HEAD_START_LINE", "4.2.1", BOTH, status=400)
HEAD_LINE_END = Rule("HEAD_LINE_END", "4.2.1", BOTH, status=400)
HEAD_FIELD = Rule("HEAD_FIELD", "4.2.1", BOTH, status=400)
HEAD_TOO_LARGE = Rule("HEAD_TOO_LARGE", "10.4", BOTH, status=431)
HEAD_TOO_MANY_FIELDS = Rule("HEAD_TOO_MANY_FIELDS", "10.4", BOTH, status=431)

# --- The request, in the order of §4.2.1 ---
REQUEST_METHOD = Rule("REQUEST_METHOD", "4.2.1", CLIENT, status=405)
REQUEST_HTTP_VERSION = Rule("REQUEST_HTTP_VERSION", "4.2.1", CLIENT, status=505)
REQUEST_TARGET = Rule("REQUEST_TARGET", "4.2.1", CLIENT, status=400)
REQUEST_BODY = Rule("REQUEST_BODY", "4.1", CLIENT, status=400)
REQUEST_HOST = Rule("REQUEST_HOST", "4.2.1", CLIENT, status=400)
REQUEST_AUTHORITY = Rule("REQUEST_AUTHORITY", "4.2.1", CLIENT, status=421)
REQUEST_UPGRADE = Rule("REQUEST_UPGRADE", "4.2.1", CLIENT, status=426)
REQUEST_CONNECTION = Rule("REQUEST_CONNECTION", "4.2.1", CLIENT, status=400)
REQUEST_KEY = Rule("REQUEST_KEY", "4.2.1", CLIENT, status=400)
REQUEST_KEY_ONCE = Rule("REQUEST_KEY_ONCE", "11.3.1", CLIENT, status=400)
REQUEST_VERSION = Rule("REQUEST_VERSION", "4.2.1", CLIENT, status=400)
REQUEST_VERSION_ONCE = Rule("REQUEST_VERSION_ONCE", "11.3.5", CLIENT, status=400)
REQUEST_VERSION_SUPPORTED = Rule("REQUEST_VERSION_SUPPORTED", "4.2.2", CLIENT, status=426)
REQUEST_ORIGIN = Rule("REQUEST_ORIGIN", "10.2", CLIENT, status=403)
REQUEST_SUBPROTOCOL = Rule("REQUEST_SUBPROTOCOL", "4.1", CLIENT, status=400)
REQUEST_EXTENSIONS = Rule("REQUEST_EXTENSIONS", "9.1", CLIENT, status=400)

# --- The response, in the order of §4.1 ---
RESPONSE_HTTP_VERSION = Rule("RESPONSE_HTTP_VERSION", "4.2.2", SERVER)
RESPONSE_STATUS = Rule("RESPONSE_STATUS", "4.1", SERVER)
RESPONSE_UPGRADE = Rule("RESPONSE_UPGRADE", "4.1", SERVER)
RESPONSE_CONNECTION = Rule("RESPONSE_CONNECTION", "4.1", SERVER)
RESPONSE_ACCEPT = Rule("RESPONSE_ACCEPT", "4.1", SERVER)
RESPONSE_ACCEPT_ONCE = Rule("RESPONSE_ACCEPT_ONCE", "11.3.3", SERVER)
RESPONSE_EXTENSIONS = Rule("RESPONSE_EXTENSIONS", "9.1", SERVER)
RESPONSE_EXTENSION_OFFERED = Rule("RESPONSE_EXTENSION_OFFERED", "4.1", SERVER)
RESPONSE_SUBPROTOCOL_ONCE = Rule("RESPONSE_SUBPROTOCOL_ONCE", "11.3.4", SERVER)
RESPONSE_SUBPROTOCOL_OFFERED = Rule("RESPONSE_SUBPROTOCOL_OFFERED", "4.1", SERVER)
EXTENSION_REQUIRED = Rule("EXTENSION_REQUIRED", "7.4.1", BOTH, code=1010, status=400)

# --- Frames (§5) ---
RSV_BITS = Rule("RSV_BITS", "5.2", BOTH, code=1002)
OPCODE_RESERVED = Rule("OPCODE_RESERVED", "5.2", BOTH, code=1002)
CONTROL_FRAGMENTED = Rule("CONTROL_FRAGMENTED", "5.5", BOTH, code=1002)
CONTROL_TOO_LONG = Rule("CONTROL_TOO_LONG", "5.5", BOTH, code=1002)
CLIENT_MUST_MASK = Rule("CLIENT_MUST_MASK", "5.1", CLIENT, code=1002)
SERVER_MUST_NOT_MASK = Rule("SERVER_MUST_NOT_MASK", "5.1", SERVER, code=1002)
MINIMAL_LENGTH = Rule("MINIMAL_LENGTH", "5.2", BOTH, code=1002, lenient=True)
LENGTH_TOP_BIT = Rule("LENGTH_TOP_BIT", "5.2", BOTH, code=1002)
FRAME_TOO_BIG = Rule("FRAME_TOO_BIG", "10.4", BOTH, code=1009)

# --- Messages (§5.4, §5.6) ---
CONTINUATION_WITHOUT_START = Rule("CONTINUATION_WITHOUT_START", "5.4", BOTH, code=1002)
MESSAGE_INTERLEAVED = Rule("MESSAGE_INTERLEAVED", "5.4", BOTH, code=1002)
MESSAGE_TOO_BIG = Rule("MESSAGE_TOO_BIG", "10.4", BOTH, code=1009)
TOO_MANY_FRAGMENTS = Rule("TOO_MANY_FRAGMENTS", "10.4", BOTH, code=1009)
# RFC 7692 leaves open what answers a stream that does not inflate; 1007 is the code for data that is not what its
# message's type says (§7.4.1).
INFLATE = Rule("INFLATE", "7.4.1", BOTH, code=1007)
TEXT_UTF8 = Rule("TEXT_UTF8", "8.1", BOTH, code=1007)

# --- Closing (§5.5.1, §7) ---
CLOSE_BODY = Rule("CLOSE_BODY", "5.5.1", BOTH, code=1002)
CLOSE_CODE = Rule("CLOSE_CODE", "7.4", BOTH, code=1002)
CLOSE_REASON_UTF8 = Rule("CLOSE_REASON_UTF8", "5.5.1", BOTH, code=1007)
DATA_AFTER_CLOSE = Rule("DATA_AFTER_CLOSE", "5.5.1", BOTH)

# --- What our own caller may not ask for ---
SEND_WHEN_OPEN = Rule("SEND_WHEN_OPEN", "6.1", BOTH)
CLOSE_CODE_SENDER = Rule("CLOSE_CODE_SENDER", "7.4.1", BOTH)
FIELD_WIDTH = Rule("FIELD_WIDTH", "5.2", BOTH)
KEY_LENGTH = Rule("KEY_LENGTH", "5.3", BOTH)
HEADER_INJECTION = Rule("HEADER_INJECTION", "4.1", BOTH)
SUBPROTOCOL_CHOICE = Rule("SUBPROTOCOL_CHOICE", "4.2.2", SERVER, status=500)

RULES: Mapping[str, Rule] = {rule.name: rule for rule in list(globals().values()) if isinstance(rule, Rule)}
"""Every rule by its name, in the order of the RFC's handshake, frames, messages and closing."""


class ProtocolViolation(Exception):
    """Somebody broke a rule; `enforce` raises it for the peer.

    Attributes:
        rule: the rule that was broken.
        offset: the first wrong byte, counted from 0 at the first byte of that direction's stream;
            in a URI, the index of the character; None where no byte can be named.
        detail: the facts of the case by name, such as `{"length": 5, "form": 16}`.
        decided_by: the function that found it, as `module:qualified.name`.
        local: True when our own caller asked for something forbidden, False when the peer did it.
    """

    local = False

    def __init__(self, rule: Rule, offset: int | None = None, detail: Mapping[str, Any] | None = None) -> None:
        super().__init__(rule, offset, detail)
        self.rule = rule
        self.offset = offset
        self.detail: Mapping[str, Any] = {} if detail is None else detail
        self.decided_by: str | None = None

    def place(self, offset: int) -> None:
        """Name the first wrong byte, unless whoever found the fault has named it."""
        if self.offset is None:
            self.offset = offset
            self.args = (self.rule, offset, self.detail)

    def __str__(self) -> str:
        place = "" if self.offset is None else f" at byte {self.offset}"
        facts = ", ".join(f"{name}={value!r}" for name, value in self.detail.items())
        return f"{self.rule}{place}{': ' if facts else ''}{facts}"


class LocalViolation(ProtocolViolation, ValueError):
    """Our own caller asked for what the RFC forbids; nothing was sent and the state is unchanged."""

    local = True


def enforce(rule: Rule, offset: int | None, **detail: Any) -> None:
    """Refuse what the peer did.

    Raises:
        ProtocolViolation: always.
    """
    violation = ProtocolViolation(rule, offset, detail)
    violation.decided_by = calling_function(2)
    raise violation


def refuse(rule: Rule, offset: int | None = None, **detail: Any) -> None:
    """Refuse what our own caller asked for.

    Raises:
        LocalViolation: always.
    """
    violation = LocalViolation(rule, offset, detail)
    violation.decided_by = calling_function(2)
    raise violation


def calling_function(depth: int = 1) -> str:
    """The function `depth` calls up, as `module:qualified.name`, so that a view can show its source."""
    frame = sys._getframe(depth)
    return f"{frame.f_globals['__name__']}:{frame.f_code.co_qualname}"
