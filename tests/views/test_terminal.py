"""What a terminal shows of bytes and traces: everything that is there, in 80 columns, with colour or without."""

from __future__ import annotations

import re
from typing import Any

import pytest
from rich.cells import cell_len
from rich.text import Text

from tests.support import SAMPLE_KEY, response_head, vectors, xor
from tests.views.printing import LANGUAGES, on_one_line, printed, recorded, server_alone, squeezed, too_wide
from wsedu.explain.catalogue import catalogue
from wsedu.explain.words import check_words, field_label, field_meaning, rule_sentence, step_sentence, step_title
from wsedu.protocol.connection import Connection
from wsedu.protocol.dissection import dissect
from wsedu.protocol.handshake import accept_key
from wsedu.protocol.masking import apply_mask
from wsedu.protocol.rules import RULES
from wsedu.protocol.steps import CloseStatus, HandshakeCheck, Level, MaskByte, StateChanged, Step
from wsedu.protocol.types import Role
from wsedu.scenarios import SCENARIOS
from wsedu.trace.trace import Trace
from wsedu.views.heads import render_accept, render_handshake
from wsedu.views.masks import render_mask
from wsedu.views.palette import MARKS, YELLOW
from wsedu.views.prose import Prose
from wsedu.views.rules import render_rules
from wsedu.views.states import render_states
from wsedu.views.terminal import render_dissection, render_step, render_trace

COLOUR = re.compile(r"\x1b\[(?:\d+;)*(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])[;m]")
FRAMES = [
    *(vector["hex"] for vector in vectors()["rfc6455"]["frames"] if "hex" in vector),
    *("827e0005000102", "81fe", "f37f8000000000000001", "880103", "8800", "890501020304058a8037fa213d", "0f"),
]


def everything(name: str, language: str) -> list[Any]:
    trace = recorded(name)
    views = [render_trace(trace, language), render_states(trace, language), render_handshake(trace, language)]
    return [*views, *(render_step(record.step, language) for record in trace if record.step.level <= Level.BASE)]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", SCENARIOS)
def test_80_columns_are_enough_and_a_pipe_gets_no_colour(name: str, language: str) -> None:
    text = printed(*everything(name, language))
    assert too_wide(text) == []
    assert "\x1b" not in text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [40, 60, 80])
@pytest.mark.parametrize("data", FRAMES)
def test_a_dissection_fits_the_window_and_loses_no_word(data: str, width: int, language: str) -> None:
    dissection = dissect(bytes.fromhex(data))
    text = printed(render_dissection(dissection, language), width=width)
    assert too_wide(text, width) == []
    assert "\x1b" not in text
    told = "".join(text.split())
    for field in dissection.fields:
        # Where there is room, the other columns stand between the lines of a meaning.
        meaning = field_meaning(field, language)
        assert width == 80 or "".join(meaning.split()) in told


def test_a_terminal_gets_the_fills_unless_no_color_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    view = render_dissection(dissect(bytes.fromhex("818537fa213d7f9f4d5158")), "en")
    monkeypatch.delenv("NO_COLOR", raising=False)
    coloured = printed(view, force_terminal=True, color_system="truecolor")
    fill = ";".join(str(int(YELLOW[place : place + 2], 16)) for place in (1, 3, 5))
    assert f"48;2;{fill}" in coloured
    assert COLOUR.search(coloured)
    monkeypatch.setenv("NO_COLOR", "1")
    plain = printed(view, force_terminal=True, color_system="truecolor")
    assert COLOUR.search(plain) is None
    # Nothing but colour is lost.
    assert squeezed(re.sub(r"\x1b\[[\d;]*m", "", plain)) == squeezed(re.sub(r"\x1b\[[\d;]*m", "", coloured))


# --- Bytes taken apart ---


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("data", FRAMES)
def test_a_dissection_shows_every_byte_and_names_every_field(data: str, language: str) -> None:
    dissection = dissect(bytes.fromhex(data))
    text = printed(render_dissection(dissection, language), width=200)
    dump = [line for line in text.splitlines() if re.match(r"^ {2,7}\d+  [0-9a-f]{2}( |$)", line)]
    assert bytes.fromhex("".join(line.split(None, 1)[1] for line in dump)) == dissection.data
    for field in dissection.fields:
        merged = field.name.startswith("rsv") and not field.value
        assert ("RSV1-3" if merged else field_label(field.name, language)) in text
        assert f"§{field.section}" in text


