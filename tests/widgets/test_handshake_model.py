"""The handshake stepper without a page: every check, both verdicts, the key's ways, lines, steps and twins."""

from __future__ import annotations

import base64
import hashlib

import pytest
import websockets.utils
from hypothesis import given
from hypothesis import strategies as st

from wsedu.explain.catalogue import LANGUAGES, part_catalogue
from wsedu.protocol.handshake import GUID
from wsedu.protocol.request import REQUEST_CHECKS
from wsedu.protocol.response import RESPONSE_CHECKS
from wsedu.protocol.types import Role
from wsedu.simulator import simulate
from wsedu.views.handshake_keys import OTHER_KEY, RFC_KEY, WAYS, key_sheet, refusing_rule
from wsedu.views.handshake_lines import Head, typed
from wsedu.views.handshake_model import OPENS, handshake
from wsedu.views.handshake_presets import PRESETS, Policy, Preset
from wsedu.views.handshake_steps import asked, last_step, options, reached, veiled
from wsedu.widgets.base import BadInput
from wsedu.widgets.handshake_stepper import MOST, HandshakeStepper


def judged(preset: Preset, language: str = "en") -> dict[str, dict]:  # type: ignore[type-arg]
    response = None if preset.response is None else Head.read(preset.response)
    return handshake(Head.read(preset.request), response, preset.policy, language)


# --- Verdicts ---


@pytest.mark.parametrize(
    ("name", "status", "rule", "client"),
    [
        ("rfc", "101", None, OPENS),
        ("browser", "101", None, OPENS),
        ("no-upgrade", "426", "REQUEST_UPGRADE", "RESPONSE_STATUS"),
        ("version-8", "426", "REQUEST_VERSION_SUPPORTED", "RESPONSE_STATUS"),
        ("wrong-accept", "101", None, "RESPONSE_ACCEPT"),
        ("cross-site", "403", "REQUEST_ORIGIN", "RESPONSE_STATUS"),
        ("subprotocol", "101", None, "RESPONSE_SUBPROTOCOL_OFFERED"),
        ("two-keys", "400", "REQUEST_KEY_ONCE", "RESPONSE_STATUS"),
        ("http-1.0", "505", "REQUEST_HTTP_VERSION", "RESPONSE_STATUS"),
        ("body", "400", "REQUEST_BODY", "RESPONSE_STATUS"),
        ("line-feed", "400", "HEAD_LINE_END", ""),
        ("post", "405", "REQUEST_METHOD", "RESPONSE_STATUS"),
        ("status-200", "101", None, "RESPONSE_STATUS"),
    ],
)
def test_each_preset_ends_as_it_is_meant_to(name: str, status: str, rule: str | None, client: str) -> None:
    sheet = judged(PRESETS[name])
    assert (sheet["request"]["ends"], sheet["request"]["rule"], sheet["response"]["ends"]) == (status, rule, client)


@pytest.mark.parametrize("origin", ["http://bücher.example", "http://中文.example"])
def test_a_verdict_quotes_a_head_as_its_lines_show_it(origin: str) -> None:
    preset = PRESETS["cross-site"]
    request = Head.read(preset.request.replace(b"http://evil.example", origin.encode()))
    sheet = handshake(request, None, preset.policy, "en")
    (check,) = (check for check in sheet["request"]["checks"] if check["rule"] == "REQUEST_ORIGIN")
    assert sheet["request"]["rule"] == "REQUEST_ORIGIN"
    assert f'"{origin}"' in sheet["request"]["verdict"]
    assert check["found"] == origin
    assert any(line["text"] == f"Origin: {origin}" for line in sheet["request"]["lines"])


def test_a_byte_that_is_no_utf_8_is_quoted_as_its_line_shows_it() -> None:
    preset = PRESETS["cross-site"]
    request = Head.read(preset.request.replace(b"evil", b"\xe9vil"))
    assert '"http://évil.example"' in handshake(request, None, preset.policy, "en")["request"]["verdict"]


