"""A head of the opening handshake on its own, as `decode` shows it (RFC 6455 §4)."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from ..explain.catalogue import catalogue
from ..explain.words import demand_sentence, violation_sentence
from ..protocol.handshake import accept_key
from ..protocol.heads import DissectedHead
from ..protocol.http import Request
from ..protocol.steps import HandshakeAccept, HandshakeRequest, HandshakeResponse, Step
from .heads import render_accept, render_checks, render_head
from .styles import BAD, MUTED, STRONG, verdict_mark


def render_dissected_head(head: DissectedHead, language: str) -> RenderableType:
    """The head, each check that was made of it, the accept value for its key, and a verdict.

    Arguments:
        head: from `dissect_head`.
        language: `en` or `zh`.
    """
    say = catalogue(language).say
    kind = "request" if head.sender.value == "client" else "response"
    parts: list[RenderableType] = [Text(say(f"head.{kind}", size=head.size), STRONG)]
    if head.message is not None:
        make = HandshakeRequest if isinstance(head.message, Request) else HandshakeResponse
        parts.append(render_head(make(sent=False, line=head.message.line, headers=head.message.headers.pairs())))
    if head.checks:
        parts += [Text(say("head.checks")), render_checks(head.checks, language)]
    if head.accept is not None and head.message is not None:
        parts += [Text(say("view.accept.title")), render_accept(_accept_steps(head), language)]
    parts.append(_verdict(head, language))
    return Group(*parts)


def _accept_steps(head: DissectedHead) -> list[HandshakeAccept]:
    steps: list[HandshakeAccept] = []

    def keep(step: Step) -> None:
        if isinstance(step, HandshakeAccept):
            steps.append(step)

    assert head.message is not None
    accept_key(head.message.headers.get("Sec-WebSocket-Key") or "", tracer=keep)
    return steps


def _verdict(head: DissectedHead, language: str) -> Text:
    say = catalogue(language).say
    mark, style = verdict_mark(head.legal)
    text = Text(mark + " ", style)
    violation = head.violation
    if violation is not None:
        told = violation_sentence(violation, language)
        text.append(told)
        text.append(f"\n  {violation.rule.name} · §{violation.rule.section}", BAD)
        if violation.offset is not None:
            text.append(" · " + say("view.at.byte", offset=violation.offset), MUTED)
        demand = demand_sentence(violation, language, told)
        return text.append("\n  " + demand, MUTED) if demand else text
    if not head.complete:
        return text.append(say("head.incomplete"))
    return text.append(say("head.legal.request" if head.sender.value == "client" else "head.legal.response"))
