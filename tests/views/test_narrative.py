"""The narrator tells the whole story of a trace, each frame once, and nothing that the trace does not say."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.support import xor
from tests.views.printing import (
    LANGUAGES,
    on_one_line,
    printed,
    recorded,
    server_alone,
    squeezed,
    too_wide,
)
from wsedu.explain.words import check_words, field_label, step_sentence, violation_sentence
from wsedu.protocol.frame import Frame
from wsedu.protocol.frames import encode_frame
from wsedu.protocol.rules import RULES
from wsedu.protocol.steps import (
    BytesIgnored,
    BytesReceived,
    CloseStatus,
    FrameComplete,
    FrameField,
    HandshakeCheck,
    HandshakeRequest,
    HandshakeResponse,
    Level,
    MessageComplete,
    MessageFragment,
    PingAnswered,
    PongMatched,
    ScenarioAct,
    Step,
    TimerExpired,
    TransportOpened,
    UnknownStep,
    Violation,
)
from wsedu.protocol.types import Direction, Role
from wsedu.scenarios import SCENARIOS
from wsedu.simulator import Chunks, simulate
from wsedu.trace.trace import Record, Trace
from wsedu.views.narrative import Block, Narrator, more_to_see
from wsedu.views.styles import new_console

TOLD = (
    *(TransportOpened, MessageComplete, MessageFragment, PingAnswered, PongMatched, CloseStatus, TimerExpired),
    *(BytesIgnored, ScenarioAct),
)
"""Kinds whose sentence is a part of the story."""


def told(trace: Trace, language: str = "en", width: int = 80) -> list[Block]:
    return list(Narrator(language, new_console(width=width)).tell(trace))


def steps_of(trace: Trace, *kinds: type[Step]) -> list[Any]:
    return [record.step for record in trace if isinstance(record.step, kinds)]


def on_lines(blocks: list[Block]) -> list[str]:
    """Every line of the blocks, printed so wide that no sentence is cut, with single spaces."""
    return [squeezed(line).strip() for line in printed(*blocks, width=1000).splitlines()]


# --- How it looks ---


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", SCENARIOS)
def test_80_columns_are_enough_and_a_pipe_gets_no_colour(name: str, language: str) -> None:
    text = printed(*told(recorded(name), language))
    assert too_wide(text) == []
    assert "\x1b" not in text
    assert "{" not in text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [40, 60])
@pytest.mark.parametrize("name", ["tour", "unmasked", "silent-peer"])
def test_a_narrow_window_cuts_nothing(name: str, width: int, language: str) -> None:
    trace = recorded(name)
    text = printed(*told(trace, language, width), width=width)
    assert too_wide(text, width) == []
    # The only dots are those that count what is not shown.
    assert re.findall(r"…(?! \(\+| [\d,]+ more| and| 还有| 其余)", squeezed(text)) == []
    together = "".join(text.split())
    for step in steps_of(trace, HandshakeCheck):
        assert f"{step.rule}§{RULES[step.rule].section}" in together
    for step in steps_of(trace, FrameComplete):
        assert not step.sent or "".join(step_sentence(step, language).split()) in together


def test_a_tour_is_short_enough_to_be_read() -> None:
    blocks = told(recorded("tour"))
    assert len(printed(*blocks).splitlines()) <= 370
    # What is told in one breath fits a tall window.
    assert max(len(printed(block).splitlines()) for block in blocks) <= 50


@pytest.mark.parametrize("name", SCENARIOS)
def test_blocks_are_numbered_and_all_but_the_last_wait(name: str) -> None:
    blocks = told(recorded(name))
    assert [block.number for block in blocks] == list(range(1, len(blocks) + 1))
    assert [block.pause for block in blocks] == [True] * (len(blocks) - 1) + [False]
    assert all(block.heading for block in blocks)


def test_a_block_comes_as_soon_as_nothing_can_be_added_to_it() -> None:
    trace = recorded("hello")
    narrator = Narrator("en", new_console(width=80))
    arrived: list[tuple[int, Block]] = []
    for record in trace:
        arrived += [(record.n, block) for block in narrator.feed(record)]
    acts = [record.n for record in trace if isinstance(record.step, ScenarioAct)]
    # The handshake is told before the first act begins, each act when the next one does.
    assert arrived[0][0] < acts[0]
    assert {n for n, _ in arrived} >= set(acts[1:])
    finished = narrator.finish()
    assert printed(*(block for _, block in arrived), *finished) == printed(*told(trace))


# --- What it tells ---


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", SCENARIOS)
def test_every_frame_is_told_once_as_sent_and_once_as_received(name: str, language: str) -> None:
    trace = recorded(name)
    lines = Counter(on_lines(told(trace, language)))
    sent = Counter(squeezed(step_sentence(step, language)) for step in steps_of(trace, FrameComplete) if step.sent)
    for sentence, count in sent.items():
        assert lines[sentence] == count, sentence
    arrived = [step for step in steps_of(trace, FrameComplete, HandshakeRequest, HandshakeResponse) if not step.sent]
    mark = {
        "en": r"One read of TCP returned|These [\d,]+ bytes? came in ",
        "zh": r"一次读到(这)? [\d,]+ 字节|这 [\d,]+ 字节(分|与)",
    }[language]
    assert sum(count for line, count in lines.items() if re.search(mark, line)) == len(arrived)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", SCENARIOS)
def test_what_each_endpoint_concludes_is_told(name: str, language: str) -> None:
    trace = recorded(name)
    text = on_one_line(*told(trace, language))
    for step in steps_of(trace, *TOLD):
        assert squeezed(step_sentence(step, language)) in text
    for record in trace.filter(kind="state.changed"):
        assert squeezed(step_sentence(record.step, language)) in text


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_check_and_every_breach_has_its_rule_and_section(name: str) -> None:
    trace = recorded(name)
    text = on_one_line(*told(trace))
    for check in steps_of(trace, HandshakeCheck):
        label, looked_for = (
            re.escape(part) for part in (field_label(check.field, "en"), check_words(check.rule, "en"))
        )
        mark = "✔" if check.passed else "✖"
        assert re.search(rf"{mark} {label}: [^✔✖]*?{looked_for} {check.rule} §{RULES[check.rule].section} ", text)
    for breach in steps_of(trace, Violation):
        assert f"✖ {breach.rule} · §{RULES[breach.rule].section} · at byte {breach.offset:,}" in text
        assert squeezed(violation_sentence(breach, "en")) in text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["tour", "fragments", "unmasked"])
def test_every_field_of_the_trace_is_named(name: str, language: str) -> None:
    trace = recorded(name)
    text = printed(*told(trace, language), width=200)
    for field in {step.name for step in steps_of(trace, FrameField)}:
        assert ("RSV1-3" if field.startswith("rsv") else field_label(field, language)) in text


def test_small_frames_are_shown_with_every_byte_where_there_is_room() -> None:
    trace = recorded("tour")
    text = printed(*told(trace, width=200), width=200)
    for step in steps_of(trace, FrameComplete):
        if step.sent and step.frame.form == 7:
            payload = encode_frame(step.frame)[step.frame.header_size :]
            wanted = [*(step.frame.masking_key or b""), *payload]
            rows = re.escape(" ".join(f"{byte:02x}" for byte in wanted[-3:]))
            assert re.search(rows.replace(r"\ ", r"\s+"), text)


def test_masking_is_told_from_the_bytes_of_the_sender() -> None:
    trace = recorded("tour")
    blocks = told(trace)
    for step in steps_of(trace, FrameComplete):
        if step.sent and step.frame.masking_key:
            sentence = squeezed(step_sentence(step, "en"))
            [text] = [printed(block) for block in blocks if sentence in on_one_line(block)]
            rows = re.findall(
                r"^ +(\d+) ([0-9a-f]{2}) .* ⊕ K(\d) ([0-9a-f]{2}) .* = ([0-9a-f]{2}) ", text, re.MULTILINE
            )
            payload, key = step.frame.payload, step.frame.masking_key
            expected = [
                (str(index), f"{payload[index]:02x}", str(index % 4), f"{key[index % 4]:02x}", f"{masked:02x}")
                for index, masked in enumerate(xor(payload, key)[: len(rows)])
            ]
            assert rows == expected
            more = re.search(r"and ([\d,]+) more byte", text)
            assert len(rows) + (int(more[1].replace(",", "")) if more else 0) == len(payload)


def test_the_key_becomes_the_accept_value_with_its_bytes() -> None:
    trace = recorded("tour")
    text = on_one_line(*told(trace))
    [key] = [record.step for record in trace.filter(kind="handshake.key")]
    assert key.nonce.hex(" ") in text  # type: ignore[attr-defined]
    results = [record.step.result for record in trace.filter(kind="handshake.accept")]  # type: ignore[attr-defined]
    assert len(results) == 3
    assert [len(result) for result in results] == [60, 20, 28]
    for size, shown in zip((60, 20, 28), (results[0].decode(), results[1].hex(" "), results[2].decode()), strict=True):
        assert f"{size} bytes {shown}" in text


@pytest.mark.parametrize("name", SCENARIOS)
def test_heads_are_shown_as_sent_once(name: str) -> None:
    trace = recorded(name)
    lines = on_lines(told(trace))
    for head in steps_of(trace, HandshakeRequest, HandshakeResponse):
        assert lines.count(head.line) == 1
        for field, value in head.headers:
            assert f"{field}: {value}" in lines


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_time_of_a_part_is_that_of_its_first_step(name: str) -> None:
    """An act has the time of what came of it; its own one if nothing did before the next act."""
    trace = recorded(name)
    acts = [isinstance(record.step, ScenarioAct) for record in trace]
    alone = [act and following for act, following in zip(acts, [*acts[1:], True], strict=True)]
    times = [record.t for record, act, own in zip(trace, acts, alone, strict=True) if own or not act]
    for block in told(trace):
        shown = re.search(r"([\d.]+) s$", block.label)
        assert shown is None or any(f"{t:.4f}" == shown[1] for t in times)


def test_a_part_that_begins_with_waiting_has_the_time_of_what_came_of_it() -> None:
    trace = recorded("silent-peer")
    waited = next(step for step in steps_of(trace, TimerExpired) if step.timer == "ping")
    ping = next(step for step in steps_of(trace, FrameComplete) if step.sent and step.frame.name == "ping")
    [part] = [block for block in told(trace) if squeezed(step_sentence(ping, "en")) in on_one_line(block)]
    assert float(part.label.split(" · ")[-1].removesuffix(" s")) >= waited.seconds


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_answer_with_the_code_of_the_other_side_accuses_nobody(language: str) -> None:
    repeats = {"en": "It repeats the status code of the {}", "zh": "它重复了{}的状态码"}[language]
    server = {"en": "server", "zh": "服务器"}[language]
    text = on_one_line(*told(recorded("unmasked"), language))
    assert text.count(repeats.format(server)) == 1
    assert "the other endpoint broke" not in text
    # Both began at once: neither answers.
    assert repeats.partition("{")[0] not in on_one_line(*told(recorded("both-close"), language))


def test_what_is_explained_once_is_said_to_be_so_once() -> None:
    text = on_one_line(*told(recorded("tour")))
    assert text.count("are not explained again") == 1
    assert text.count("the letters of the fields (F FIN, ") == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_accept_value_is_told_with_its_purpose(language: str) -> None:
    words = {
        "en": ("cache", "no password", "RFC 6455 fixes the GUID"),
        "zh": ("缓存", "不是口令", "GUID 由 RFC 6455 规定"),
    }
    [part] = [block for block in told(recorded("tour"), language) if "SHA-1" in on_one_line(block)]
    assert all(word in on_one_line(part) for word in words[language])


@pytest.mark.parametrize("language", LANGUAGES)
def test_how_to_go_on_names_options_that_there_are(language: str) -> None:
    line = on_one_line(more_to_see(language))
    assert "--step" in line
    named = re.search(r"--scenario ([\w-]+)", line)
    assert named is not None
    assert named[1] in SCENARIOS


# --- TCP knows no frames ---


def test_a_frame_in_several_chunks_says_how_tcp_cut_it() -> None:
    """In virtual time, where the test and not the kernel decides how much one read returns."""
    trace = simulate("tour", seed=1, chunks=Chunks(30_000))
    text = on_one_line(*told(trace))
    [large] = [step for step in steps_of(trace, FrameComplete) if step.sent and step.frame.form == 64]
    size = len(encode_frame(large.frame))
    chunks = [
        len(step.data)
        for step in steps_of(trace, BytesReceived)
        if step.span.direction is Direction.TO_CLIENT
        and step.span.first_bit < large.span.first_bit + large.span.bits
        and step.span.first_bit + step.span.bits > large.span.first_bit
    ]
    assert sum(chunks) == size
    assert chunks == [30_000, 30_000, size - 60_000]
    sizes = " + ".join(f"{chunk:,}" for chunk in chunks)
    assert f"These {size:,} bytes came in {len(chunks)} reads of TCP, {sizes}: " in text


def test_a_frame_that_rides_along_with_the_101_says_so() -> None:
    trace = recorded("early-frame")
    text = on_one_line(*told(trace))
    first = next(step for step in steps_of(trace, BytesReceived) if step.endpoint is Role.CLIENT)
    ping = next(step for step in steps_of(trace, FrameComplete) if step.frame.name == "ping")
    head = next(step for step in steps_of(trace, HandshakeResponse))
    assert len(first.data) == (head.span.bits + ping.span.bits) // 8
    assert f"One read of TCP returned {len(first.data)} bytes: these {head.span.bits // 8} and the beginning" in text
    assert f"These {ping.span.bits // 8} bytes came in a read of {len(first.data)}, together with others" in text


# --- What it took ---


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_summary_is_counted_from_the_trace(name: str) -> None:
    trace = recorded(name)
    text = printed(told(trace)[-1])
    for role in Role:
        way = role.sends
        total = trace.bytes_of(way)
        heads = [step for step in steps_of(trace, HandshakeRequest, HandshakeResponse) if step.sent]
        opening = sum(step.span.bits // 8 for step in heads if step.span.direction is way)
        frames = [step for step in steps_of(trace, FrameComplete) if step.sent and step.span.direction is way]
        travelled = [step.frame for step in frames if step.span.first_bit < 8 * len(total)]
        row = re.search(rf"{role} ─▶ {role.peer} +(.+)", text)
        assert row is not None
        numbers = [int(number.replace(",", "")) for number in row[1].split()]
        payload = sum(len(frame.payload) for frame in travelled)
        control = sum(frame.opcode >= 8 for frame in travelled)
        headers = len(total) - opening - payload
        assert numbers == [len(travelled), control, opening, headers, payload, len(total)]
        assert ("never handed it to TCP" in text) is (len(travelled) < len(frames)) or role is Role.CLIENT


# --- Traces that are not those of a scenario ---


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("name", ["tour", "unmasked", "early-frame"])
def test_one_endpoint_alone_has_a_story_too(name: str, role: Role) -> None:
    trace = recorded(name).filter(endpoint=role)
    lines = on_lines(told(trace))
    for step in steps_of(trace, FrameComplete):
        assert lines.count(squeezed(step_sentence(step, "en"))) >= 1
    assert sum("not those that were sent" in line for line in lines) == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_coarsest_trace_still_tells_every_frame(language: str) -> None:
    trace = recorded("tour", Level.CORE)
    assert steps_of(trace, FrameField) == []
    lines = on_lines(told(trace, language))
    for step in steps_of(trace, FrameComplete):
        if step.sent:
            assert lines.count(squeezed(step_sentence(step, language))) == 1


def without_acts(trace: Trace) -> Iterator[Record]:
    return (record for record in trace if not isinstance(record.step, ScenarioAct))


def test_without_a_scenario_each_frame_begins_a_block() -> None:
    trace = recorded("tour")
    blocks = list(Narrator("en", new_console(width=80)).tell(without_acts(trace)))
    texts = [on_one_line(block) for block in blocks]
    for step in steps_of(trace, FrameComplete):
        if step.sent:
            assert sum(squeezed(step_sentence(step, "en")) in text for text in texts) == 1
    told_sent = [block for block in blocks if re.match(r"(client|server) ─▶", block.label)]
    assert len(told_sent) == sum(step.sent for step in steps_of(trace, FrameComplete))


def test_a_refused_handshake_is_told_to_its_end() -> None:
    blocks = told(server_alone(changes={"Sec-WebSocket-Version": "8"}))
    text = on_one_line(*blocks)
    demand = check_words("REQUEST_VERSION_SUPPORTED", "en")
    assert f"✖ Sec-WebSocket-Version: 8 · {demand} REQUEST_VERSION_SUPPORTED §4.2.2" in text
    assert "HTTP/1.1 426 Upgrade Required Upgrade: websocket Sec-WebSocket-Version: 13" in text


def test_a_header_that_is_refused_is_shown_though_its_frame_never_was() -> None:
    text = printed(*told(server_alone(bytes.fromhex("8105"))))
    # FIN, RSV1-3, opcode, MASK, length: 81 05.
    assert re.search(r"^ +1 +0 +0 +0 +0001 +0 +0000101 *$", text, re.MULTILINE)
    assert "✖ CLIENT_MUST_MASK · §5.1" in text


def test_a_frame_that_was_changed_on_its_way_is_shown_again() -> None:
    trace = recorded("hello")
    changed = []
    for record in trace:
        step = record.step
        if (
            isinstance(step, FrameComplete)
            and not step.sent
            and step.endpoint is Role.CLIENT
            and step.frame.opcode == 1
        ):
            step = replace(step, frame=Frame.text("Jello"))
        changed.append(record._replace(step=step))
    text = printed(*told(Trace(records=changed)))
    assert "not those that were sent" in squeezed(text)
    assert re.search(r"0000101 +4a 65 6c 6c 6f", text)


def test_a_step_of_another_version_is_mentioned() -> None:
    trace = Trace()
    record = trace.recorder(trace.new_connection())
    for step in steps_of(recorded("hello"), Step):
        record(step)
    record(UnknownStep(endpoint=Role.CLIENT, name="weather.changed", values={}))
    assert "weather.changed" in on_one_line(*told(trace))


def test_two_connections_are_told_apart_from_each_other() -> None:
    records = [record._replace(connection=number) for record in recorded("hello") for number in (1, 2)]
    blocks = told(Trace(records=records))
    assert len(blocks) == 2 * len(told(recorded("hello")))
    assert [block.number for block in blocks] == list(range(1, len(blocks) + 1))


def test_an_empty_trace_is_no_error() -> None:
    assert told(Trace()) == []