def test_every_preset_is_tested_above_and_named_in_both_languages() -> None:
    for language in LANGUAGES:
        words = part_catalogue("handshake_stepper", language)
        assert all(words.has(f"preset.{name}") for name in PRESETS)
        assert all(words.has(f"wrong.{name}") for name in WAYS)
    assert part_catalogue("handshake_stepper", "en").keys() == part_catalogue("handshake_stepper", "zh").keys()


@pytest.mark.parametrize("name", list(PRESETS))
def test_all_checks_stand_in_the_order_of_the_tables_and_the_first_wrong_one_decides(name: str) -> None:
    sheet = judged(PRESETS[name])
    for side, table in (("request", REQUEST_CHECKS), ("response", RESPONSE_CHECKS)):
        checks = sheet[side]["checks"]
        if not checks:
            continue
        assert [check["rule"] for check in checks[1:]] == [check.rule.name for check in table]
        states = [check["state"] for check in checks]
        reached = [state for state in states if state in ("passed", "failed")]
        assert states[: len(reached)] == reached
        assert set(states[len(reached) :]) <= {"later", "also"}
        failed = [check["rule"] for check in checks if check["state"] == "failed"]
        assert failed == ([] if sheet[side]["rule"] is None else [sheet[side]["rule"]])


def test_the_checks_are_those_that_two_real_endpoints_make() -> None:
    """A whole exchange in virtual time, and the same heads in the stepper."""
    trace = simulate("hello", seed=3)
    sent = {record.step.kind: record.step for record in trace if record.step.facts().get("sent")}
    request, response = sent["handshake.request"].facts(), sent["handshake.response"].facts()
    heads = ["\n".join([one["line"], *(f"{n}: {v}" for n, v in one["headers"]), "", ""]) for one in (request, response)]
    stepper = HandshakeStepper(*heads, language="en")
    for side, role in (("request", Role.SERVER), ("response", Role.CLIENT)):
        steps = [r.step.facts() for r in trace if r.step.kind == "handshake.check" and r.step.endpoint is role]
        rows = stepper.sheet[side]["checks"][1:]
        assert [(row["found"], row["state"] == "passed") for row in rows] == [
            (step["found"], step["passed"]) for step in steps
        ]
    assert stepper.sheet["response"]["ends"] == OPENS


def test_what_would_fail_as_well_is_said() -> None:
    request = PRESETS["post"].request.replace(b"Version: 13", b"Version: 8")
    states = {c["rule"]: c["state"] for c in judged(Preset(request))["request"]["checks"]}
    assert (states["REQUEST_METHOD"], states["REQUEST_VERSION_SUPPORTED"]) == ("failed", "also")
    assert states["REQUEST_HOST"] == "later"


# --- The key ---


def test_the_three_steps_are_those_of_another_library() -> None:
    for key in (RFC_KEY, OTHER_KEY, base64.b64encode(bytes(range(16))).decode()):
        sheet = key_sheet(key, "en")
        assert sheet["accept"] == websockets.utils.accept_key(key)
        assert [stage["size"] for stage in sheet["stages"]] == [60, 20, 28]
        assert bytes.fromhex(sheet["stages"][1]["hex"]) == hashlib.sha1((key + GUID).encode()).digest()


def test_every_wrong_way_gives_its_fingerprint_and_is_refused_by_its_check() -> None:
    nonce = b"the sample nonce"
    assert base64.b64encode(nonce).decode() == RFC_KEY
    known = {
        "decoded": base64.b64encode(hashlib.sha1(nonce + GUID.encode()).digest()).decode(),
        "hex": "b37a4f2cc0624f1690f64606cf385945b2bec4ea",
        "no-guid": "hHLtf2V1k8aDQZfNjw3Ia1hCwt0=",
        "guid-first": "2OZf2Seed9yzIpkj+zvC9KS9Mjw=",
        "guid-lower": "WJfwerbIozKsJXHxxI0JTO1SQgU=",
        "guid-dashes": "JE93uw0f/vKl8uDMK0C8ztc6gVM=",
        "guid-bytes": "xffs76SKJEDTEdgIBR+3JQcAg6o=",
        "sha256": "c8qeCxwB8sJPxkSckeL76bKL7f642+KYzDiR7EbKyTY=",
        "md5": "fI/F95pFHyUax3HLt0ktmQ==",
        "crlf": "kex8Ji4w0ek1Mc3Dwcf4mOpf5b4=",
        "unpadded-key": "RZWuh2JK/hL0RMgTNJFfZIAppXg=",
    }
    ways = {way["name"]: way for way in key_sheet(RFC_KEY, "en")["wrong"]}
    assert {name: ways[name]["value"] for name in known} == known
    values = [way["value"] for way in ways.values()]
    assert len(set(values)) == len(values)
    assert {way["rule"] for way in ways.values() if not way["same"]} == {"RESPONSE_ACCEPT"}
    assert [name for name, way in ways.items() if way["same"]] == ["reencoded"]