def test_the_letter_of_its_field_stands_under_each_byte() -> None:
    text = printed(render_dissection(dissect(bytes.fromhex("818537fa213d7f9f4d5158")), "en"))
    lines = text.splitlines()
    at = next(number for number, line in enumerate(lines) if "81 85 37 fa" in line)
    letters = {field: mark.letter for field, mark in MARKS.items()}
    first = letters["fin"] + letters["opcode"]
    second = letters["mask"] + letters["payload_length"]
    assert lines[at + 1].split() == [first, second, *[letters["masking_key"]] * 4, *[letters["payload"]] * 5]
    columns = [match.start() for match in re.finditer(r"\S+", lines[at + 1])]
    assert columns == [match.start() for match in re.finditer(r"\S+", lines[at])][1:]


@pytest.mark.parametrize("language", LANGUAGES)
def test_both_senders_get_a_verdict_with_rule_section_and_offset(language: str) -> None:
    text = on_one_line(render_dissection(dissect(bytes.fromhex("8900818537fa213d7f9f4d5158")), language))
    # An unmasked Ping, which no client sends, and a masked text, which no server sends.
    assert text.count("✖") == 2
    assert re.search(r"0\b.*CLIENT_MUST_MASK.*§5\.1", text)
    assert re.search(r"3\b.*SERVER_MUST_NOT_MASK.*§5\.1", text)
    assert "✔" in on_one_line(render_dissection(dissect(bytes.fromhex("8900")), language))


