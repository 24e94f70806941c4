"""The opening handshake on a terminal: heads, checks, and the three steps to the accept value (RFC 6455 §4)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ..explain.catalogue import catalogue
from ..explain.shown import printable
from ..explain.words import check_words, field_label, step_sentence
from ..protocol.rules import RULES
from ..protocol.steps import HandshakeAccept, HandshakeCheck, HandshakeKey, HandshakeRequest, HandshakeResponse
from ..trace.trace import Trace
from .prose import ByWidth, Prose
from .styles import BAD, MUTED, NONE, STRONG, field_style, verdict_mark
from .tables import plain_table, role_name

Head = HandshakeRequest | HandshakeResponse

_INDENT = (0, 0, 0, 2)

_CHECKS_WIDTH = 72
"""Cells from which on a check and its rule have room beside each other."""


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
    """One line for each point: whether it passes, the field, what was found and looked for, the rule, its section.

    What was found stands once over several checks of one field, and again where one fails.
    """
    return Padding(ByWidth(_CHECKS_WIDTH, _checks_table(steps, language), _checks_list(steps, language)), _INDENT)


def _checks_table(steps: Sequence[HandshakeCheck], language: str) -> Table:
    table = plain_table(header=False, expand=True)
    table.add_column(no_wrap=True)
    table.add_column(ratio=1, overflow="fold")
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    for step, text in _check_texts(steps, language):
        table.add_row(Text(*verdict_mark(step.passed)), Prose(text), _rule_name(step), Text(_section(step), MUTED))
    return table


def _checks_list(steps: Sequence[HandshakeCheck], language: str) -> Table:
    """The same for a narrow window: the rule below what it is about."""
    table = plain_table(header=False, expand=True)
    table.add_column(no_wrap=True)
    table.add_column(ratio=1, overflow="fold")
    for step, text in _check_texts(steps, language):
        rule = _rule_name(step).append(f" {_section(step)}", MUTED)
        table.add_row(Text(*verdict_mark(step.passed)), Prose(Text("\n").join([text, rule])))
    return table


def _check_texts(steps: Sequence[HandshakeCheck], language: str) -> Iterator[tuple[HandshakeCheck, Text]]:
    say = catalogue(language).say
    before: HandshakeCheck | None = None
    for step in steps:
        repeated = before is not None and (before.field, before.found) == (step.field, step.found)
        found = say("view.check.absent") if step.found is None else printable(step.found)
        undecided = step.passed is None and step.endpoint is not None
        # Who decides stands where otherwise the demand does.
        demand = (
            say("view.check.decides", who=role_name(step.endpoint, language))
            if undecided
            else check_words(step.rule, language)
        )
        # Neither is said twice: what the row above has found, nor what the demand names itself.
        key = (
            "view.check.again"
            if demand and step.passed is not False and (repeated or _names(demand, found))
            else "view.check.found"
        )
        label = field_label(step.field, language)
        text = Text(say(key, field=label, found=found, demand=demand))
        text.stylize(STRONG, 0, len(label))
        yield step, text
        before = step


def _names(demand: str, found: str) -> bool:
    """Whether a demand has that very value in it as a word of its own."""
    return re.search(rf"(?<![\w.]){re.escape(found)}(?![\w.])", demand) is not None


def _rule_name(step: HandshakeCheck) -> Text:
    return Text(step.rule or "", BAD if step.passed is False else NONE)


def _section(step: HandshakeCheck) -> str:
    rule = RULES.get(step.rule or "")
    return "" if rule is None else f"§{rule.section}"


def render_accept(steps: Sequence[HandshakeAccept], language: str) -> RenderableType:
    """The three steps from Sec-WebSocket-Key to Sec-WebSocket-Accept, with the bytes after each, and why (§4.2.2)."""
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
    return Group(Padding(table, _INDENT), Prose(say("view.accept.why"), MUTED))


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