def test_the_key_of_erratum_3150_shows_what_the_other_cannot() -> None:
    ways = {way["name"]: way for way in key_sheet(OTHER_KEY, "en")["wrong"]}
    assert ways["reencoded"]["rule"] == "RESPONSE_ACCEPT"
    assert refusing_rule(OTHER_KEY, websockets.utils.accept_key(OTHER_KEY)) is None


def test_what_cannot_be_done_with_a_key_is_said() -> None:
    ways = {way["name"]: way for way in key_sheet("no base64!", "en")["wrong"]}
    assert ways["decoded"]["value"] is None


# --- Lines ---


@given(st.binary(max_size=300))
def test_lines_keep_every_byte(data: bytes) -> None:
    assert Head.read(data).data == data


@given(st.binary(max_size=200), st.sampled_from(LANGUAGES))
def test_any_bytes_are_judged_on_both_sides(data: bytes, language: str) -> None:
    sheet = handshake(Head.read(data), Head.read(data), Policy(same_host=True, compress=True), language)
    assert sheet["request"]["verdict"]
    assert sheet["response"]["verdict"]


def test_what_stands_behind_a_head_is_read_as_utf8_and_counted_in_bytes() -> None:
    response = judged(PRESETS["cross-site"])["response"]
    assert "(RFC 6455 §10.2)" in response["rest"]
    assert f"Content-Length: {response['rest_size']}\r\n" in response["raw"]


def test_a_line_is_changed_where_it_went_to() -> None:
    head = Head.read(PRESETS["rfc"].request)
    origin = next(line.number for line in head.lines if line.text.startswith("Origin"))
    changed = head.delete(1).duplicate(origin).insert("X-New: 1").change(origin, "Origin: http://other")
    texts = [line.text for line in changed.lines]
    assert texts.count("Origin: http://other") == texts.count("Origin: http://example.com") == 1
    assert texts[-2:] == ["X-New: 1", ""]
    assert changed.change(1, "gone").data == changed.data


def test_typed_text_gets_the_line_ends_of_the_head() -> None:
    assert typed("GET / HTTP/1.1\nHost: é€\r\n\n", "\r\n") == "GET / HTTP/1.1\r\nHost: é€\r\n\r\n".encode()


def test_what_is_behind_the_head_is_shown_as_utf_8_and_survives_an_edit() -> None:
    stepper = HandshakeStepper(PRESETS["no-upgrade"].request, language="en")
    shown = stepper.sheet["response"]
    body = stepper.response.partition(b"\r\n\r\n")[2]
    assert "§4.2.1" in body.decode()
    assert (shown["rest"], shown["rest_size"]) == (body.decode(), len(body))
    stepper.do_raw("response", shown["raw"].replace("\r\n", "\n"))
    assert stepper.response.partition(b"\r\n\r\n")[2] == body


def test_bytes_behind_the_head_that_are_no_text_are_kept_as_well() -> None:
    data = PRESETS["rfc"].request + bytes.fromhex("81 fe ff 00 c3 a9 e4 b8")
    stepper = HandshakeStepper(data, language="en")
    stepper.do_raw("request", stepper.sheet["request"]["raw"])
    assert stepper.request == data


# --- Text that is not ASCII ---

TYPED = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
ANY_LINE = st.binary(min_size=1, max_size=60).map(lambda raw: raw.replace(b"\r", b" ").replace(b"\n", b" "))


def plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