@pytest.mark.parametrize("mask", ["", "00000000"], ids=["server", "client"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_whole_fragment_is_not_called_cut_short(mask: str, language: str) -> None:
    on = {"en": "the message goes on.", "zh": "消息还没有结束。"}[language]
    cut = {"en": "the frame is cut short.", "zh": "帧不完整。"}[language]
    raw = bytes.fromhex(f"01{0x85 if mask else 5:02x}{mask}48656c6c6f")
    for data, said, not_said in ((raw, on, cut), (raw[:-3], cut, on)):
        text = on_one_line(render_dissection(dissect(data), language))
        assert said in text
        assert not_said not in text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("cut", [0, 1], ids=["whole", "cut short"])
@pytest.mark.parametrize(("data", "rule"), [("818537fa213d7f9f4d5158", "SERVER"), ("810548656c6c6f", "CLIENT")])
def test_a_frame_that_one_side_may_send_ends_with_a_line_for_either(
    data: str, rule: str, cut: int, language: str
) -> None:
    raw = bytes.fromhex(data)[: -cut or None]
    lines = printed(render_dissection(dissect(raw), language)).rstrip("\n").split("\n\n")[-1].splitlines()
    legal = "…" if cut else "✔"
    marks = [legal, "✖"] if rule == "SERVER" else ["✖", legal]
    assert [line[0] for line in lines] == marks + ["…"] * cut
    for line, role in zip(lines, ("client", "server"), strict=False):
        assert catalogue(language).say(f"role.{role}") in line
    name = "SERVER_MUST_NOT_MASK" if rule == "SERVER" else "CLIENT_MUST_MASK"
    assert [name in line and "§5.1" in line for line in lines[:2]] == [mark == "✖" for mark in marks]
    # Whose bytes they are is known: then it is a fault, told with its place.
    known = on_one_line(render_dissection(dissect(raw, sender=rule.lower()), language))
    assert "✖" in known
    assert name in known


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("data", "key", "count"),
    [
        ("818537fa213d7f9f4d", "waits", 2),
        ("81fe37fa213d", "waits", 14_332),
        ("8a", "waits.least", 1),
        ("827e", "waits.least", 2),
        ("830561", "waits", 4),  # illegal from both, and cut short
        ("0103616263", "waits.message", 0),
    ],
)
def test_bytes_that_are_cut_short_end_with_what_they_wait_for(data: str, key: str, count: int, language: str) -> None:
    text = printed(render_dissection(dissect(bytes.fromhex(data)), language))
    wanted = catalogue(language).say(f"view.verdict.{key}", count=count)
    assert text.splitlines()[-1].strip() == f"… {wanted}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_verdict_says_nothing_twice(language: str) -> None:
    rule = RULES["CLIENT_MUST_MASK"]
    text = on_one_line(render_dissection(dissect(b"\x81\x00", sender="client"), language))
    assert text.count(rule.name) == 1
    assert rule_sentence(rule, language) not in text
    reserved = RULES["OPCODE_RESERVED"]
    assert rule_sentence(reserved, language) in on_one_line(
        render_dissection(dissect(b"\x83\x00", sender="server"), language)
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [40, 80])
def test_the_rules_fit_the_window_below_their_headings(width: int, language: str) -> None:
    text = printed(render_rules(list(RULES.values()), language), width=width)
    assert too_wide(text, width) == []
    told = squeezed(text).replace(" ", "")
    for rule in RULES.values():
        assert rule_sentence(rule, language).replace(" ", "") in told


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_rules_stand_below_the_headings_of_their_groups(language: str) -> None:
    lines = [line.strip() for line in printed(render_rules(list(RULES.values()), language)).splitlines()]
    groups = ("uri", "head", "request", "response", "frames", "messages", "closing", "caller")
    headings = [lines.index(catalogue(language).say(f"view.rules.{name}")) for name in groups]
    assert headings == sorted(headings)
    for prefix, group in (("URI_", "uri"), ("HEAD_", "head"), ("REQUEST_", "request"), ("RESPONSE_", "response")):
        named = [number for number, line in enumerate(lines) if re.match(rf"{prefix}[A-Z_]+  §", line)]
        at = groups.index(group)
        assert all(headings[at] < number < headings[at + 1] for number in named)
        assert len(named) == sum(name.startswith(prefix) for name in RULES)


def test_the_payload_is_shown_unmasked() -> None:
    text = on_one_line(render_dissection(dissect(bytes.fromhex("818537fa213d7f9f4d5158")), "en"))
    assert 'unmasked: 48 65 6c 6c 6f "Hello"' in text


def test_nothing_is_shown_of_nothing() -> None:
    assert "no bytes" in printed(render_dissection(dissect(b""), "en"))


# --- Masking ---


@pytest.mark.parametrize("unmasking", [False, True])
@pytest.mark.parametrize("size", [1, 4, 5, 8, 9, 10, 100])
def test_masking_is_shown_byte_by_byte_with_its_bits(size: int, unmasking: bool) -> None:
    payload, key = bytes(range(60, 60 + size)), bytes.fromhex("37fa213d")
    steps: list[MaskByte] = []

    def keep(step: Step) -> None:
        assert isinstance(step, MaskByte)
        steps.append(step)

    result = apply_mask(payload, key, tracer=keep)
    assert result == xor(payload, key)
    text = printed(render_mask(steps, "en", limit=8, unmasking=unmasking))
    rows = [line for line in text.splitlines() if "⊕" in line]
    for index, row in enumerate(rows):
        given, masking, after = payload[index], key[index % 4], xor(payload, key)[index]
        assert [int(byte, 16) for byte in re.findall(r"\b([0-9a-f]{2}) [01]{4} [01]{4}", row)] == [
            given,
            masking,
            after,
        ]
        bits = [int(high + low, 2) for high, low in re.findall(r"([01]{4}) ([01]{4})", row)]
        assert bits == [given, masking, given ^ masking]
        assert f"K{index % 4} " in row
    counted = re.search(r"and (\d+) more", text)
    assert len(rows) + (int(counted[1]) if counted else 0) == size
    assert len(rows) <= 9


# --- Traces ---


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("level", list(Level))
def test_a_trace_has_a_row_for_each_step_of_its_level(level: Level, language: str) -> None:
    trace = recorded("unmasked")
    text = printed(render_trace(trace, language, level=level), width=1000)
    numbers = [int(match[1]) for match in re.finditer(r"^ *(\d+) +\d+\.\d{4} ", text, re.MULTILINE)]
    assert numbers == [record.n for record in trace if record.step.level <= level]
    for record in trace:
        if record.step.level <= level:
            assert squeezed(step_sentence(record.step, language)) in squeezed(text)
            assert step_title(record.step, language) in text
            assert (record.step.rule or "") in text


def test_arrows_point_from_the_left_client_to_the_right_server() -> None:
    text = printed(render_trace(recorded("hello"), "en", level=Level.CORE))
    rows = re.findall(r"(client ─▶|─▶ server|◀─ server|client ◀─) +(Bytes \w+)", text)
    leaving, arriving = {"client ─▶", "◀─ server"}, {"─▶ server", "client ◀─"}
    assert {arrow for arrow, title in rows if title == "Bytes sent"} == leaving
    assert {arrow for arrow, title in rows if title == "Bytes received"} == arriving


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["tour", "both-close", "unmasked"])
def test_states_of_both_endpoints_stand_in_their_columns(name: str, language: str) -> None:
    trace = recorded(name)
    lines = printed(render_states(trace, language), width=300).splitlines()[1:]
    states = dict.fromkeys(Role, "CONNECTING")
    changes = [record for record in trace if isinstance(record.step, (StateChanged, CloseStatus))]
    assert len(lines) == len(changes)
    for line, record in zip(lines, changes, strict=True):
        step = record.step
        assert step.endpoint is not None
        if isinstance(step, StateChanged):
            states[step.endpoint] = step.state if step.state == step.after else f"{step.state} {step.after}"
        else:
            assert isinstance(step, CloseStatus)
            assert f"{'✔' if step.clean else '✖'} {step.code} " in line
        assert re.match(rf" *{record.n} +[\d.]+ +{states[Role.CLIENT]} +{states[Role.SERVER]} ", line)
    assert set(states.values()) == {"CLOSED"}


