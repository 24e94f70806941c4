"""The table of rules on a terminal, and one rule with everything that is known of it."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.style import Style
from rich.text import Text

from ..explain.catalogue import catalogue
from ..explain.coverage import coverage
from ..explain.words import rule_sentence
from ..protocol.rules import (
    CLOSE_BODY,
    CONTINUATION_WITHOUT_START,
    DATA_AFTER_CLOSE,
    HEAD_START_LINE,
    REQUEST_METHOD,
    RESPONSE_HTTP_VERSION,
    RSV_BITS,
    RULES,
    SEND_WHEN_OPEN,
    SERVER,
    URI_SCHEME,
    Rule,
)
from .prose import Prose
from .styles import MUTED, STRONG
from .tables import plain_table, role_name

_INDENT = (0, 0, 1, 2)

_GROUPS = {
    "uri": URI_SCHEME,
    "head": HEAD_START_LINE,
    "request": REQUEST_METHOD,
    "response": RESPONSE_HTTP_VERSION,
    "frames": RSV_BITS,
    "messages": CONTINUATION_WITHOUT_START,
    "closing": CLOSE_BODY,
    "caller": SEND_WHEN_OPEN,
}
"""The groups in the order of the table of rules, each with its first rule."""


def render_rules(rules: Sequence[Rule], language: str) -> RenderableType:
    """Each rule below the heading of its group: name, section and what answers a breach; then what it demands."""
    say = catalogue(language).say
    parts: list[RenderableType] = []
    before = ""
    for rule in rules:
        group = _group(rule)
        if group != before:
            heading = say(f"view.rules.{group}")
            parts.append(Padding(Prose(heading, Style(bold=True, underline=True)), (0, 0, 1, 0)))
            before = group
        title = Text(rule.name, STRONG).append(f"  §{rule.section}", MUTED)
        title.append(f"  {_short_answer(rule, language)}", MUTED)
        parts += [Prose(title), Padding(Prose(rule_sentence(rule, language)), _INDENT)]
    served = {requirement for rule in rules for requirement in coverage(rule).requirements}
    parts.append(Prose(say("rules.count", rules=len(rules), requirements=len(served))))
    return Group(*parts)


def _group(rule: Rule) -> str:
    """The group of a rule: that of the last first rule which the table has before it."""
    names = list(RULES)
    place = names.index(rule.name)
    return next(group for group, first in reversed(_GROUPS.items()) if names.index(first.name) <= place)


def _short_answer(rule: Rule, language: str) -> str:
    """What answers a breach, in a few words."""
    if rule.status is not None or rule.code is not None:
        return answer(rule, language)
    kind = "ignored" if rule is DATA_AFTER_CLOSE else "ends" if rule.binds == SERVER else "local"
    return catalogue(language).say(f"view.rules.answer.{kind}")


def render_rule(rule: Rule, language: str) -> RenderableType:
    """One rule: what it demands, of whom, what answers a breach, its requirements and its tests."""
    say = catalogue(language).say
    table = plain_table(header=False)
    table.add_column(no_wrap=True)
    table.add_column(ratio=1, overflow="fold")
    table.add_row(say("rules.section"), f"RFC 6455 §{rule.section}")
    table.add_row(say("rules.binds"), ", ".join(role_name(role, language) for role in rule.binds))
    table.add_row(say("rules.answer"), _short_answer(rule, language))
    if rule.lenient:
        table.add_row(say("rules.strict"), say("rules.lenient"))
    table.add_row(say("rules.requirements"), " ".join(coverage(rule).requirements))
    table.add_row(say("rules.tests"), Text("\n".join(coverage(rule).tests)))
    title = Text(rule.name, STRONG)
    return Group(title, Padding(Prose(rule_sentence(rule, language)), _INDENT), table)


def answer(rule: Rule, language: str) -> str:
    """What answers a breach: a status code, an HTTP status, or the refusal of our own caller."""
    say = catalogue(language).say
    answers = []
    if rule.status is not None:
        answers.append(say("rules.status", status=str(rule.status)))
    if rule.code is not None:
        answers.append(say("rules.code", code=str(rule.code)))
    return ", ".join(answers)
