"""The table of rules on a terminal, and one rule with everything that is known of it."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from ..explain.catalogue import catalogue
from ..explain.coverage import coverage
from ..explain.words import rule_sentence
from ..protocol.rules import Rule
from .styles import MUTED, STRONG
from .tables import plain_table, role_name

_INDENT = (0, 0, 1, 2)


def render_rules(rules: Sequence[Rule], language: str) -> RenderableType:
    """Each rule in two lines: name, section and what answers a breach; then what it demands."""
    say = catalogue(language).say
    parts: list[RenderableType] = []
    for rule in rules:
        title = Text(rule.name, STRONG).append(f"  §{rule.section}", MUTED)
        title.append(f"  {answer(rule, language)}", MUTED)
        parts += [title, Padding(Text(rule_sentence(rule, language)), _INDENT)]
    served = {requirement for rule in rules for requirement in coverage(rule).requirements}
    parts.append(Text(say("rules.count", rules=len(rules), requirements=len(served))))
    return Group(*parts)


def render_rule(rule: Rule, language: str) -> RenderableType:
    """One rule: what it demands, of whom, what answers a breach, its requirements and its tests."""
    say = catalogue(language).say
    table = plain_table(header=False)
    table.add_column(no_wrap=True)
    table.add_column(ratio=1, overflow="fold")
    table.add_row(say("rules.section"), f"RFC 6455 §{rule.section}")
    table.add_row(say("rules.binds"), ", ".join(role_name(role, language) for role in rule.binds))
    table.add_row(say("rules.answer"), answer(rule, language))
    if rule.lenient:
        table.add_row(say("rules.strict"), say("rules.lenient"))
    table.add_row(say("rules.requirements"), " ".join(coverage(rule).requirements))
    table.add_row(say("rules.tests"), Text("\n".join(coverage(rule).tests)))
    title = Text(rule.name, STRONG)
    return Group(title, Padding(Text(rule_sentence(rule, language)), _INDENT), table)


def answer(rule: Rule, language: str) -> str:
    """What answers a breach: a status code, an HTTP status, or the refusal of our own caller."""
    say = catalogue(language).say
    answers = []
    if rule.status is not None:
        answers.append(say("rules.status", status=str(rule.status)))
    if rule.code is not None:
        answers.append(say("rules.code", code=str(rule.code)))
    return ", ".join(answers) or say("rules.no_answer")
