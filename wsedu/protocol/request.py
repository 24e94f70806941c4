"""The request of the opening handshake (RFC 6455 §4.1, §4.2.1): how a client builds it and a server checks it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from . import rules
from .extensions import ExtensionFactory, ExtensionOffer, format_extensions
from .handshake import (
    VERSION,
    Check,
    Finding,
    ServerPolicy,
    find_connection,
    find_extensions,
    joined,
)
from .http import TOKEN, Headers, Request, ascii_lower, check_sendable
from .uri import WebSocketURI

_KEY = re.compile(r"[A-Za-z0-9+/]{22}==")
_VERSION_NUMBER = re.compile(r"0|[1-9][0-9]{0,2}")
_HOST_FIELD = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~!$&'()*+,;=%-]+)(?::[0-9]*)?")

_HTTP_ORIGIN = re.compile(r"(?P<scheme>https?)://(?P<authority>[^/?#@]+)")
_DEFAULT_PORTS = {"http": "80", "https": "443"}


def build_request(
    uri: WebSocketURI,
    key: str,
    *,
    origin: str | None = None,
    subprotocols: Sequence[str] = (),
    extensions: Sequence[ExtensionFactory] = (),
    headers: Iterable[tuple[str, str]] = (),
) -> Request:
    """The request that opens a connection (RFC 6455 §4.1 steps 1 to 12).

    Arguments:
        uri: where to; its resource name is the request target.
        key: from `make_key`.
        origin: value of Origin, for a client that acts for code as a browser does.
        subprotocols: to offer, most preferred first.
        extensions: to offer.
        headers: further fields, such as cookies.

    Raises:
        LocalViolation: a subprotocol is not a token or is there twice, or a further field has a line end or
            the name of one that the handshake sets.
    """
    for number, subprotocol in enumerate(subprotocols):
        if not TOKEN.fullmatch(subprotocol) or subprotocol in subprotocols[:number]:
            rules.refuse(rules.REQUEST_SUBPROTOCOL, None, field="Sec-WebSocket-Protocol", found=subprotocol)
    fields = [
        ("Host", uri.host_header),
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Key", key),
        ("Sec-WebSocket-Version", str(VERSION)),
    ]
    if origin is not None:
        fields.append(("Origin", origin))
    if subprotocols:
        fields.append(("Sec-WebSocket-Protocol", ", ".join(subprotocols)))
    offers = [ExtensionOffer(factory.name, offer) for factory in extensions for offer in factory.offers()]
    if offers:
        fields.append(("Sec-WebSocket-Extensions", format_extensions(offers)))
    own = {ascii_lower(name) for name, _ in fields}
    for name, value in headers:
        # A second Host or key would leave it to the server which of them counts.
        if ascii_lower(name) in own:
            rules.refuse(rules.HEADER_INJECTION, None, name=name, value=value)
        fields.append((name, value))
    check_sendable(fields)
    return Request(uri.resource_name, Headers(fields))


# --- §4.2.1: the request, as a server reads it ---


def check_method(request: Request, policy: ServerPolicy) -> Finding:
    """GET, and nothing else."""
    return Finding(request.method == "GET", request.method)


def check_http_version(request: Request, policy: ServerPolicy) -> Finding:
    """HTTP/1.1 or later; versions are compared as numbers."""
    return Finding(request.version >= "1.1", request.version)


def check_target(request: Request, policy: ServerPolicy) -> Finding:
    """A resource name, or an absolute http or https URI."""
    target = request.target
    absolute = re.match(r"https?://[^/?#]+(?=[/?]|$)", target, re.IGNORECASE)
    fragment = target.find("#")
    if fragment >= 0:
        return Finding(False, target, fragment)
    return Finding(target.startswith("/") or absolute is not None, target)


def check_no_body(request: Request, policy: ServerPolicy) -> Finding:
    """A handshake has no body: what follows the head are frames."""
    encodings = request.headers.fields("Transfer-Encoding")
    if encodings:
        return Finding(False, encodings[0].value, 0, encodings[0])
    length = request.headers.get("Content-Length")
    return Finding(length is None or length == "0", length)


def check_host(request: Request, policy: ServerPolicy) -> Finding:
    """Exactly one Host field with the server's authority."""
    values = request.headers.values("Host")
    return Finding(len(values) == 1 and _HOST_FIELD.fullmatch(values[0]) is not None, joined(values))


def check_authority(request: Request, policy: ServerPolicy) -> Finding:
    """A host by which the server is known, if it is choosy; compared without port and with ASCII case ignored."""
    value = request.headers.get("Host")
    return Finding(policy.hosts is None or _without_port(ascii_lower(value or "")) in policy.hosts, value)


def check_upgrade(request: Request, policy: ServerPolicy) -> Finding:
    """A list of products with `websocket` in it, ASCII case ignored."""
    products = [ascii_lower(token) for token in request.headers.tokens("Upgrade")]
    return Finding("websocket" in products, request.headers.get("Upgrade"))


def check_connection(request: Request, policy: ServerPolicy) -> Finding:
    """A list of tokens with `upgrade` in it, such as `keep-alive, Upgrade`."""
    return find_connection(request.headers)


def check_key_once(request: Request, policy: ServerPolicy) -> Finding:
    """No more than one Sec-WebSocket-Key."""
    values = request.headers.values("Sec-WebSocket-Key")
    return Finding(len(values) <= 1, joined(values))


