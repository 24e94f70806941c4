"""What the sentences say: the facts of the case, in both languages."""

from __future__ import annotations

import re
from typing import Any, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.explain import cases
from tests.support import vectors
from wsedu.explain.catalogue import LANGUAGES, Count
from wsedu.explain.words import (
    close_code_sentence,
    damaged_trace_sentence,
    field_label,
    field_meaning,
    rule_sentence,
    step_sentence,
    step_title,
    verdict_sentence,
    violation_sentence,
)
from wsedu.protocol.closing import CloseCode, code_senders
from wsedu.protocol.dissection import dissect, judge
from wsedu.protocol.frame import Frame
from wsedu.protocol.frames import encode_frame
from wsedu.protocol.rules import RULES, ProtocolViolation
from wsedu.protocol.steps import (
    KINDS,
    FrameComplete,
    FrameField,
    HandshakeCheck,
    MaskByte,
    Step,
    UnknownStep,
    Violation,
    fact_names,
)
from wsedu.protocol.types import Role
from wsedu.scenarios.catalogue import SCENARIOS
from wsedu.trace import jsonl

WHOLE_MESSAGES = [
    vector for vector in vectors()["rfc6455"]["frames"] if "hex" in vector and vector["fin"] and vector["opcode"]
]
"""The frames of RFC 6455 §5.7 that stand alone and are printed whole."""

HAN = re.compile("[\u4e00-\u9fff]")


