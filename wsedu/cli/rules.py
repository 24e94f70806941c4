"""`python -m wsedu rules`: every rule that is enforced, its section, its answer, its requirements and tests."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from ..explain.coverage import coverage
from ..explain.words import rule_sentence
from ..protocol.rules import RULES, Rule
from .context import UserError

if TYPE_CHECKING:
    from .context import Context
    from .parser import Parser


def add_arguments(parser: Parser, context: Context) -> None:
    """The arguments of the command."""
    parser.add_argument("name", metavar="NAME", nargs="?", help=context.say("cli.rules.name"))
    parser.add_argument("--json", action="store_true", help=context.say("cli.json.help"))


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Show all rules, or one with everything that is known of it."""
    if arguments.name is None:
        chosen = list(RULES.values())
    else:
        chosen = _of_section(arguments.name) or [_find(arguments.name)]
    if arguments.json:
        context.write(json.dumps([_object(rule, context) for rule in chosen], ensure_ascii=False, indent=1))
    elif arguments.name is None or len(chosen) > 1:
        from ..views.rules import render_rules

        context.show(render_rules(chosen, context.language))
    else:
        from ..views.rules import render_rule

        context.show(render_rule(chosen[0], context.language))
    return 0


def _of_section(name: str) -> list[Rule]:
    """The rules of a section of the RFC, such as `5.2` or `§7`, and of the sections within it."""
    section = name.lstrip("§")
    return [rule for rule in RULES.values() if rule.section == section or rule.section.startswith(section + ".")]


def _find(name: str) -> Rule:
    from difflib import get_close_matches

    wanted = name.upper().replace("-", "_")
    if wanted not in RULES:
        near = get_close_matches(wanted, RULES, n=3, cutoff=0.5)
        key = "cli.rules.unknown_near" if near else "cli.rules.unknown"
        raise UserError(key, name=name, near=", ".join(near))
    return RULES[wanted]


def _object(rule: Rule, context: Context) -> dict[str, Any]:
    return {
        "name": rule.name,
        "rfc": rule.section,
        "binds": [role.value for role in rule.binds],
        "code": rule.code,
        "status": rule.status,
        "lenient": rule.lenient,
        "sentence": rule_sentence(rule, context.language),
        "requirements": list(coverage(rule).requirements),
        "tests": list(coverage(rule).tests),
    }