def check_key(request: Request, policy: ServerPolicy) -> Finding:
    """A value that base64-decodes to exactly 16 bytes; pad bits that are not 0 pass (erratum 3150)."""
    values = request.headers.values("Sec-WebSocket-Key")
    return Finding(bool(values) and _KEY.fullmatch(values[0]) is not None, joined(values))


def check_version_once(request: Request, policy: ServerPolicy) -> Finding:
    """No more than one Sec-WebSocket-Version in a request."""
    values = request.headers.values("Sec-WebSocket-Version")
    return Finding(len(values) <= 1, joined(values))


def check_version(request: Request, policy: ServerPolicy) -> Finding:
    """A number from 0 to 255 without leading zeros."""
    values = request.headers.values("Sec-WebSocket-Version")
    legal = bool(values) and _VERSION_NUMBER.fullmatch(values[0]) is not None and int(values[0]) <= 255
    return Finding(legal, joined(values))


def check_version_supported(request: Request, policy: ServerPolicy) -> Finding:
    """The version that we speak."""
    value = request.headers.get("Sec-WebSocket-Version")
    return Finding(value == str(VERSION), value)


def check_origin(request: Request, policy: ServerPolicy) -> Finding:
    """One of the origins that the server serves, if it is choosy; compared with ASCII case ignored."""
    values = request.headers.values("Origin")
    if policy.origins is None and not policy.same_host:
        return Finding(True, joined(values))
    allowed = {None if origin is None else ascii_lower(origin) for origin in policy.origins or ()}
    origin = ascii_lower(values[0]) if values else None
    served = origin in allowed or (policy.same_host and _has_same_host(origin, request.headers.get("Host")))
    return Finding(len(values) <= 1 and served, joined(values))


def _has_same_host(origin: str | None, host: str | None) -> bool:
    """Whether an origin, in lower case, has the host and port of a Host field; no origin at all is no stranger's."""
    if origin is None:
        return True
    match = _HTTP_ORIGIN.fullmatch(origin)
    if match is None or host is None:
        return False
    port = _DEFAULT_PORTS[match["scheme"]]
    # Both leave out the port that the scheme implies.
    return _with_port(match["authority"], port) == _with_port(ascii_lower(host), port)


def _with_port(authority: str, port: str) -> str:
    """An authority with its port written out."""
    host = _without_port(authority)
    return f"{host}:{authority[len(host) + 1 :] or port}"


def _without_port(authority: str) -> str:
    """An authority without its port; an IPv6 address keeps its brackets."""
    host, colon, port = authority.rpartition(":")
    return host if colon and not port.endswith("]") else authority


def is_plain_get(request: Request, policy: ServerPolicy) -> bool:
    """Whether a request is an ordinary GET: legal, for this server, without a body, and it asks for no upgrade."""
    judges = (check_method, check_http_version, check_target, check_no_body, check_host, check_authority)
    return not request.headers.fields("Upgrade") and all(judge(request, policy).passed for judge in judges)


def check_subprotocols(request: Request, policy: ServerPolicy) -> Finding:
    """If there is a list of subprotocols: at least one, tokens, none of them twice."""
    offered = request.headers.tokens("Sec-WebSocket-Protocol")
    fields = request.headers.fields("Sec-WebSocket-Protocol")
    legal = all(TOKEN.fullmatch(token) for token in offered) and len(set(offered)) == len(offered)
    return Finding(legal and bool(offered) == bool(fields), request.headers.get("Sec-WebSocket-Protocol"))


def check_extensions(request: Request, policy: ServerPolicy) -> Finding:
    """If there is a list of extensions: the grammar of §9.1."""
    return find_extensions(request.headers)


REQUEST_CHECKS: tuple[Check[Request, ServerPolicy], ...] = (
    Check(rules.REQUEST_METHOD, "method", check_method),
    Check(rules.REQUEST_HTTP_VERSION, "version", check_http_version),
    Check(rules.REQUEST_TARGET, "target", check_target),
    Check(rules.REQUEST_BODY, "Content-Length", check_no_body),
    Check(rules.REQUEST_HOST, "Host", check_host),
    Check(rules.REQUEST_AUTHORITY, "Host", check_authority),
    Check(rules.REQUEST_UPGRADE, "Upgrade", check_upgrade),
    Check(rules.REQUEST_CONNECTION, "Connection", check_connection),
    Check(rules.REQUEST_KEY_ONCE, "Sec-WebSocket-Key", check_key_once),
    Check(rules.REQUEST_KEY, "Sec-WebSocket-Key", check_key),
    Check(rules.REQUEST_VERSION_ONCE, "Sec-WebSocket-Version", check_version_once),
    Check(rules.REQUEST_VERSION, "Sec-WebSocket-Version", check_version),
    Check(rules.REQUEST_VERSION_SUPPORTED, "Sec-WebSocket-Version", check_version_supported),
    Check(rules.REQUEST_ORIGIN, "Origin", check_origin),
    Check(rules.REQUEST_SUBPROTOCOL, "Sec-WebSocket-Protocol", check_subprotocols),
    Check(rules.REQUEST_EXTENSIONS, "Sec-WebSocket-Extensions", check_extensions),
)
"""Every point of a request that a server checks, in the order of §4.2.1."""
