"""What both sides of the opening handshake share (RFC 6455 §4): the key, the version, and how points are checked.

A point of the handshake is checked by a row of `request.REQUEST_CHECKS` or `response.RESPONSE_CHECKS`, which
stand in the order of the RFC, and nowhere else.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, NamedTuple, ParamSpec, TypeVar

from . import rules
from .extensions import Extension, ExtensionFactory, MalformedExtensionsError, parse_extensions
from .http import HeaderField, Headers, Request, Response, ascii_lower
from .rules import Rule
from .steps import HandshakeAccept, HandshakeCheck, HandshakeKey, Tracer, byte_span
from .types import Role

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
"""The fixed string that a server appends to the key (§1.3)."""

P = ParamSpec("P")
Answer = TypeVar("Answer")

VERSION = 13
"""The version of the protocol that RFC 6455 defines (§4.1)."""


def accept_key(key: str, *, tracer: Tracer | None = None, endpoint: Role | None = None) -> str:
    """Sec-WebSocket-Accept for a Sec-WebSocket-Key, in three steps (RFC 6455 §4.2.2 step 5.4).

    Arguments:
        key: the value of Sec-WebSocket-Key as text; white space around it does not count.
        tracer: called with each of the three steps.
        endpoint: whose steps they are; None for nobody's.

    Returns:
        base64 of the SHA-1 digest of key and GUID: 28 characters.
    """
    text = key.strip()
    joined = (text + GUID).encode()
    digest = hashlib.sha1(joined, usedforsecurity=False).digest()
    accept = base64.b64encode(digest)
    if tracer is not None:
        stages = (("concatenate", text.encode(), joined), ("sha1", joined, digest), ("base64", digest, accept))
        for stage, given, result in stages:
            decided_by = f"{__name__}:accept_key"
            tracer(HandshakeAccept(endpoint=endpoint, decided_by=decided_by, stage=stage, given=given, result=result))
    return accept.decode()


def make_key(random_bytes: Callable[[int], bytes], *, tracer: Tracer | None = None) -> str:
    """A new Sec-WebSocket-Key: base64 of 16 random bytes (RFC 6455 §4.1 step 7).

    Arguments:
        random_bytes: gives that many random bytes.
        tracer: called with the nonce and the key.
    """
    nonce = random_bytes(16)
    key = base64.b64encode(nonce).decode()
    if tracer is not None:
        tracer(HandshakeKey(endpoint=Role.CLIENT, decided_by=f"{__name__}:make_key", nonce=nonce, key=key))
    return key


# --- What each side knows when it checks ---


@dataclass(frozen=True, slots=True)
class ServerPolicy:
    """What a server accepts.

    Arguments:
        subprotocols: those that it speaks, most preferred first.
        origins: the origins that it serves, None among them for requests without Origin; None for any.
        extensions: what it can negotiate.
        choose_subprotocol: the application's own choice among those that a request offers, instead of the
            first one that `subprotocols` has.
        decide: the application's last word on a request that is in order: a response that refuses it
            (401, 403, 404, a redirect, ...) or None.
        same_host: serve only requests without Origin, and those whose Origin has the host and port of their Host
            field, as a page has that came from this server; `origins` then adds to these.
        serve_page: the application's answer to an ordinary GET, one that asks for no upgrade, such as a page; None
            leaves it to the refusal that §4.2.1 demands.
        hosts: the names of this server, in lower case and without port, one of which the Host field must have; None
            for any. A page whose own name was made to lead here (DNS rebinding) passes `same_host`, but not this.
    """

    subprotocols: Sequence[str] = ()
    origins: Sequence[str | None] | None = None
    extensions: Sequence[ExtensionFactory] = ()
    choose_subprotocol: Callable[[Request, Sequence[str]], str | None] | None = None
    decide: Callable[[Request], Response | None] | None = None
    same_host: bool = False
    serve_page: Callable[[Request], Response | None] | None = None
    hosts: Collection[str] | None = None


@dataclass(frozen=True, slots=True)
class ClientOffer:
    """What a client asked for, against which the response is checked.

    Arguments:
        key: its Sec-WebSocket-Key.
        subprotocols: those that it offered, most preferred first.
        extensions: what it can negotiate.
    """

    key: str
    subprotocols: Sequence[str] = ()
    extensions: Sequence[ExtensionFactory] = ()


class Finding(NamedTuple):
    """What a check found.

    Arguments:
        passed: whether the point is in order; None where whoever looks cannot know.
        found: the value that was looked at; None if the field is missing.
        at: the index of the first wrong character in that value.
        where: the field that it is in, if it is not the last one of the check's name.
    """

    passed: bool | None
    found: str | None
    at: int = 0
    where: HeaderField | None = None


class HookError(Exception):
    """A hook of the application failed: no fault of the peer's.

    Attributes:
        error: what it raised.
    """

    def __init__(self, error: Exception) -> None:
        super().__init__(error)
        self.error = error


def ask(hook: Callable[P, Answer], *arguments: P.args, **options: P.kwargs) -> Answer:
    """Call a hook of the application.

    Raises:
        HookError: it raised.
    """
    try:
        return hook(*arguments, **options)
    except Exception as error:
        raise HookError(error) from error


class Agreement(NamedTuple):
    """What a complete handshake has settled (§4.1 end, §4.2.2).

    Arguments:
        subprotocol: the one in use, or None.
        extensions: those in use, in the order of the server's list.
    """

    subprotocol: str | None
    extensions: tuple[Extension, ...]


Message = TypeVar("Message", Request, Response)
Context = TypeVar("Context", ServerPolicy, ClientOffer)


class Check(NamedTuple, Generic[Message, Context]):
    """One point of the handshake.

    Arguments:
        rule: broken if the point is not in order.
        field: the header field that it is about, or a part of the start line in lower case.
        judge: looks at the point.
    """

    rule: Rule
    field: str
    judge: Callable[[Message, Context], Finding]


def run_checks(
    checks: Iterable[Check[Message, Context]],
    message: Message,
    context: Context,
    reader: Role,
    tracer: Tracer | None,
) -> None:
    """Check every point in order, up to the first that is not in order; each is one step.

    Raises:
        ProtocolViolation: a point is not in order; the offset is that of the field's value, or of the empty
            line that ends the head where the field is missing.
    """
    for check in checks:
        finding = check.judge(message, context)
        if tracer is not None:
            tracer(_check_step(check, finding, message, reader))
        if finding.passed is False:
            offset = _field_offset(message, check.field, finding)
            rules.enforce(check.rule, offset, field=check.field, found=finding.found)


def _check_step(check: Check[Message, Context], finding: Finding, message: Message, reader: Role) -> HandshakeCheck:
    fields = message.headers.fields(check.field)
    span = byte_span(reader.receives, fields[0].offset, len(fields[0].value)) if fields else None
    return HandshakeCheck(
        endpoint=reader,
        span=span,
        rule=check.rule.name,
        decided_by=f"{check.judge.__module__}:{check.judge.__qualname__}",
        field=check.field,
        found=finding.found,
        passed=finding.passed,
    )


def _field_offset(message: Request | Response, field: str, finding: Finding) -> int:
    """Where the value of a field begins; in the start line, its part; the end of the head if it is missing."""
    if finding.where is not None:
        return finding.where.offset + finding.at
    fields = message.headers.fields(field)
    if fields:
        return fields[-1].offset + finding.at
    places = message.places()
    if field in places:
        return places[field] + finding.at
    return max(0, message.size - 2)


# --- Points that a request and a response have in common ---


def joined(values: Sequence[str]) -> str | None:
    """The values of a field as one, None for a field that is missing."""
    return ", ".join(values) if values else None


def find_connection(headers: Headers) -> Finding:
    """A list of tokens with `upgrade` in it, such as `keep-alive, Upgrade`."""
    tokens = [ascii_lower(token) for token in headers.tokens("Connection")]
    return Finding("upgrade" in tokens, headers.get("Connection"))


def find_extensions(headers: Headers) -> Finding:
    """If there is a list of extensions: the grammar of §9.1."""
    for field in headers.fields("Sec-WebSocket-Extensions"):
        try:
            if not parse_extensions(field.value):
                return Finding(False, field.value, 0, field)
        except MalformedExtensionsError as error:
            return Finding(False, field.value, error.index, field)
    return Finding(True, headers.get("Sec-WebSocket-Extensions"))
