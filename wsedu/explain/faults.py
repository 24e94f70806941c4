"""Breaches of rules in words: what was wrong, with the facts of the case, and how it is answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ..protocol.rules import RULES, SERVER, ProtocolViolation
from ..protocol.steps import Violation
from ..protocol.types import Role
from .catalogue import Catalogue
from .facts import (
    Facts,
    close_code_key,
    constants,
    field_name,
    opcode_facts,
    plain_facts,
    role_facts,
    rsv_names,
    rule_sentence_of,
)
from .shown import printable

TELLS_DEMAND = frozenset(
    {
        *("RSV_BITS", "CONTROL_FRAGMENTED", "CONTROL_TOO_LONG", "CLIENT_MUST_MASK", "SERVER_MUST_NOT_MASK"),
        *("MINIMAL_LENGTH", "CONTINUATION_WITHOUT_START", "CLOSE_CODE", "CLOSE_REASON_UTF8"),
        *("REQUEST_METHOD", "REQUEST_HTTP_VERSION", "REQUEST_TARGET", "REQUEST_HOST", "REQUEST_KEY"),
        *("REQUEST_KEY_ONCE", "REQUEST_VERSION", "REQUEST_VERSION_ONCE", "REQUEST_VERSION_SUPPORTED"),
        *("RESPONSE_HTTP_VERSION", "RESPONSE_STATUS", "RESPONSE_ACCEPT_ONCE", "RESPONSE_SUBPROTOCOL_ONCE"),
    }
)
"""Rules of which the text of a fault says what they demand, so that nobody has to say it after it."""


class Case(NamedTuple):
    """One breach, whether it was raised or read from a trace.

    Arguments:
        rule: its name; a saved trace may have one that is not in `RULES`.
        section: of the RFC.
        endpoint: who found it; None if nobody says.
        local: our own caller asked for it.
        offset: of the first wrong byte.
        code: the status code that answers it.
        status: the HTTP status that answers it.
        detail: its facts.
    """

    rule: str | None
    section: str | None
    endpoint: Role | None
    local: bool
    offset: int | None
    code: int | None
    status: int | None
    detail: Mapping[str, Any]


def case_of(violation: ProtocolViolation | Violation) -> Case:
    """A violation, as raised or as a step, in one form."""
    if isinstance(violation, Violation):
        step = violation
        return Case(step.rule, step.rfc, step.endpoint, step.local, step.offset, step.code, step.status, step.detail)
    rule = violation.rule
    return Case(
        rule.name, rule.section, None, violation.local, violation.offset, rule.code, rule.status, violation.detail
    )


def case_facts(case: Case, words: Catalogue) -> Facts:
    """What the texts of a breach can use.

    The code and the status that answer it are `answer_code` and `answer_status`: a wrong code is itself a fact.
    """
    facts: Facts = {**constants(), **role_facts(case.endpoint, words), **plain_facts(case.detail)}
    facts |= _words_in_detail(case.detail, words)
    facts |= plain_facts({"rule": case.rule or "?", "section": case.section, "offset": case.offset})
    facts |= plain_facts({"answer_code": case.code, "answer_status": case.status})
    demand = rule_sentence_of(case.rule, words)
    return facts | ({"demand": demand} if demand else {})


def _words_in_detail(detail: Mapping[str, Any], words: Catalogue) -> Facts:
    """The facts of a case that stand for words: opcodes, roles, fields, status codes, reserved bits."""
    facts: Facts = {}
    for name in ("opcode", "open"):
        if isinstance(detail.get(name), int):
            facts |= opcode_facts(detail[name], words, name)
    if detail.get("sender") in tuple(Role):
        facts["sender"] = words.say(f"role.{detail['sender']}")
    if isinstance(detail.get("field"), str):
        facts["field"] = field_name(detail["field"], words)
    if isinstance(detail.get("code"), int):
        facts["code_meaning"] = words.say(close_code_key(detail["code"]))
    if isinstance(detail.get("bits"), int):
        facts["rsv"] = rsv_names(detail["bits"])
    if "uri" in detail:
        facts["with_scheme"] = _with_scheme(detail)
    return facts


def fault_keys(case: Case) -> list[str]:
    """The texts that can tell what was wrong, the finest first."""
    key = f"fault.{case.rule}"
    keys = [key, "fault.demand", "fault.other"]
    if case.local:
        keys.insert(0, f"{key}.local")
    if "found" in case.detail and case.detail["found"] is None:
        keys.insert(0, "fault.missing")
    if case.rule == "URI_SCHEME" and _with_scheme(case.detail):
        keys.insert(0, f"{key}.none")
    if "byte" in case.detail:
        # What cannot begin a head is known by its first byte, before there is a line.
        keys.insert(0, f"{key}.byte")
    return keys


def _with_scheme(detail: Mapping[str, Any]) -> str:
    """What is probably meant by a host and a port without a scheme; empty for anything else."""
    uri = detail.get("uri")
    if not isinstance(uri, str) or "://" in uri or not uri[:1].isalnum():
        return ""
    return printable(f"ws://{uri}" if "/" in uri else f"ws://{uri}/")


def answer_key(case: Case) -> str | None:
    """How a breach is answered; None where the text of the fault says it."""
    # A wrong choice of a server's application is met by the waiting client as an HTTP error.
    if case.local and (case.status is None or case.status < 500):
        return "answer.local"
    reads_response = case.endpoint is Role.CLIENT
    if case.status is not None and not reads_response and (case.endpoint is Role.SERVER or case.code is None):
        return "answer.status"
    if case.code is not None:
        return "answer.code"
    rule = RULES.get(case.rule or "")
    in_response = rule is not None and rule.binds == SERVER
    return "answer.ends" if case.status is not None or in_response else None
