"""`FrameBuilder`: what it opens on, its traits, predictions, and its static twins."""

from __future__ import annotations

import inspect
import json
from pathlib import Path

import pytest
import traitlets
from playwright.sync_api import expect

from tests.widgets.host import Host
from wsedu.explain.catalogue import LANGUAGES, part_catalogue
from wsedu.protocol.dissection import dissect
from wsedu.protocol.frame import Frame
from wsedu.protocol.frames import encode_frame
from wsedu.protocol.rules import LocalViolation
from wsedu.protocol.steps import BytesReceived, BytesSent, FrameComplete, StateChanged
from wsedu.protocol.types import Role
from wsedu.simulator import simulate
from wsedu.views.sheet import flipped
from wsedu.widgets import ClosingMachine, FrameBuilder, HandshakeStepper
from wsedu.widgets.base import BadInput

KEY = bytes.fromhex("37fa213d")
HELLO = encode_frame(Frame.text("Hello", masking_key=KEY))


# --- What it opens on ---


def test_it_opens_on_the_frames_of_a_trace() -> None:
    trace = simulate("hello", seed=1)
    records = [record for record in trace if isinstance(record.step, FrameComplete)]
    assert records
    for record in records:
        step = record.step
        assert isinstance(step, FrameComplete)
        builder = FrameBuilder.from_step(record)
        assert builder.value == FrameBuilder.from_step(step).value == encode_frame(step.frame)
        assert builder.frame is not None
        assert builder.frame.same_as(step.frame)
        assert builder.sender == ("client" if step.frame.masking_key else "server")


def test_it_opens_on_the_chunks_of_a_trace_without_the_handshake() -> None:
    opened = 0
    for record in simulate("hello", seed=1):
        step = record.step
        if not isinstance(step, (BytesSent, BytesReceived)):
            continue
        if step.data.startswith((b"GET ", b"HTTP/")) and step.data.endswith(b"\r\n\r\n"):
            with pytest.raises(BadInput):
                FrameBuilder.from_step(step)
            continue
        builder = FrameBuilder.from_step(record)
        who = step.endpoint if isinstance(step, BytesSent) else step.endpoint and step.endpoint.peer
        assert builder.sender == who
        assert step.data.endswith(builder.value)
        assert all(frame.frame is not None for frame in dissect(builder.value).frames)
        opened += 1
    assert opened


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_step_without_bytes_is_refused(language: str) -> None:
    step = next(record.step for record in simulate("hello", seed=1) if isinstance(record.step, StateChanged))
    with pytest.raises(BadInput) as caught:
        FrameBuilder.from_step(step, language=language)
    assert str(caught.value) == part_catalogue("frame_builder", language).say("bad.step")


def test_it_opens_on_hex_in_any_form_that_decode_reads() -> None:
    dump = "00000000: 8185 37fa 213d 7f9f 4d51 58              ..7.!=..MQX\n"
    for text in (HELLO.hex(), HELLO.hex(" "), repr(HELLO), dump):
        assert FrameBuilder.from_hex(text).value == HELLO
    with pytest.raises(BadInput, match="column 2"):
        FrameBuilder.from_hex("8g", language="en")


@pytest.mark.parametrize("value", ["8105", 7, None, [0x81]])
def test_what_is_not_bytes_is_refused_in_a_sentence(value: object) -> None:
    with pytest.raises(BadInput, match="from_hex"):
        FrameBuilder(value, language="en")  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [b"", b"\x81", b"\x81\xfe\x00", bytes(40), b"\xff" * 30])
def test_it_opens_on_anything(host: Host, value: bytes) -> None:
    page = host.show(FrameBuilder(value, language="en"))
    expect(page.locator("[data-bit]")).to_have_count(8 * min(24, len(value)))
    expect(page.locator(".wsedu-builder-sentence")).not_to_be_empty()


# --- Traits ---


def test_a_frame_that_python_sets_is_shown(host: Host) -> None:
    builder = FrameBuilder(HELLO, language="en")
    page = host.show(builder)
    builder.frame = Frame.ping(b"hi")
    expect(page.locator(".wsedu-builder-sentence")).to_contain_text("A Ping with 2 bytes")
    assert builder.value == encode_frame(Frame.ping(b"hi"))
    with pytest.raises(LocalViolation):
        builder.frame = Frame(16)
    with pytest.raises(traitlets.TraitError):
        builder.value = "text"
    assert builder.value == encode_frame(Frame.ping(b"hi"))


def test_later_cells_can_watch_what_is_built(host: Host) -> None:
    builder = FrameBuilder(HELLO)
    seen: list[bytes] = []
    builder.observe(lambda change: seen.append(change["new"]), "value")
    page = host.show(builder)
    page.locator("[data-bit='4']").click()
    expect(page.locator(".wsedu-builder[aria-busy='false']")).to_be_attached()
    assert seen == [flipped(HELLO, 4)]