# --- The opening handshake ---


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_check_of_the_handshake_is_shown_with_rule_and_section(language: str) -> None:
    trace = recorded("tour")
    text = on_one_line(render_handshake(trace, language))
    checks = [record.step for record in trace if isinstance(record.step, HandshakeCheck)]
    assert len({check.rule for check in checks}) == len(checks)
    for check in checks:
        label, looked_for = field_label(check.field, language), check_words(check.rule, language)
        assert looked_for
        colon = "：" if language == "zh" else ": "
        point = re.escape(label) + colon + r"[^✔]*?" + re.escape(looked_for)
        assert re.search(rf"✔ {point} {check.rule} §{check.rfc} ", text)
    assert text.count("✔") == len(checks)


def test_the_three_steps_to_the_accept_value_are_those_of_the_rfc() -> None:
    sample = vectors()["rfc6455"]["handshake"][0]
    steps: list[Any] = []
    accept_key(SAMPLE_KEY, tracer=steps.append)
    rows = re.findall(r"(\d+) bytes (.*?) *$", printed(render_accept(steps, "en")), re.MULTILINE)
    assert rows == [
        (str(len(sample["concatenation"])), sample["concatenation"]),
        (str(len(bytes.fromhex(sample["sha1_hex"]))), sample["sha1_hex"]),
        (str(len(sample["sec_websocket_accept"])), sample["sec_websocket_accept"]),
    ]


def test_a_failed_check_has_a_cross_and_ends_the_list() -> None:
    text = on_one_line(render_handshake(server_alone(changes={"Sec-WebSocket-Version": "8"}), "en"))
    demand = check_words("REQUEST_VERSION_SUPPORTED", "en")
    assert f"✖ Sec-WebSocket-Version: 8 · {demand} REQUEST_VERSION_SUPPORTED §4.2.2" in text
    assert text.count("✖") == 1
    assert "REQUEST_ORIGIN" not in text
    assert "426" in text


def test_nothing_from_the_network_is_obeyed_by_the_terminal() -> None:
    trace = Trace()
    client = Connection(Role.CLIENT, "ws://server.example.com/chat", tracer=trace.recorder())
    client.receive_data(response_head(changes={"X-Title": "\x9b2J\x9d0;owned\x9c", "Upgrade": "\x9b31mwebsocket"}))
    text = printed(render_handshake(trace, "en"), render_trace(trace, "en"))
    assert "owned" in text
    assert [character for character in text if character not in "\n" and not character.isprintable()] == []


# --- Sentences ---

SENTENCES = (
    "客户端发送一段文本。客户端发出的一切都要加掩码，使浏览器里的网页无法左右网络上实际出现的字节；（掩码不保密）。",
    "The server finds CLIENT_MUST_MASK (§5.1) broken at byte 153.",
    "服务器接受连接：“HTTP/1.1 101 Switching Protocols”，带 4 个首部字段；空行之后，双方改说 WebSocket。",
    "abcdefghijklmnopqrstuvwxyz" * 5,
)


@pytest.mark.parametrize("width", [2, 7, 20, 33, 80])
@pytest.mark.parametrize("sentence", SENTENCES)
def test_sentences_wrap_in_either_script_and_lose_nothing(sentence: str, width: int) -> None:
    lines = printed(Prose(sentence), width=width).splitlines()
    assert "".join("".join(lines).split()) == "".join(sentence.split())
    assert too_wide("\n".join(lines), width) == []
    if width >= 20:
        assert [line for line in lines if line[0] in "。，；：）”"] == []
        assert [line for line in lines if line.rstrip()[-1] in "（“"] == []


def test_chinese_fills_its_lines() -> None:
    lines = printed(Prose(SENTENCES[0]), width=40).splitlines()
    assert all(cell_len(line) >= 36 for line in lines[:-1])


def test_words_are_not_cut_where_they_fit() -> None:
    words = SENTENCES[1].split()
    shown = printed(Prose(SENTENCES[1]), width=20).split()
    assert shown == words


def test_styles_survive_wrapping() -> None:
    text = Text("one two three four").append(" five", "red")
    out = printed(Prose(text), width=8, force_terminal=True, color_system="standard", no_color=False)
    assert "\x1b[31mfive" in out