@given(ANY_LINE, TYPED)
def test_a_line_shows_what_was_typed_into_it_whatever_it_was(raw: bytes, text: str) -> None:
    line = text.replace("\r", " ").replace("\n", " ")
    head = Head.read(raw + b"\r\n\r\n")
    assert head.change(0, text).lines[0].text == line
    added = head.insert(text).lines[1]
    assert (added.text, added.raw) == (line, line.encode())


@given(st.binary(max_size=200), TYPED)
def test_a_whole_head_shows_what_was_typed_into_it_whatever_it_was(data: bytes, text: str) -> None:
    assert plain(Head.read(typed(text, "\r\n", Head.read(data))).text) == plain(text)
    assert typed(text, "\n") == plain(text).encode()


@given(ANY_LINE, st.data())
def test_bytes_that_nobody_touches_stay_as_they_are(raw: bytes, data: st.DataObject) -> None:
    """Each character that is shown is one of UTF-8 or one byte; something typed between two changes neither."""
    line = Head.read(raw).lines[0]
    place = data.draw(st.integers(0, len(line.text)))
    read = raw.decode("utf-8", "surrogateescape")
    wanted = (read[:place] + "中" + read[place:]).encode("utf-8", "surrogateescape")
    text = line.text[:place] + "中" + line.text[place:]
    assert Head.read(raw).change(0, text).data == wanted
    assert typed(text, "\r\n", Head.read(raw)) == wanted


@given(st.binary(max_size=200))
def test_a_head_that_was_shown_and_not_touched_keeps_every_byte(data: bytes) -> None:
    head = Head.read(data)
    assert typed(plain(head.text), head.end, head) == data


def test_bytes_that_are_no_utf8_are_shown_one_by_one_and_what_is_typed_beside_them_is_utf8() -> None:
    head = Head.read(b"GET / HTTP/1.1\r\nX: \xe9\x80 \xe4\xb8\xad\r\n\r\n")
    assert head.lines[1].text == "X: \xe9\x80 中"
    assert head.change(1, "X: \xe9\x80é 中").lines[1].raw == b"X: \xe9\x80\xc3\xa9 \xe4\xb8\xad"


def test_two_bytes_that_become_a_character_by_what_is_taken_out_between_them_are_shown_as_they_were() -> None:
    head = Head.read(b"X: \xc3-\xa9\n\n")
    assert head.lines[0].text == "X: Ã-©"
    assert head.change(0, "X: Ã©").lines[0].text == "X: Ã©"
    assert Head.read(typed("X: Ã©\n\n", "\n", head)).lines[0].text == "X: Ã©"


# --- Step by step ---


@pytest.mark.parametrize("name", list(PRESETS))
def test_nothing_is_told_before_its_step(name: str) -> None:
    sheet = judged(PRESETS[name])
    final = veiled(sheet, last_step(sheet), "en")
    assert {**final} == {**sheet}
    for at in range(last_step(sheet)):
        shown = veiled(sheet, at, "en")
        made = [
            c for side in ("request", "response") for c in shown[side]["checks"] if c["state"] in ("passed", "failed")
        ]
        assert len(made) <= at
        if asked(sheet, at) == "request":
            assert (shown["request"]["ends"], shown["request"]["rule"], shown["response"]["lines"]) == ("", None, [])
        assert shown["response"]["ends"] == ""


def test_every_outcome_can_be_predicted() -> None:
    for preset in PRESETS.values():
        sheet = judged(preset)
        assert sheet["request"]["ends"] in dict(options("request", "en"))
        assert sheet["response"]["ends"] in {"", *dict(options("response", "en"))}


@pytest.mark.parametrize("name", list(PRESETS))
def test_two_jumps_lead_from_question_to_question_and_to_the_end(name: str) -> None:
    stepper = HandshakeStepper(language="en")
    stepper.do_preset(name)
    stepper.do_stepping(True)
    sheet = stepper.sheet
    first = stepper.state["steps"]
    assert (first["at"], first["side"]) == (0, "request")
    stepper.do_jump()
    then = stepper.state["steps"]
    assert then["at"] == reached(sheet, "request") + 1
    assert then["result"]
    assert (first["jump"] == "question") is (then["side"] == "response")
    assert then["jump"] == "verdict"
    stepper.do_jump()
    assert stepper.state["steps"]["at"] == last_step(sheet)
    stepper.do_jump()
    assert stepper.state["steps"]["at"] == last_step(sheet)
    assert len(stepper.predictions) == 1 + (first["jump"] == "question")


