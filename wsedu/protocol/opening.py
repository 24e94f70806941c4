"""The opening handshake as it runs: bytes in, one outcome out (RFC 6455 §4.1, §4.2)."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple, Protocol

from .handshake import Agreement, ClientOffer, HookError, ServerPolicy, ask, run_checks
from .http import HeadReader, Request, Response, check_sendable
from .request import REQUEST_CHECKS, is_plain_get
from .response import RESPONSE_CHECKS, accept_request, agreement, error_response, refusal
from .rules import ProtocolViolation
from .steps import HandshakeRequest, HandshakeResponse, Tracer, byte_span
from .types import Limits, Role


class Outcome(NamedTuple):
    """How an opening handshake ended.

    Arguments:
        agreement: what was agreed on; None if it was refused.
        request: the request, None if it could not be read.
        response: sent by a server, received by a client; None if it could not be read.
        violation: what was wrong; None when the application refused, or nothing was.
        rest: bytes of the same chunk that come after the head: the first frames, or what a server does not read.
        error: what a hook of the application raised.
    """

    agreement: Agreement | None
    request: Request | None
    response: Response | None
    violation: ProtocolViolation | None
    rest: bytes
    error: Exception | None = None

    @property
    def built_by(self) -> str:
        """The function that made a server's response, as `module:qualified.name`."""
        if self.agreement is not None:
            return "wsedu.protocol.response:accept_request"
        if self.violation is not None:
            return "wsedu.protocol.response:refusal"
        if self.error is not None:
            return "wsedu.protocol.response:error_response"
        return "wsedu.protocol.opening:ServerOpening.receive"


class Opening(Protocol):
    """One side of an opening handshake."""

    def receive(self, data: bytes) -> Outcome | None:
        """Read the next bytes; None while the head is not complete."""


class ClientOpening:
    """A client that has sent its request and waits for the response (§4.1).

    Arguments:
        request: what was sent.
        offer: what it offers.
        limits: of the response's head.
        tracer: called with the response and each check.
    """

    def __init__(self, request: Request, offer: ClientOffer, limits: Limits, tracer: Tracer | None) -> None:
        self._request = request
        self._offer = offer
        self._tracer = tracer
        self._head = HeadReader(limits)

    def receive(self, data: bytes) -> Outcome | None:
        """See `Opening`."""
        response = None
        used = None
        try:
            used = self._head.feed(data)
            if used is None:
                return None
            response = self._head.response()
            trace_response(self._tracer, response, Role.CLIENT, sent=False)
            run_checks(RESPONSE_CHECKS, response, self._offer, Role.CLIENT, self._tracer)
        except ProtocolViolation as violation:
            if response is not None and used is not None:
                response = replace(response, body=data[used:])
            return Outcome(None, self._request, response, violation, b"")
        return Outcome(agreement(response, self._offer), self._request, response, None, data[used:])


class ServerOpening:
    """A server that waits for a request (§4.2).

    Arguments:
        policy: what it accepts.
        limits: of the request's head.
        tracer: called with the request, each check, and the steps to the accept value.
    """

    def __init__(self, policy: ServerPolicy, limits: Limits, tracer: Tracer | None) -> None:
        self._policy = policy
        self._tracer = tracer
        self._head = HeadReader(limits)

    def receive(self, data: bytes) -> Outcome | None:
        """See `Opening`."""
        request = None
        # Where no end of the head is found, all of it has been read as one.
        used: int | None = len(data)
        try:
            used = self._head.feed(data)
            if used is None:
                return None
            request = self._head.request()
            trace_request(self._tracer, request, Role.SERVER, sent=False)
            page = self._page(request)
            if page is not None:
                return Outcome(None, request, page, None, data[used:])
            run_checks(REQUEST_CHECKS, request, self._policy, Role.SERVER, self._tracer)
            refused = None if self._policy.decide is None else ask(self._policy.decide, request)
            if refused is not None:
                check_sendable(refused.headers.pairs())
                return Outcome(None, request, refused, None, data[used:])
            response, agreed = accept_request(request, self._policy, tracer=self._tracer)
        except ProtocolViolation as violation:
            return Outcome(None, request, refusal(violation), violation, data[used:])
        except HookError as failure:
            return Outcome(None, request, error_response(500), None, data[used:], failure.error)
        return Outcome(agreed, request, response, None, data[used:])

    def _page(self, request: Request) -> Response | None:
        """What the application answers to a request that is no opening handshake and asks for nothing but a page."""
        if self._policy.serve_page is None or not is_plain_get(request, self._policy):
            return None
        page = ask(self._policy.serve_page, request)
        if page is not None:
            check_sendable(page.headers.pairs())
        return page


def trace_request(tracer: Tracer | None, request: Request, role: Role, *, sent: bool) -> None:
    """Tell a tracer of a request head, sent or received by `role`."""
    if tracer is not None:
        size = len(request.encode()) if sent else request.size
        tracer(
            HandshakeRequest(
                endpoint=role,
                span=byte_span(Role.CLIENT.sends, 0, size),
                decided_by="wsedu.protocol.request:build_request" if sent else "wsedu.protocol.http:HeadReader.request",
                sent=sent,
                line=request.line,
                headers=request.headers.pairs(),
            )
        )


def trace_response(
    tracer: Tracer | None, response: Response, role: Role, *, sent: bool, built_by: str | None = None
) -> None:
    """Tell a tracer of a response head, sent or received by `role`; `built_by` made the one that is sent."""
    if tracer is not None:
        size = len(response.encode()) if sent else response.size
        tracer(
            HandshakeResponse(
                endpoint=role,
                span=byte_span(Role.SERVER.sends, 0, size),
                decided_by=built_by or "wsedu.protocol.http:HeadReader.response",
                sent=sent,
                line=response.line,
                headers=response.headers.pairs(),
            )
        )
