"""The opening handshake as a watcher hears it (RFC 6455 §4): every point judged, and what was agreed on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from . import rules
from .extensions import Extension, ExtensionFactory, ExtensionOffer, Parameters
from .frame import Frame
from .handshake import Check, ClientOffer, Finding, ServerPolicy, joined, run_checks
from .http import Request, Response, ascii_lower
from .request import REQUEST_CHECKS
from .response import RESPONSE_CHECKS, check_extensions_offered, offered_extensions
from .rules import ProtocolViolation
from .steps import Tracer
from .types import Role

_FOLLOWS = {
    rules.REQUEST_KEY: rules.REQUEST_KEY_ONCE,
    rules.REQUEST_VERSION: rules.REQUEST_VERSION_ONCE,
    rules.REQUEST_VERSION_SUPPORTED: rules.REQUEST_VERSION,
    rules.RESPONSE_ACCEPT: rules.RESPONSE_ACCEPT_ONCE,
    rules.RESPONSE_EXTENSION_OFFERED: rules.RESPONSE_EXTENSIONS,
    rules.RESPONSE_SUBPROTOCOL_OFFERED: rules.RESPONSE_SUBPROTOCOL_ONCE,
}
"""Points that say nothing new once an earlier one is not in order."""


# --- Points that only an endpoint itself can decide ---


def overheard_authority(request: Request, policy: ServerPolicy) -> Finding:
    """Which names a server has is not in the bytes."""
    return Finding(None, request.headers.get("Host"))


def overheard_origin(request: Request, policy: ServerPolicy) -> Finding:
    """Which origins a server admits is not in the bytes."""
    return Finding(None, joined(request.headers.values("Origin")))


def overheard_extensions(response: Response, offer: ClientOffer) -> Finding:
    """Whether an answer fits an offer only those can say who know the extension."""
    finding = check_extensions_offered(response, offer)
    names = {element.name for element in offered_extensions(response.headers)}
    unknown = any(isinstance(factory, UnknownExtension) and factory.name in names for factory in offer.extensions)
    return finding._replace(passed=None) if finding.passed and unknown else finding


OVERHEARD_REQUEST: tuple[Check[Request, ServerPolicy], ...] = tuple(
    check._replace(
        judge={rules.REQUEST_AUTHORITY: overheard_authority, rules.REQUEST_ORIGIN: overheard_origin}.get(
            check.rule, check.judge
        )
    )
    for check in REQUEST_CHECKS
)
"""Every point of a request, as far as somebody can judge it who knows nothing about the server."""

OVERHEARD_RESPONSE: tuple[Check[Response, ClientOffer], ...] = tuple(
    check._replace(judge=overheard_extensions) if check.rule is rules.RESPONSE_EXTENSION_OFFERED else check
    for check in RESPONSE_CHECKS
)
"""Every point of a response, as far as somebody can judge it who knows of the client what it has sent."""


def wants_websocket(request: Request) -> bool:
    """Whether a request asks for a WebSocket connection, however badly, or is any other request of HTTP."""
    upgrades = [ascii_lower(token) for token in request.headers.tokens("Upgrade")]
    return "websocket" in upgrades or request.headers.get("Sec-WebSocket-Key") is not None


def judge_request(request: Request, tracer: Tracer | None) -> Iterator[ProtocolViolation]:
    """Every point of §4.2.1 that is not in order, in its order; a server stops at the first."""
    failed: set[rules.Rule] = set()
    for check in OVERHEARD_REQUEST:
        if _FOLLOWS.get(check.rule) in failed:
            failed.add(check.rule)
            continue
        try:
            run_checks((check,), request, ServerPolicy(), Role.SERVER, tracer)
        except ProtocolViolation as violation:
            failed.add(check.rule)
            yield violation


def judge_response(
    request: Request | None, response: Response, extensions: Sequence[ExtensionFactory], tracer: Tracer | None
) -> Iterator[ProtocolViolation]:
    """Every point of §4.1 that is not in order; those that compare with the request only if there is one."""
    offer = _offer_of(request, extensions)
    failed: set[rules.Rule] = set()
    for check in OVERHEARD_RESPONSE:
        if _FOLLOWS.get(check.rule) in failed or (request is None and check.rule in _COMPARING):
            failed.add(check.rule)
            continue
        try:
            run_checks((check,), response, offer, Role.CLIENT, tracer)
        except ProtocolViolation as violation:
            failed.add(check.rule)
            yield violation


_COMPARING = (rules.RESPONSE_ACCEPT, rules.RESPONSE_EXTENSION_OFFERED, rules.RESPONSE_SUBPROTOCOL_OFFERED)


def _offer_of(request: Request | None, extensions: Sequence[ExtensionFactory]) -> ClientOffer:
    """What the client must have asked for, by its request."""
    if request is None:
        return ClientOffer("")
    names = dict.fromkeys(offer.name for offer in offered_extensions(request.headers))
    known = {factory.name: factory for factory in extensions}
    factories = [known.get(name) or UnknownExtension(name) for name in names]
    key = request.headers.get("Sec-WebSocket-Key") or ""
    return ClientOffer(key, request.headers.tokens("Sec-WebSocket-Protocol"), factories)


@dataclass(frozen=True)
class UnknownExtension:
    """An extension of which only the name is known; as its own factory it lets every answer pass."""

    name: str
    required: bool = False

    def offers(self) -> Sequence[Parameters]:
        return ()

    def accept(self, parameters: Parameters) -> tuple[Parameters, Extension] | None:
        return parameters, self

    def accepted(self, parameters: Parameters) -> Extension | None:
        return self

    def claims(self, opcode: int, fin: bool) -> int:
        """All three bits: nobody here can say which are its own."""
        return 0x70

    def attach(self, tracer: Tracer | None) -> None:
        return None

    def encode(self, frame: Frame) -> Frame:
        return frame

    def decode(self, frame: Frame, *, max_size: int) -> Frame:
        return frame


@dataclass(frozen=True)
class Overheard:
    """What a handshake has settled, as far as a watcher can tell.

    Arguments:
        subprotocol: the one in use, None without.
        chosen: the elements of the response's Sec-WebSocket-Extensions.
        factories: the extensions that the watcher can read.
    """

    subprotocol: str | None
    chosen: tuple[ExtensionOffer, ...]
    factories: tuple[ExtensionFactory, ...]

    @classmethod
    def of(cls, request: Request | None, response: Response, factories: Sequence[ExtensionFactory]) -> Overheard:
        """By the heads."""
        subprotocols = response.headers.values("Sec-WebSocket-Protocol")
        return cls(
            subprotocols[0] if subprotocols else None, tuple(offered_extensions(response.headers)), tuple(factories)
        )

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the extensions in use."""
        return tuple(element.name for element in self.chosen)

    @property
    def unknown(self) -> tuple[str, ...]:
        """The names of those that the watcher cannot read."""
        return tuple(element.name for element in self.chosen if self._made(element, Role.CLIENT) is None)

    def extensions_at(self, role: Role) -> tuple[Extension, ...]:
        """The extensions in use as the endpoint of that role has them, in the order of the server's list."""
        return tuple(self._made(element, role) or UnknownExtension(element.name) for element in self.chosen)

    def _made(self, element: ExtensionOffer, role: Role) -> Extension | None:
        for factory in self.factories:
            if factory.name == element.name:
                if role is Role.CLIENT:
                    return factory.accepted(element.parameters)
                # A server whose answer this was would have given it to the same words in an offer.
                accepted = factory.accept(element.parameters)
                return None if accepted is None else accepted[1]
        return None
