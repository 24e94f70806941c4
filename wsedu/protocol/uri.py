"""WebSocket URIs (RFC 6455 §3, §11.1): `ws://host[:port]path[?query]`, no fragment."""

from __future__ import annotations

import re
from typing import NamedTuple

from . import rules

DEFAULT_PORTS = {"ws": 80, "wss": 443}

# RFC 3986 appendix B, with the scheme demanded; every part may be empty here and is judged after.
_PARTS = re.compile(
    r"(?P<scheme>[^:/?#]*):(?://(?P<authority>[^/?#]*))?(?P<path>[^?#]*)(?:\?(?P<query>[^#]*))?(?P<fragment>#.*)?",
    re.DOTALL,
)
_AUTHORITY = re.compile(r"(?P<host>\[[^\]]*\]|[^:\[\]]*)(?::(?P<port>.*))?")
_HOST = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=%-]+|\[[0-9A-Fa-f:.]+\]")
_NOT_IN_HOST = re.compile(r"[\x00-\x20\"<>\\^`{|}\x7f]")
_PORT = re.compile(r"[0-9]{1,5}")
_NO_CHARACTER = re.compile("[\ud800-\udfff]")
# What RFC 3986 allows in a path or a query beside letters and digits; "%" keeps escapes that are there.
_SAFE = "/?:@!$&'()*+,;=-._~%"


class WebSocketURI(NamedTuple):
    """The parts of a WebSocket URI.

    Arguments:
        secure: the scheme is wss.
        host: lower case, ASCII; an IPv6 address without its brackets.
        port: 1 to 65535.
        resource_name: path and query, as in the request line.
    """

    secure: bool
    host: str
    port: int
    resource_name: str

    @property
    def scheme(self) -> str:
        """`ws` or `wss`."""
        return "wss" if self.secure else "ws"

    @property
    def host_header(self) -> str:
        """The value of the Host field: the port only when it is not the scheme's default (§4.1)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.host_header}{self.resource_name}"


def parse_uri(text: str) -> WebSocketURI:
    """Read a WebSocket URI (RFC 6455 §3).

    Characters that a URI cannot hold are converted: the host by IDNA, the rest percent-encoded as UTF-8 (§11.1).

    Arguments:
        text: such as `ws://example.com:8080/chat?room=1`.

    Raises:
        LocalViolation: the scheme is not ws or wss, or host or port is missing or wrong, or there is user
            information, a fragment, or half of a surrogate pair; `offset` is the index of the first wrong
            character.
    """
    wrong = _NO_CHARACTER.search(text)
    if wrong is not None:
        plain = text.encode("ascii", "backslashreplace").decode()
        rules.refuse(rules.URI_CHARACTER, wrong.start(), character=f"U+{ord(wrong[0]):04X}", uri=plain)
        text = _NO_CHARACTER.sub("?", text)
    parts = _PARTS.fullmatch(text)
    scheme = "" if parts is None else parts["scheme"].lower()
    if parts is None or scheme not in DEFAULT_PORTS:
        rules.refuse(rules.URI_SCHEME, 0, scheme=scheme, uri=text)
        return WebSocketURI(False, "", 80, "/")
    if parts["fragment"] is not None:
        rules.refuse(rules.URI_FRAGMENT, parts.start("fragment"), fragment=parts["fragment"], uri=text)
    if not parts["authority"]:
        rules.refuse(rules.URI_HOST, len(parts["scheme"]) + 1, host="", uri=text)
    authority, start = parts["authority"] or "", max(0, parts.start("authority"))
    userinfo, at, place = authority.rpartition("@")
    if at:
        rules.refuse(rules.URI_USERINFO, start, uri=text)
        start += len(userinfo) + 1
    host, port = _host_and_port(place, start, scheme, text)
    return WebSocketURI(scheme == "wss", host, port, _resource_name(parts["path"], parts["query"]))


def _host_and_port(place: str, start: int, scheme: str, uri: str) -> tuple[str, int]:
    match = _AUTHORITY.fullmatch(place)
    host = "" if match is None else _ascii_host(match["host"])
    if match is None or not _HOST.fullmatch(host) or not _is_address(host):
        wrong = _NOT_IN_HOST.search(place)
        rules.refuse(rules.URI_HOST, start + (wrong.start() if wrong else 0), host=place, uri=uri)
        return place, DEFAULT_PORTS[scheme]
    port = match["port"] or str(DEFAULT_PORTS[scheme])
    number = int(port) if _PORT.fullmatch(port) else 0
    if not 1 <= number <= 65535:
        rules.refuse(rules.URI_PORT, start + match.start("port"), port=port, uri=uri)
    return host.strip("[]").lower(), number


def _ascii_host(host: str) -> str:
    """A host name as a URI holds it; what IDNA cannot convert comes back as the empty string."""
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return ""


def _is_address(host: str) -> bool:
    """Whether a host in brackets is an IPv6 address; any other host is as good as its name."""
    if not host.startswith("["):
        return True
    from ipaddress import AddressValueError, IPv6Address

    try:
        IPv6Address(host[1:-1])
    except AddressValueError:
        return False
    return True


def _resource_name(path: str, query: str | None) -> str:
    name = path or "/"
    if query is not None:
        name += "?" + query
    if name.isascii() and not re.search(r"[^!-~]|[\"<>\\^`{|}]", name):
        return name
    from urllib.parse import quote

    return quote(name, safe=_SAFE)
