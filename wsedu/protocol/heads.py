"""`dissect_head`: a head of the opening handshake on its own, with every check that can be made of it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .handshake import ClientOffer, ServerPolicy, accept_key, run_checks
from .http import HeadReader, Request, Response
from .overheard import OVERHEARD_REQUEST
from .response import RESPONSE_CHECKS
from .rules import ProtocolViolation
from .steps import HandshakeCheck, Step
from .types import Limits, Role

_HEAD = re.compile(rb"(?:[A-Z]{3,10} [!-~]+ HTTP/|HTTP/[0-9])")

_OFFER_FIELDS = frozenset({"Sec-WebSocket-Accept", "Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions"})
"""Fields of a response that can only be judged beside its request."""


@dataclass(frozen=True, slots=True)
class DissectedHead:
    """What `dissect_head` found.

    Arguments:
        sender: a client for a request, a server for a response.
        size: bytes of the head, its empty line included.
        complete: whether that empty line is there.
        message: the request or response; None if it could not be read.
        checks: every check that was made, in the order of the RFC; of a response, those that need no request.
        violation: the first thing wrong.
        accept: Sec-WebSocket-Accept for the key of a request.
    """

    sender: Role
    size: int
    complete: bool
    message: Request | Response | None
    checks: tuple[HandshakeCheck, ...]
    violation: ProtocolViolation | None
    accept: str | None

    @property
    def legal(self) -> bool:
        """Whether it is whole, and in order as far as it can be judged alone."""
        return self.complete and self.violation is None


def looks_like_head(data: bytes) -> bool:
    """Whether bytes begin like a request or a response of HTTP."""
    return _HEAD.match(data) is not None


def dissect_head(data: bytes) -> DissectedHead:
    """Read the head with which these bytes begin (RFC 6455 §4.1, §4.2.1).

    Arguments:
        data: a request or a response, possibly cut short, possibly with frames behind it.
    """
    sender = Role.SERVER if data.startswith(b"HTTP/") else Role.CLIENT
    checks: list[HandshakeCheck] = []

    def keep(step: Step) -> None:
        assert isinstance(step, HandshakeCheck)
        checks.append(step)

    message: Request | Response | None = None
    violation = None
    size: int | None = None
    reader = HeadReader(Limits())
    try:
        size = reader.feed(data)
        if size is not None and sender is Role.CLIENT:
            message = request = reader.request()
            run_checks(OVERHEARD_REQUEST, request, ServerPolicy(), Role.SERVER, keep)
        elif size is not None:
            message = response = reader.response()
            alone = [check for check in RESPONSE_CHECKS if check.field not in _OFFER_FIELDS]
            run_checks(alone, response, ClientOffer(""), Role.CLIENT, keep)
    except ProtocolViolation as error:
        violation = error
    key = None if message is None else message.headers.get("Sec-WebSocket-Key")
    return DissectedHead(
        sender,
        len(data) if size is None else size,
        size is not None,
        message,
        tuple(checks),
        violation,
        None if key is None else accept_key(key),
    )
