"""Sentences for what the protocol states: steps, fields, rules, violations, verdicts and status codes.

Every function takes what the protocol made and a language, `en` or `zh`. A sentence never fails for what a saved
trace brings along: what this version does not know is told in general words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ..protocol.layout import Field
from ..protocol.rules import ProtocolViolation, Rule
from ..protocol.steps import FrameField, ScenarioAct, Step, UnknownStep, Violation
from .catalogue import Catalogue, catalogue
from .facts import (
    HEX_SHOWN,
    Facts,
    bytes_facts,
    close_code_key,
    close_facts,
    constants,
    field_name,
    plain_facts,
    rule_facts,
    step_facts,
)
from .faults import TELLS_DEMAND, answer_key, case_facts, case_of, fault_keys
from .shown import bytes_hex as bytes_hex
from .shown import quoted as quoted
from .variants import keys_of, variant

if TYPE_CHECKING:
    from ..protocol.closing import Phase
    from ..protocol.dissection import Verdict
    from ..trace.jsonl import DamagedTraceError


def first_said(words: Catalogue, keys: Iterable[str], facts: Mapping[str, Any]) -> str:
    """The first of some texts that is there and has all the facts that it needs.

    Raises:
        KeyError: none of them.
    """
    for key in keys:
        if words.has(key):
            try:
                return words.say(key, **facts)
            except (KeyError, ValueError):
                # A saved trace may lack a fact, or have it in another form; the next text asks for less.
                continue
    raise KeyError(list(keys))


# --- Steps ---


def step_title(step: Step, language: str) -> str:
    """Two to four words that name a step.

    Arguments:
        step: of any kind.
        language: `en` or `zh`.
    """
    words = catalogue(language)
    chosen = variant(step, words)
    return first_said(words, keys_of(f"title.{_kind(step)}", chosen.suffix), step_facts(step, words) | chosen.facts)


def step_sentence(step: Step, language: str) -> str:
    """One or two sentences that tell a step with its facts.

    Arguments:
        step: of any kind.
        language: `en` or `zh`.
    """
    if isinstance(step, Violation):
        return _violation_step(step, language)
    words = catalogue(language)
    chosen = variant(step, words)
    facts = step_facts(step, words) | chosen.facts
    keys = keys_of(f"step.{_kind(step)}", chosen.suffix)
    if isinstance(step, ScenarioAct):
        keys.insert(0, step.note)
    elif isinstance(step, FrameField):
        facts |= {"label": field_label(step.name, language), "meaning": field_meaning(step, language)}
        facts["shown"] = _value(step.name, step.value)
    return first_said(words, keys, facts)


def _kind(step: Step) -> str:
    return "unknown" if isinstance(step, UnknownStep) else step.kind


# --- Fields ---


def field_label(name: str, language: str) -> str:
    """What a field is called: the RFC's name where its figure has one.

    Arguments:
        name: of a `layout.Field`, a `FrameField` step, or a point of the opening handshake.
        language: `en` or `zh`.
    """
    return field_name(name, catalogue(language))


def field_meaning(field: Field | FrameField, language: str) -> str:
    """What the value of a field means: a clause without a full stop, such as `waits for 14,330 more bytes`.

    Arguments:
        field: from `dissect`, or a step.
        language: `en` or `zh`.
    """
    words = catalogue(language)
    values = field.facts if isinstance(field, Field) else field.values
    facts = {**constants(), **plain_facts(values), "shown": _value(field.name, field.value)}
    if isinstance(field.value, bytes):
        facts |= bytes_facts("raw", field.value)
    if field.name == "status_code" and isinstance(values.get("plain"), bytes):
        facts |= close_facts(values["plain"], words)
    return first_said(words, (f"meaning.{field.meaning}", "meaning.unknown"), facts)


def _value(name: str, value: int | bytes) -> str:
    """The value of a field as it is written: hex for bytes and for an opcode, else a number."""
    if isinstance(value, bytes):
        return bytes_hex(value, HEX_SHOWN)
    return f"{value:#x}" if name == "opcode" else f"{value:,}"


# --- Rules and their breaches ---


def rule_sentence(rule: Rule, language: str) -> str:
    """What RFC 6455 demands there.

    Arguments:
        rule: of `rules.RULES`.
        language: `en` or `zh`.
    """
    return catalogue(language).say(f"rule.{rule.name}", **rule_facts(rule))


def demand_sentence(violation: ProtocolViolation, language: str, told: str) -> str:
    """What the broken rule demands, for after the sentence of a fault; empty where that sentence says it.

    Arguments:
        violation: as raised.
        language: `en` or `zh`.
        told: the sentence that stands before it.
    """
    demand = rule_sentence(violation.rule, language)
    return "" if violation.rule.name in TELLS_DEMAND or demand in told else demand


def check_words(rule: str | None, language: str) -> str:
    """What a check of the opening handshake looks for: a few words; empty for a rule that has no check.

    Arguments:
        rule: name of the rule, as a `HandshakeCheck` has it.
        language: `en` or `zh`.
    """
    words = catalogue(language)
    key = f"check.{rule}"
    return words.say(key, **constants()) if words.has(key) else ""


def violation_sentence(violation: ProtocolViolation | Violation, language: str) -> str:
    """What was wrong, with the facts of the case, and how it is answered.

    Arguments:
        violation: as raised or queued as an event, or its step.
        language: `en` or `zh`.
    """
    words = catalogue(language)
    case = case_of(violation)
    facts = case_facts(case, words)
    fault = first_said(words, fault_keys(case), facts)
    answer = answer_key(case)
    return fault if answer is None else words.say("fault.answered", fault=fault, answer=words.say(answer, **facts))


def _violation_step(step: Violation, language: str) -> str:
    words = catalogue(language)
    facts = case_facts(case_of(step), words) | {"problem": violation_sentence(step, language)}
    return first_said(words, keys_of("step.violation", variant(step, words).suffix), facts)


# --- Verdicts, phases, status codes, damaged traces ---


def verdict_sentence(verdict: Verdict, language: str) -> str:
    """Whether bytes are legal from one sender, and if not, what is wrong with them.

    Arguments:
        verdict: of `dissect`.
        language: `en` or `zh`.
    """
    words = catalogue(language)
    sender = words.say(f"role.{verdict.sender.value}")
    if verdict.violation is None:
        return words.say(f"verdict.{ending(verdict)}", sender=sender, missing=verdict.missing)
    facts = _told(verdict.violation, words)
    return words.say("verdict.illegal", **facts | {"sender": sender, "offset": verdict.legal_until})


def ending(verdict: Verdict) -> str:
    """How legal bytes end: `legal` at the end of a message, `goes_on` at that of a fragment, `cut` within a frame."""
    return "legal" if verdict.complete else "cut" if verdict.missing else "goes_on"


def further_sentences(verdict: Verdict, language: str) -> list[str]:
    """What else is wrong with the bytes of a verdict, after the violation that `verdict_sentence` tells of.

    A rule that is broken more than once is explained once; then it is said where else.

    Arguments:
        verdict: of `dissect`.
        language: `en` or `zh`.
    """
    words = catalogue(language)
    places: dict[str, list[ProtocolViolation]] = {}
    for violation in verdict.violations:
        places.setdefault(violation.rule.name, []).append(violation)
    sentences = []
    for rule, found in places.items():
        if found[0] is not verdict.violation:
            sentences.append(words.say("verdict.further", **_told(found[0], words)))
        if found[1:]:
            offsets = ", ".join(f"{violation.offset:,}" for violation in found[1:])
            sentences.append(words.say("verdict.again", rule=rule, offsets=offsets))
    return sentences


def _told(violation: ProtocolViolation, words: Catalogue) -> Facts:
    """The facts of a violation, and its sentence as `problem`."""
    case = case_of(violation)
    facts = case_facts(case, words)
    return facts | {"problem": first_said(words, fault_keys(case), facts)}


def phase_sentence(phase: Phase, language: str) -> str:
    """What it means for an endpoint to be in a phase of `closing.TRANSITIONS`.

    Arguments:
        phase: of `closing.Phase`.
        language: `en` or `zh`.
    """
    return catalogue(language).say(f"phase.{phase.name}")


def close_code_sentence(code: int, language: str) -> str:
    """What a status code of a Close frame means (RFC 6455 §7.4): a clause without a full stop.

    Arguments:
        code: 0 to 65535.
        language: `en` or `zh`.
    """
    return catalogue(language).say(close_code_key(code), code=code)


def damaged_trace_sentence(error: DamagedTraceError, language: str) -> str:
    """What is wrong with a saved trace, and in which line.

    Arguments:
        error: from `Trace.load`; its trace has the steps before that line.
        language: `en` or `zh`.
    """
    facts = plain_facts({"line": error.line, "detail": error.detail, "found": error.found, "kept": len(error.trace)})
    return catalogue(language).say(f"trace.problem.{error.problem}", **facts)