def test_predictions_are_kept_and_counted_once() -> None:
    stepper = HandshakeStepper(language="en")
    stepper.do_preset("cross-site")
    stepper.do_stepping(True)
    stepper.do_predict("403")
    while stepper.state["steps"]["at"] < stepper.state["steps"]["last"]:
        stepper.do_go(1)
    stepper.do_go(-stepper.state["steps"]["last"])
    stepper.do_go(stepper.state["steps"]["last"])
    assert stepper.predictions == [
        {"side": "request", "predicted": "403", "actual": "403"},
        {"side": "response", "predicted": None, "actual": "RESPONSE_STATUS"},
    ]
    with pytest.raises(BadInput):
        stepper.do_predict("101")


# --- The widget ---


def test_it_opens_on_what_it_is_given_and_follows_what_python_sets() -> None:
    stepper = HandshakeStepper(PRESETS["version-8"].request, language="en")
    assert stepper.response.startswith(b"HTTP/1.1 426 ")
    stepper.request = PRESETS["rfc"].request
    assert stepper.response.startswith(b"HTTP/1.1 101 ")
    stepper.response = b"HTTP/1.1 200 OK\r\n\r\n"
    assert stepper.sheet["response"]["ends"] == "RESPONSE_STATUS"


@pytest.mark.parametrize("language", LANGUAGES)
def test_bad_input_is_one_line_and_changes_nothing(language: str) -> None:
    stepper = HandshakeStepper(language=language)
    before = stepper.state
    for act in (
        {"do": "raw", "side": "request", "text": "x" * (MOST + 1)},
        {"do": "preset", "name": "nothing"},
        {"do": "policy", "subprotocols": "a b", "same_host": False, "compress": False},
        {"do": "add", "side": "middle"},
        {"do": "predict", "choice": "999"},
    ):
        stepper._received(None, {"view": "v", "seq": 1, "acts": [act]}, [])
        assert stepper.problem["text"]
        assert "\n" not in stepper.problem["text"]
        assert "trace" not in stepper.problem
        assert {**stepper.state, "acks": {}} == {**before, "acks": {}}


def test_a_wrong_way_has_no_place_in_a_refusal_and_that_is_said() -> None:
    stepper = HandshakeStepper(PRESETS["version-8"].request, language="en")
    assert not stepper.state["usable"]
    with pytest.raises(BadInput, match="no Sec-WebSocket-Accept line"):
        stepper.do_use("echo")
    assert HandshakeStepper(language="en").state["usable"]


@pytest.mark.parametrize(("language", "word"), [("en", "not int"), ("zh", "而不是 int")])
@pytest.mark.parametrize("side", ["request", "response"])
def test_what_is_no_head_is_refused_in_one_sentence(side: str, language: str, word: str) -> None:
    with pytest.raises(TypeError, match=word) as refused:
        HandshakeStepper(**{side: 3}, language=language)
    assert "HandshakeStepper(" in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", list(PRESETS))
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_twins_tell_the_same(name: str, language: str) -> None:
    stepper = HandshakeStepper(language=language)
    stepper.do_preset(name)
    first = stepper.sheet["request"]["lines"][0]["text"]
    for made in (stepper.to_text(), stepper.to_html(), stepper.to_svg()):
        assert first in made
        assert all(f"§{check.rule.section}" in made for check in REQUEST_CHECKS)
    assert stepper.sheet["request"]["verdict"] in stepper.to_text()
    assert "<script" not in stepper.to_html()


def test_the_chinese_twin_has_the_punctuation_of_its_language() -> None:
    stepper = HandshakeStepper(language="zh")
    for made in (stepper.to_text(), stepper.to_svg()):
        assert "报文头：" in made
        assert "报文头:" not in made
