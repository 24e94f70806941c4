"""The opening handshake on a terminal: heads, checks, and the three steps to the accept value (RFC 6455 §4)."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ..explain.catalogue import catalogue
from ..explain.shown import printable
from ..explain.words import step_sentence
from ..protocol.rules import RULES
from ..protocol.steps import HandshakeAccept, HandshakeCheck, HandshakeKey, HandshakeRequest, HandshakeResponse
from ..trace.trace import Trace
from .prose import Prose
from .styles import BAD, MUTED, NONE, STRONG, field_style, verdict_mark
from .tables import plain_table, role_name

Head = HandshakeRequest | HandshakeResponse

_INDENT = (0, 0, 0, 2)


def render_head(head: Head) -> RenderableType:
    """A request or a response as it was sent or received, line by line."""
    table = plain_table(header=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in head.headers:
        table.add_row(Text(printable(name) + ":", field_style("http")), Text(printable(value)))
    return Padding(Group(Text(printable(head.line), STRONG), table), _INDENT)


def render_key(step: HandshakeKey, language: str) -> RenderableType:
    """How the key comes about: 16 random bytes, and the text that they become."""
    say = catalogue(language).say
    rows = ((say("view.key.nonce"), step.nonce.hex(" ")), (say("view.key.text"), step.key))
    return Padding(_pairs(rows), _INDENT)


def render_checks(steps: Sequence[HandshakeCheck], language: str) -> RenderableType:
    """One line for each point: whether it passes, the field, what was found, the rule and its section."""
    say = catalogue(language).say
    table = plain_table(header=False, expand=True)
    table.add_column(no_wrap=True)
    table.add_column(ratio=1, overflow="fold")
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    before: HandshakeCheck | None = None
    for step in steps:
        mark, style = verdict_mark(step.passed)
        text = Text().append(step.field, STRONG).append(": ")
        repeated = before is not None and (before.field, before.found) == (step.field, step.found)
        if step.found is None:
            text.append(say("view.check.absent"), MUTED)
        elif repeated:
            text.append(say("view.check.same"), MUTED)
        else:
            text.append(printable(step.found))
        rule = RULES.get(step.rule or "")
        section = "" if rule is None else f"§{rule.section}"
        name = Text(step.rule or "", NONE if step.passed else BAD)
        table.add_row(Text(mark, style), text, name, Text(section, MUTED))
        before = step
    return Padding(table, _INDENT)


def render_accept(steps: Sequence[HandshakeAccept], language: str) -> RenderableType:
    """The three steps from Sec-WebSocket-Key to Sec-WebSocket-Accept, with the bytes after each (§4.2.2)."""
    say = catalogue(language).say
    table = plain_table(header=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, justify="right")
    table.add_column(overflow="fold")
    for number, step in enumerate(steps, start=1):
        text = step.result.hex(" ") if step.stage == "sha1" else printable(step.result)
        label = say(f"view.accept.{step.stage}", number=number)
        size = say("view.accept.size", size=len(step.result))
        table.add_row(Text(label), Text(size), Text(text, STRONG))
    return Padding(table, _INDENT)


def _pairs(rows: Sequence[tuple[str, str]]) -> Table:
    table = plain_table(header=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for label, text in rows:
        table.add_row(Text(label), Text(text, STRONG))
    return table


def render_handshake(trace: Trace, language: str) -> RenderableType:
    """The opening handshake of a trace: each head once, as sent if that was recorded, with the checks of its reader.

    Arguments:
        trace: of one connection, of both endpoints or of one.
        language: `en` or `zh`.
    """
    parts: list[RenderableType] = []
    steps = [record.step for record in trace]
    keys = [step for step in steps if isinstance(step, HandshakeKey)]
    accepts = [step for step in steps if isinstance(step, HandshakeAccept)]
    for kind in (HandshakeRequest, HandshakeResponse):
        heads = [step for step in steps if isinstance(step, kind)]
        if not heads:
            continue
        head = next((step for step in heads if step.sent), heads[0])
        parts += [Prose(step_sentence(head, language)), render_head(head)]
        if kind is HandshakeRequest:
            parts += [render_key(key, language) for key in keys]
        parts += _checks(steps, kind, language)
        if kind is HandshakeRequest and accepts:
            parts += [Text(catalogue(language).say("view.accept.title")), render_accept(accepts, language)]
    return Group(*parts)


def _checks(steps: Sequence[object], kind: type[Head], language: str) -> list[RenderableType]:
    prefix = "REQUEST_" if kind is HandshakeRequest else "RESPONSE_"
    checks = [step for step in steps if isinstance(step, HandshakeCheck) and (step.rule or "").startswith(prefix)]
    if not checks or checks[0].endpoint is None:
        return []
    who = role_name(checks[0].endpoint, language)
    title = catalogue(language).say("view.checks.title", who=who, count=len(checks))
    return [Text(title), render_checks(checks, language)]