# --- Predictions ---


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_learner_commits_before_the_outcome_is_shown(host: Host, language: str, tmp_path: Path) -> None:
    words = part_catalogue("frame_builder", language)
    builder = FrameBuilder(HELLO, language=language)
    page = host.show(builder)
    page.get_by_role("button", name=words.say("builder.predict")).click()
    page.locator("[data-bit='14']").click()
    assert builder.value == HELLO
    expect(page.locator(".wsedu-builder-happened")).to_have_text(words.say("predict.hidden"))
    commit = page.get_by_role("button", name=words.say("predict.commit"))
    expect(commit).to_be_disabled()
    guesses = {"client": "legal", "server": "illegal"}
    for role, guess in guesses.items():
        group = page.get_by_role("radiogroup", name=words.say(f"predict.{role}"))
        group.get_by_role("radio", name=words.say(f"predict.{guess}"), exact=True).check()
    page.get_by_role("spinbutton").fill("7")
    commit.click()
    told = page.locator(".wsedu-predict-told")
    expect(told).to_contain_text(words.say("predict.wrong.client", truth=words.say("predict.incomplete")))
    expect(told).to_contain_text(words.say("predict.tally", right=0, count=1, skipped=0))
    assert builder.value == flipped(HELLO, 14)
    (entry,) = builder.predictions
    assert entry["said"] == guesses | {"length": 7}
    assert entry["truth"] == {"client": "incomplete", "server": "illegal", "length": 7}
    assert (entry["field"], entry["right"], entry["skipped"]) == ("payload_length", False, False)
    builder.save_predictions(tmp_path / "predictions.json")
    assert json.loads((tmp_path / "predictions.json").read_text()) == builder.predictions


def test_a_right_prediction_and_a_skipped_one_are_counted(host: Host) -> None:
    builder = FrameBuilder(HELLO, language="en")
    page = host.show(builder)
    page.get_by_role("button", name="Predict").click()
    page.locator("[data-bit='4']").focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("spinbutton")).to_be_hidden()
    for role in Role:
        group = page.get_by_role("radiogroup", name=f"From a {role.value}")
        group.get_by_role("radio", name="legal" if role is Role.CLIENT else "illegal", exact=True).check()
    page.get_by_role("button", name="Show what happens").click()
    expect(page.locator(".wsedu-predict-told")).to_contain_text("As you said")
    expect(page.locator("[data-bit='4']")).to_be_focused()
    page.locator("[data-bit='0']").click()
    page.get_by_role("button", name="Skip").click()
    expect(page.locator(".wsedu-predict-told")).to_have_text("1 of 1 right, 1 skipped")
    assert [entry["skipped"] for entry in builder.predictions] == [False, True]
    page.get_by_role("button", name="Predict").click()
    page.locator("[data-bit='0']").click()
    expect(page.locator(".wsedu-builder[aria-busy='false']")).to_be_attached()
    assert len(builder.predictions) == 2


def test_a_question_falls_away_when_the_bytes_change_meanwhile(host: Host) -> None:
    builder = FrameBuilder(HELLO, language="en")
    page = host.show(builder)
    page.get_by_role("button", name="Predict").click()
    page.locator("[data-bit='4']").click()
    builder.value = b"\x89\x00"
    expect(page.get_by_role("button", name="Skip")).to_be_hidden()
    assert builder.predictions == []


# --- Static twins ---


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_twins_say_what_the_page_says(host: Host, language: str) -> None:
    builder = FrameBuilder(flipped(HELLO, 8), language=language)
    page = host.show(builder)
    text = builder.to_text()
    html = builder.to_html()
    assert "<script" not in html
    page.locator(".wsedu-builder").wait_for()
    said = [page.locator(".wsedu-builder-sentence").inner_text()]
    said += [page.locator(f"[data-role='{role.value}']").inner_text().partition(" ")[2] for role in Role]
    said += page.locator(".wsedu-field-table td:nth-child(3)").all_inner_texts()
    for sentence in said:
        assert sentence in text
    page.set_content(html)
    for sentence in said:
        assert sentence in page.locator("body").inner_text()
    assert builder.to_svg().startswith("<svg ")


def test_an_output_has_text_and_picture_beside_the_widget() -> None:
    bundle, _metadata = FrameBuilder(HELLO, language="en")._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "image/png", "application/vnd.jupyter.widget-view+json"}
    assert "A complete text message of 5 bytes" in bundle["text/plain"]


@pytest.mark.parametrize("kind", [FrameBuilder, HandshakeStepper, ClosingMachine])
def test_help_says_where_what_was_built_is_and_what_the_twins_give(kind: type) -> None:
    about = inspect.getdoc(kind) or ""
    shown = {FrameBuilder: ("value", "frame"), HandshakeStepper: ("request", "response"), ClosingMachine: ("position",)}
    for name in shown[kind]:
        assert f".{name}" in about
        assert kind.class_traits()[name].help  # type: ignore[attr-defined]
    for twin in ("to_text", "to_svg", "to_html", "to_png"):
        told = inspect.getdoc(getattr(kind, twin)) or ""
        assert "Returns:" in told
        assert "Twins" not in told
