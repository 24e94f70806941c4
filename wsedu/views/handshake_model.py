"""`handshake`: an opening handshake as both sides judge it, as plain data (RFC 6455 §4): what the stepper shows.

The judges are those that run: `ServerOpening` and `ClientOpening` decide, and the rows of `REQUEST_CHECKS` and
`RESPONSE_CHECKS` are asked one by one for what each of them says, also those behind the first that fails.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from ..explain.catalogue import part_catalogue
from ..explain.shown import printable
from ..explain.words import check_words, field_label, rule_sentence, violation_sentence
from ..protocol import rules
from ..protocol.deflate import PerMessageDeflateFactory
from ..protocol.handshake import Check, ClientOffer
from ..protocol.http import Request, Response, ascii_lower
from ..protocol.opening import ClientOpening, Outcome, ServerOpening
from ..protocol.request import REQUEST_CHECKS
from ..protocol.response import RESPONSE_CHECKS, offered_extensions
from ..protocol.rules import ProtocolViolation, Rule
from ..protocol.steps import violation_step
from ..protocol.types import Limits, Role
from .handshake_keys import key_sheet
from .handshake_lines import Head, as_shown
from .handshake_presets import Policy

Sheet = dict[str, Any]

OPENS = "opens"
"""How a client can end other than by a rule: it opens the connection."""

HEAD_RULES = (
    rules.HEAD_START_LINE,
    rules.HEAD_LINE_END,
    rules.HEAD_FIELD,
    rules.HEAD_TOO_LARGE,
    rules.HEAD_TOO_MANY_FIELDS,
)
"""What can be wrong before any point is checked."""

_SECTIONS = {
    "host": "§4.1",
    "upgrade": "§4.1",
    "connection": "§4.1",
    "sec-websocket-key": "§4.1",
    "sec-websocket-version": "§4.1",
    "sec-websocket-protocol": "§1.9",
    "sec-websocket-extensions": "§9.1",
    "sec-websocket-accept": "§4.2.2",
    "origin": "§10.2",
}
"""The section of RFC 6455 that a field belongs to; the others are those of HTTP."""


def handshake(request: Head, response: Head | None, policy: Policy, language: str) -> Sheet:
    """An opening handshake.

    Arguments:
        request: what the client sends.
        response: what it is answered; None for what the server answers.
        policy: what the server accepts.
        language: `en` or `zh`.

    Returns:
        `request` and `response`, each with its `lines`, its `checks`, the `verdict` of its reader and how that
        `ends`: the HTTP status of a server; of a client, `OPENS` or the name of a rule; empty while it waits. `own`
        says whether the response is not the server's; `key` is the sheet of `key_sheet`, None without a key.
    """
    outcome = ServerOpening(policy.server(), Limits(), None).receive(request.data)
    read = None if outcome is None else outcome.request
    answer = response or Head.read(b"" if outcome is None or outcome.response is None else outcome.response.encode())
    made = {"request": _as_server(request, outcome, policy, language), "own": response is not None}
    made["response"] = _as_client(answer, read, language)
    values = [] if read is None else read.headers.values("Sec-WebSocket-Key")
    made["key"] = key_sheet(values[0], language) if values else None
    return made


def answer_of(request: bytes, policy: Policy) -> bytes:
    """What the server answers to some bytes; nothing while it waits for more.

    Arguments:
        request: what the client sends.
        policy: what the server accepts.
    """
    outcome = ServerOpening(policy.server(), Limits(), None).receive(request)
    return b"" if outcome is None or outcome.response is None else outcome.response.encode()


# --- Both sides ---


def _as_server(head: Head, outcome: Outcome | None, policy: Policy, language: str) -> Sheet:
    say = part_catalogue("handshake_stepper", language).say
    checks: list[Sheet] = []
    violation = None if outcome is None else outcome.violation
    if outcome is None or outcome.response is None:
        ends, verdict = "", say("verdict.waits.server")
    else:
        checks = _checks(REQUEST_CHECKS, outcome.request, policy.server(), violation, language)
        ends = str(outcome.response.status)
        verdict = say("verdict.accepts", status=ends)
        if violation is not None:
            verdict = _sentence(violation, Role.SERVER, language)
        elif outcome.rest:
            verdict += " " + say("verdict.rest", count=len(outcome.rest))
    return _side("request", head, checks, violation, verdict, ends, language)


def _as_client(head: Head, request: Request | None, language: str) -> Sheet:
    say = part_catalogue("handshake_stepper", language).say
    if request is None or not head.data:
        return _side("response", head, [], None, say("verdict.nothing"), "", language)
    offer = _offer(request)
    outcome = ClientOpening(request, offer, Limits(), None).receive(head.data)
    if outcome is None:
        return _side("response", head, [], None, say("verdict.waits.client"), "", language)
    violation = outcome.violation
    checks = _checks(RESPONSE_CHECKS, outcome.response, offer, violation, language)
    if violation is not None:
        verdict, ends = _sentence(violation, Role.CLIENT, language), violation.rule.name
    else:
        agreed = outcome.agreement
        assert agreed is not None
        key = "verdict.opens" if agreed.subprotocol is None else "verdict.opens.subprotocol"
        verdict, ends = say(key, subprotocol=printable(as_shown(agreed.subprotocol or ""))), OPENS
    return _side("response", head, checks, violation, verdict, ends, language)


def _sentence(violation: ProtocolViolation, reader: Role, language: str) -> str:
    """What was wrong, with what stands in the head as its lines show it."""
    step = violation_step(violation, reader, None)
    detail = {name: as_shown(fact) if isinstance(fact, str) else fact for name, fact in step.detail.items()}
    return violation_sentence(replace(step, detail=detail), language)


def _offer(request: Request) -> ClientOffer:
    """What a client that sent this request has asked for."""
    names = {element.name for element in offered_extensions(request.headers)}
    factory = PerMessageDeflateFactory()
    keys = request.headers.values("Sec-WebSocket-Key")
    return ClientOffer(
        keys[0] if keys else "",
        request.headers.tokens("Sec-WebSocket-Protocol"),
        (factory,) if factory.name in names else (),
    )


def _side(
    name: str,
    head: Head,
    checks: list[Sheet],
    violation: ProtocolViolation | None,
    verdict: str,
    ends: str,
    language: str,
) -> Sheet:
    return {
        "lines": _lines(name, head, checks, language),
        "end": "LF" if head.end == "\n" else "CRLF",
        "raw": head.text,
        "size": len(head.data),
        "rest": head.rest.decode("utf-8", "backslashreplace"),
        "rest_size": len(head.rest),
        "checks": checks,
        "verdict": verdict,
        "rule": None if violation is None else violation.rule.name,
        "ends": ends,
    }


# --- Checks ---


def _checks(
    table: Sequence[Check[Any, Any]],
    message: Request | Response | None,
    context: Any,
    violation: ProtocolViolation | None,
    language: str,
) -> list[Sheet]:
    """Every point in order: `passed`, `failed`, and behind the one that failed `later`, or `also` if it would fail."""
    say = part_catalogue("handshake_stepper", language).say
    wrong_head = violation is not None and violation.rule in HEAD_RULES
    rule = violation.rule if violation is not None and wrong_head else rules.HEAD_START_LINE
    state = "failed" if wrong_head else "passed"
    rows = [_row(rule, say("check.head"), None, say("check.head.words"), state, language)]
    over = wrong_head
    for check in table:
        finding = None if message is None else check.judge(message, context)
        passed = finding is None or finding.passed
        state = ("passed" if passed else "failed") if not over else "later" if passed else "also"
        over = over or not passed
        found = None if finding is None else finding.found
        label = field_label(check.field, language)
        rows.append(_row(check.rule, label, found, check_words(check.rule.name, language), state, language))
        rows[-1]["of"] = ascii_lower(check.field)
        rows[-1]["missing"] = finding is not None and finding.found is None
    return rows


def _row(rule: Rule, label: str, found: str | None, words: str, state: str, language: str) -> Sheet:
    return {
        "rule": rule.name,
        "field": label,
        "found": None if found is None else printable(as_shown(found)),
        "words": words,
        "sentence": rule_sentence(rule, language),
        "section": f"§{rule.section}",
        "status": rule.status,
        "state": state,
        "of": "",
        "missing": False,
    }


# --- Lines ---

_START_PARTS = frozenset({"method", "target", "version", "status"})


def _lines(side: str, head: Head, checks: Iterable[Sheet], language: str) -> list[Sheet]:
    """Each line: its `number` and `text`, what it `means`, its `section`, and how its checks came out."""
    made = []
    for place, line in enumerate(head.lines):
        name, colon, _ = line.text.partition(":")
        key = "start" if place == 0 else ascii_lower(name.strip()) if line.text else "empty"
        parts = _START_PARTS if place == 0 else {key}
        about = [check["state"] for check in checks if check["of"] in parts] if colon or place == 0 else []
        mark = next((state for state in ("failed", "also", "passed") if state in about), "")
        means = (
            _meaning(side, key, language) if colon or place == 0 or not line.text else _meaning(side, "wrong", language)
        )
        section = _SECTIONS.get(key, "§4.1" if place == 0 else "")
        made.append({"number": line.number, "text": line.text, "means": means, "section": section, "mark": mark})
        made[-1]["empty"] = not line.text
    return made


def _meaning(side: str, key: str, language: str) -> str:
    words = part_catalogue("handshake_stepper", language)
    for wanted in (f"{side}.{key}", f"header.{key}"):
        if words.has(wanted):
            return words.say(wanted)
    return words.say("header.other")
