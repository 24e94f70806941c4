"""The response of the opening handshake (RFC 6455 §4.2.2, §4.1): how a server builds it and a client checks it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress

from . import rules
from .extensions import (
    Extension,
    ExtensionFactory,
    ExtensionOffer,
    MalformedExtensionsError,
    compatible,
    format_extensions,
    negotiate,
    parse_extensions,
)
from .handshake import (
    VERSION,
    Agreement,
    Check,
    ClientOffer,
    Finding,
    ServerPolicy,
    accept_key,
    ask,
    find_connection,
    find_extensions,
    joined,
)
from .http import Headers, Request, Response, ascii_lower, check_sendable
from .rules import ProtocolViolation
from .steps import Tracer
from .types import Role


def accept_request(
    request: Request, policy: ServerPolicy, *, tracer: Tracer | None = None
) -> tuple[Response, Agreement]:
    """The response that opens the connection, for a request that has passed every check (§4.2.2 step 5).

    Of the subprotocols, the first in the client's order that the server speaks; of the extensions, every one
    that a factory of the policy accepts.

    Arguments:
        request: as received.
        policy: what the server accepts.
        tracer: called with the three steps to Sec-WebSocket-Accept.

    Raises:
        ProtocolViolation: an extension that the server requires was not offered.
        LocalViolation: the application chose a subprotocol that was not offered.
        HookError: its choice failed.
    """
    key = request.headers.get("Sec-WebSocket-Key") or ""
    fields = [
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Accept", accept_key(key, tracer=tracer, endpoint=Role.SERVER)),
    ]
    subprotocol = _choose_subprotocol(request, policy)
    if subprotocol is not None:
        fields.append(("Sec-WebSocket-Protocol", subprotocol))
    chosen, in_use = negotiate(offered_extensions(request.headers), policy.extensions)
    missing = missing_extensions(policy.extensions, in_use)
    if missing:
        # 7.4.1: a server does not close with 1010, it refuses the handshake.
        rules.enforce(rules.EXTENSION_REQUIRED, max(0, request.size - 2), missing=missing)
    if chosen:
        fields.append(("Sec-WebSocket-Extensions", format_extensions(chosen)))
    return Response(101, Headers(fields)), Agreement(subprotocol, tuple(in_use))


def _choose_subprotocol(request: Request, policy: ServerPolicy) -> str | None:
    offered = request.headers.tokens("Sec-WebSocket-Protocol")
    if policy.choose_subprotocol is None:
        return next((name for name in offered if name in policy.subprotocols), None)
    chosen = ask(policy.choose_subprotocol, request, offered)
    if chosen is not None and chosen not in offered:
        rules.refuse(rules.SUBPROTOCOL_CHOICE, None, chosen=chosen, offered=offered)
    return chosen


def missing_extensions(factories: Sequence[ExtensionFactory], in_use: Sequence[Extension]) -> list[str]:
    """The names of the extensions that are required and not in use (§7.4.1)."""
    names = {extension.name for extension in in_use}
    return [factory.name for factory in factories if factory.required and factory.name not in names]


def refusal(violation: ProtocolViolation) -> Response:
    """The HTTP error that answers a request with something wrong (§4.2.1, §4.2.2, §10.7).

    Its body names the rule and the place, for whoever looks at the response.
    """
    # What our own application did wrong is not the client's fault.
    status = 500 if violation.local else violation.rule.status or 400
    fields = []
    if status == 426:
        fields += [("Upgrade", "websocket"), ("Sec-WebSocket-Version", str(VERSION))]
    if status == 405:
        fields.append(("Allow", "GET"))
    return error_response(status, f"{violation.rule}\n".encode(), fields)


def error_response(status: int, body: bytes = b"", headers: list[tuple[str, str]] | None = None) -> Response:
    """A response that refuses a connection and ends it.

    Arguments:
        status: of HTTP, such as 403.
        body: plain text in UTF-8.
        headers: fields before `Content-Type`, `Content-Length` and `Connection: close`.

    Raises:
        LocalViolation: a header field has a line end.
    """
    fields = [*(headers or [])]
    fields += [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))]
    # "Upgrade" must be listed when the response has an Upgrade field (RFC 9110 §7.8).
    upgrades = any(ascii_lower(name) == "upgrade" for name, _ in fields)
    fields.append(("Connection", "Upgrade, close" if upgrades else "close"))
    check_sendable(fields)
    return Response(status, Headers(fields), body=body)


def offered_extensions(headers: Headers) -> list[ExtensionOffer]:
    """The elements of every Sec-WebSocket-Extensions field, in order (§9.1); a malformed field has none."""
    offers: list[ExtensionOffer] = []
    for value in headers.values("Sec-WebSocket-Extensions"):
        with suppress(MalformedExtensionsError):
            offers += parse_extensions(value)
    return offers


def supported_versions(headers: Headers) -> list[int]:
    """The versions that a refusing server says it speaks (§4.4); what is not a number is left out."""
    return [int(token) for token in headers.tokens("Sec-WebSocket-Version") if re.fullmatch(r"[0-9]{1,3}", token)]


# --- §4.1: the response, as a client reads it ---


def check_http_version(response: Response, offer: ClientOffer) -> Finding:
    """HTTP/1.1 or later."""
    return Finding(response.version >= "1.1", response.version)


def check_status(response: Response, offer: ClientOffer) -> Finding:
    """101; any other status is ordinary HTTP and opens nothing."""
    return Finding(response.status == 101, str(response.status))


def check_upgrade(response: Response, offer: ClientOffer) -> Finding:
    """`websocket` and nothing else, ASCII case ignored: one value, where a request may have a list."""
    value = response.headers.get("Upgrade")
    return Finding(value is not None and ascii_lower(value) == "websocket", value)


def check_connection(response: Response, offer: ClientOffer) -> Finding:
    """A list of tokens with `upgrade` in it."""
    return find_connection(response.headers)


def check_accept_once(response: Response, offer: ClientOffer) -> Finding:
    """No more than one Sec-WebSocket-Accept."""
    values = response.headers.values("Sec-WebSocket-Accept")
    return Finding(len(values) <= 1, joined(values))


def check_accept(response: Response, offer: ClientOffer) -> Finding:
    """The value that only somebody who read our key as a WebSocket server would send."""
    values = response.headers.values("Sec-WebSocket-Accept")
    return Finding(bool(values) and values[0] == accept_key(offer.key), joined(values))


def check_extensions(response: Response, offer: ClientOffer) -> Finding:
    """If there is a list of extensions: the grammar of §9.1."""
    return find_extensions(response.headers)


def check_extensions_offered(response: Response, offer: ClientOffer) -> Finding:
    """Only extensions that we offered, each once, with parameters that its definition allows, and compatible."""
    names = [element.name for element in offered_extensions(response.headers)]
    in_use = _extensions_in_use(response, offer)
    legal = len(set(names)) == len(names) == len(in_use) and compatible(in_use)
    return Finding(legal, response.headers.get("Sec-WebSocket-Extensions"))


def _extensions_in_use(response: Response, offer: ClientOffer) -> list[Extension]:
    """What the elements of the response stand for, without those that are no answer to an offer of ours."""
    in_use = []
    for element in offered_extensions(response.headers):
        for factory in offer.extensions:
            extension = factory.accepted(element.parameters) if factory.name == element.name else None
            if extension is not None:
                in_use.append(extension)
                break
    return in_use


def check_subprotocol_once(response: Response, offer: ClientOffer) -> Finding:
    """No more than one Sec-WebSocket-Protocol."""
    values = response.headers.values("Sec-WebSocket-Protocol")
    return Finding(len(values) <= 1, joined(values))


def check_subprotocol_offered(response: Response, offer: ClientOffer) -> Finding:
    """One of those that we offered, to the letter; none at all is in order."""
    value = response.headers.get("Sec-WebSocket-Protocol")
    return Finding(value is None or value in offer.subprotocols, value)


RESPONSE_CHECKS: tuple[Check[Response, ClientOffer], ...] = (
    Check(rules.RESPONSE_HTTP_VERSION, "version", check_http_version),
    Check(rules.RESPONSE_STATUS, "status", check_status),
    Check(rules.RESPONSE_UPGRADE, "Upgrade", check_upgrade),
    Check(rules.RESPONSE_CONNECTION, "Connection", check_connection),
    Check(rules.RESPONSE_ACCEPT_ONCE, "Sec-WebSocket-Accept", check_accept_once),
    Check(rules.RESPONSE_ACCEPT, "Sec-WebSocket-Accept", check_accept),
    Check(rules.RESPONSE_EXTENSIONS, "Sec-WebSocket-Extensions", check_extensions),
    Check(rules.RESPONSE_EXTENSION_OFFERED, "Sec-WebSocket-Extensions", check_extensions_offered),
    Check(rules.RESPONSE_SUBPROTOCOL_ONCE, "Sec-WebSocket-Protocol", check_subprotocol_once),
    Check(rules.RESPONSE_SUBPROTOCOL_OFFERED, "Sec-WebSocket-Protocol", check_subprotocol_offered),
)
"""Every point of a response that a client checks, in the order of §4.1."""


def agreement(response: Response, offer: ClientOffer) -> Agreement:
    """What a response that has passed every check settles (§4.1 end)."""
    in_use = _extensions_in_use(response, offer)
    return Agreement(response.headers.get("Sec-WebSocket-Protocol"), tuple(in_use))