def assert_told(text: str, language: str) -> None:
    assert text
    assert not re.search(r"[{}\x00-\x1f\x7f-\x9f]|None", text), text
    assert language != "zh" or HAN.search(text), text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_every_step_of_an_exchange_is_told(name: str, language: str) -> None:
    trace = cases.played(name)
    # Of the masked bytes, which are all told in the same way, the first few.
    told = [step for _, _, _, step in trace if not isinstance(step, MaskByte) or step.index < 5]
    assert len(told) > 40
    for step in told:
        assert_told(step_sentence(step, language), language)
        assert step_title(step, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sort_of_step_is_told(language: str) -> None:
    for step in cases.all_steps():
        assert_told(step_sentence(step, language), language)


def test_a_title_has_two_to_four_words() -> None:
    titles = {step_title(step, "en") for step in cases.all_steps()}
    assert {len(title.split()) for title in titles} <= {2, 3, 4}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_trace_read_back_is_told_in_the_same_words(language: str) -> None:
    trace = cases.played("tour")
    again = jsonl.loads("\n".join(jsonl.lines(trace)))
    told = [step_sentence(record.step, language) for record in trace]
    assert [step_sentence(record.step, language) for record in again] == told


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_step_of_another_version_is_told_by_its_name(language: str) -> None:
    step = UnknownStep(name="frame.rumour\x1b[2J", values={})
    assert r"frame.rumour\x1b[2J" in step_sentence(step, language)
    assert_told(step_sentence(step, language), language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_facts_of_another_version_do_not_stop_a_sentence(language: str) -> None:
    field = FrameField(sent=True, name="fin", value=1, meaning="payload.cut", values={"missing": "many"})
    assert_told(field_meaning(field, language), language)
    for detail in ({}, {"length": "long", "form": None}, {"opcode": "x", "code": -1, "sender": "nobody", "bits": 99}):
        for rule in (*RULES, "RUMOUR", None):
            step = Violation(rule=rule, local=False, offset=0, code=None, status=None, detail=detail)
            assert_told(step_sentence(step, language), language)


def any_value(hint: Any) -> st.SearchStrategy[Any]:
    """Values of a fact's type, as a saved trace can hold them."""
    details = st.none() | st.integers() | st.text() | st.lists(st.text(max_size=3), max_size=2)
    if hint == dict[str, Any]:
        return st.dictionaries(st.sampled_from([*cases.FACTS, "self", "key"]), details, max_size=4)
    return st.from_type(hint)


@pytest.mark.parametrize("kind", sorted(KINDS))
@given(data=st.data())
@settings(max_examples=40)
def test_whatever_a_saved_trace_says_is_told(kind: str, data: st.DataObject) -> None:
    hints = get_type_hints(KINDS[kind])
    facts = {name: data.draw(any_value(hints[name]), label=name) for name in fact_names(KINDS[kind])}
    rule = data.draw(st.sampled_from([*RULES, "RUMOUR", None]), label="rule")
    step = KINDS[kind](endpoint=data.draw(st.sampled_from(cases.ENDPOINTS)), rule=rule, **facts)
    for language in LANGUAGES:
        assert step_sentence(step, language).isprintable()
        assert step_title(step, language).isprintable()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_damaged_trace_is_told_with_its_line_and_what_is_kept(language: str) -> None:
    lines = list(jsonl.lines(cases.played("hello")))[:5]
    with pytest.raises(jsonl.DamagedTraceError) as caught:
        jsonl.loads("\n".join([*lines, '"n":']))
    told = damaged_trace_sentence(caught.value, language)
    assert '"n":' in told.replace('\\"', '"')
    assert re.findall("[0-9]+", told)[0] == str(len(lines) + 1)
    assert re.findall("[0-9]+", told)[-1] == str(len(lines) - 1)
    assert_told(told, language)


# --- Frames and fields ---


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("masked", [True, False])
def test_a_frame_is_told_with_its_text_and_its_mask(language: str, masked: bool) -> None:
    frame = Frame.text("Hello", masking_key=bytes(4) if masked else None)
    told = step_sentence(FrameComplete(endpoint=Role.CLIENT, sent=True, frame=frame), language)
    words = {"en": (", masked", ", not masked"), "zh": ("有掩码", "无掩码")}[language]
    assert '"Hello"' in told
    assert words[0 if masked else 1] in told
    assert f"{len(frame.payload)}" in told


@pytest.mark.parametrize("language", LANGUAGES)
def test_bytes_of_a_peer_cannot_command_the_terminal(language: str) -> None:
    evil = "\x1b]0;owned\x07\x9b2J\u202e"
    steps: list[Step] = [
        FrameComplete(endpoint=Role.CLIENT, sent=False, frame=Frame.text(evil)),
        FrameComplete(endpoint=Role.CLIENT, sent=False, frame=Frame.close(1000, evil)),
        HandshakeCheck(endpoint=Role.CLIENT, rule="RESPONSE_UPGRADE", field="Upgrade", found=evil, passed=False),
    ]
    for step in steps:
        assert step_sentence(step, language).isprintable()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_long_payload_is_cut_and_the_rest_is_counted(language: str) -> None:
    told = step_sentence(FrameComplete(endpoint=Role.CLIENT, sent=True, frame=Frame.binary(bytes(70_000))), language)
    assert len(told) < 200
    assert "70,000" in told


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_xor_is_told_with_the_right_byte_of_the_key(language: str) -> None:
    told = step_sentence(MaskByte(endpoint=Role.CLIENT, index=5, given=0x48, key_byte=0x37, result=0x7F), language)
    assert re.findall(r"(?a:\b)[0-9a-f]{2}(?a:\b)", told) == ["48", "37", "7f"]
    assert re.findall(r"(?a:\b)[0-9](?a:\b)", told)[:2] == ["5", str(5 % 4)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_frame_that_is_cut_says_how_much_it_waits_for(language: str) -> None:
    """Flip a bit of the RFC's "Hello" and the next two bytes become its length (PRODUCT, principle 4)."""
    frame = bytes.fromhex("817e37fa") + b"Hello"
    payload = dissect(frame).fields[-1]
    missing = 0x37FA - len(b"Hello")
    assert f"{missing:,}" in field_meaning(payload, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_field_has_a_label_and_a_meaning(language: str) -> None:
    for field in cases.all_fields():
        assert field_label(field.name, language) != field.name or field.name in ("opcode", "reason")
        assert_told(field_meaning(field, language), language)


def test_header_fields_keep_their_names() -> None:
    assert field_label("Sec-WebSocket-Key", "zh") == "Sec-WebSocket-Key"


# --- Rules ---


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_has_a_demand_of_its_own(language: str) -> None:
    told = [rule_sentence(rule, language) for rule in RULES.values()]
    for text in told:
        assert_told(text, language)
    # Two pairs of rules ask the same of a request and of a response.
    assert len(set(told)) >= len(told) - 2


def test_every_rule_is_refused_somewhere() -> None:
    assert {violation.rule.name for violation in cases.violations()} == set(RULES)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("violation", cases.violations(), ids=str)
def test_a_violation_is_told_with_the_facts_of_the_case(violation: ProtocolViolation, language: str) -> None:
    told = violation_sentence(violation, language)
    assert_told(told, language)
    assert violation.rule.name not in told, "the sentence for rules without a text of their own was taken"
    for name, value in violation.detail.items():
        if isinstance(value, int) and name not in ("opcode", "open", "bits"):
            assert any(f"{value:{form}}" in told for form in (",", "d", "02x")), name


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_code_that_answers_is_not_the_code_that_was_wrong(language: str) -> None:
    wrong = int(CloseCode.NO_STATUS_RCVD)
    verdict = dissect(encode_frame(Frame.close(wrong))).server
    assert verdict.violation is not None
    told = violation_sentence(verdict.violation, language)
    assert str(wrong) in told
    assert told.rstrip("。.").endswith(str(int(CloseCode.PROTOCOL_ERROR)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_caller_may_not_ask_for_was_not_sent(language: str) -> None:
    nothing = {"en": "Nothing was sent.", "zh": "什么也没有发出。"}[language]
    for violation in cases.violations():
        by_us = violation.local and violation.rule.status != 500
        assert violation_sentence(violation, language).endswith(nothing) == by_us


def test_only_a_server_answers_with_http() -> None:
    def step(endpoint: Role) -> Violation:
        detail = {"line": "SSH-2.0"}
        return Violation(
            endpoint=endpoint, rule="HEAD_START_LINE", local=False, offset=0, code=None, status=400, detail=detail
        )

    assert "400" in step_sentence(step(Role.SERVER), "en")
    assert "400" not in step_sentence(step(Role.CLIENT), "en")


# --- Verdicts and codes ---


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("vector", WHOLE_MESSAGES, ids=lambda vector: vector["name"])
def test_the_verdicts_on_a_frame_of_the_rfc(vector: dict[str, Any], language: str) -> None:
    """Each frame is legal from one side and illegal from the other, and with its last byte gone it is cut short."""
    english, chinese = ("Legal from", "Illegal", "cut short"), ("：合法。", "不合法", "不完整")
    legal, illegal, cut = english if language == "en" else chinese
    data = bytes.fromhex(vector["hex"])
    sender, other = (Role.CLIENT, Role.SERVER) if vector["masked"] else (Role.SERVER, Role.CLIENT)
    told = verdict_sentence(judge(data, other), language)
    assert illegal in told
    assert "§5.1" in told
    assert ("SERVER_MUST_NOT_MASK" if vector["masked"] else "CLIENT_MUST_MASK") in told
    assert cut in verdict_sentence(judge(data[:-1], sender), language)
    assert legal in verdict_sentence(judge(data, sender), language)


@pytest.mark.parametrize(
    ("data", "en", "zh"),
    [
        ("0105 48656c6c6f", "the message goes on, more fragments will come", "后面还有分片"),
        ("0105 48656c", "the frame is cut short: 2 more bytes are needed", "还差 2 字节"),
        ("8105 48656c6c", "the frame is cut short: 1 more byte is needed", "还差 1 字节"),
        ("81", "the frame is cut short: 1 more byte is needed", "还差 1 字节"),
        ("0100 8900", "the message goes on", "后面还有分片"),
        ("0100 89", "1 more byte is needed", "还差 1 字节"),
    ],
)
def test_what_is_not_over_says_whether_the_frame_or_the_message_goes_on(data: str, en: str, zh: str) -> None:
    raw = bytes.fromhex(data)
    for language, told in (("en", en), ("zh", zh)):
        assert told in verdict_sentence(judge(raw, Role.SERVER), language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_codes_that_never_travel_say_so(language: str) -> None:
    never = {"en": "never sent", "zh": "绝不发送"}[language]
    for code in CloseCode:
        assert (never in close_code_sentence(code, language)) == (not code_senders(code))


def test_a_count_takes_the_noun_that_fits() -> None:
    assert [f"{Count(number):byte|bytes}" for number in (0, 1, 2, 1000)] == [
        "0 bytes",
        "1 byte",
        "2 bytes",
        "1,000 bytes",
    ]
    assert f"{Count(255):02x}" == "ff"
