"""Long inputs: what is shown and drawn of them has an end, says what is left out, and judges all of it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.widgets.host import Host
from wsedu.explain.catalogue import LANGUAGES
from wsedu.protocol.frame import Frame
from wsedu.protocol.frames import encode_frame
from wsedu.views import png, stream
from wsedu.views.handshake_pages import LINES
from wsedu.views.sheet import DRAWN, LAID_OUT
from wsedu.views.stream import TOLD
from wsedu.widgets import FrameBuilder, HandshakeStepper
from wsedu.widgets.base import WIDGET_VIEW
from wsedu.widgets.frame_builder import HELLO

KEY = b"abcd"
SHORT = encode_frame(Frame.text("hi", masking_key=KEY))
WRONG = encode_frame(Frame(3, b"", masking_key=KEY))


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """So much time of the processor, whoever else is busy."""
    start = time.process_time()
    yield
    assert time.process_time() - start < seconds


@pytest.mark.parametrize(
    "data", [bytes(400), bytes(2000), bytes(100_000), SHORT * 12_000], ids=["400", "2000", "100000", "legal"]
)
def test_many_small_frames_are_made_shown_and_changed_at_once(data: bytes) -> None:
    with within(1):
        builder = FrameBuilder(data, language="en")
    with within(1):
        builder.do_flip(3)
    with within(1):
        builder.do_undo()
    with within(2):
        bundle, _metadata = builder._repr_mimebundle_()
    assert WIDGET_VIEW in bundle
    assert len(bundle["image/png"]) < 500_000
    count = len(data) // (2 if data[0] == 0 else len(SHORT))
    for made in (builder.to_svg(), builder.to_html()):
        assert f"and {count - DRAWN:,} more frames, not drawn" in re.sub("<[^>]+>", "", made)
    assert len(builder.to_text()) < 20_000
    assert len(str(builder.state)) < 60_000
    assert builder.to_png()


def test_what_is_pasted_is_answered_at_once_and_judged_to_its_end() -> None:
    builder = FrameBuilder(language="en")
    with within(1.5):
        builder.do_hex((SHORT * 12_000 + WRONG).hex())
    assert f"byte {len(SHORT) * 12_000}" in builder.state["sheet"]["verdicts"]["client"]["text"].replace(",", "")
    assert builder.state["sheet"]["missing"] == 0


def test_flips_are_worked_out_beforehand_only_of_few_frames() -> None:
    few, many = FrameBuilder(SHORT * 2), FrameBuilder(bytes(100))
    for builder in (few, many):
        # Nobody looks yet.
        assert builder.state["flips"] == []
        builder._received(builder, {"view": "page", "seq": 0, "acts": [{"do": "hello"}]}, [])
    assert len(few.state["flips"]) == 8 * 2 * len(SHORT)
    assert many.state["flips"] == []
    assert many.state["window"]["foreseen"] is False
    with within(0.2):
        many.do_flip(100)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_stream_tells_of_its_first_frames_and_counts_the_others(language: str) -> None:
    data = encode_frame(Frame.ping()) * 500
    with within(0.5):
        made = stream.stream(data, [], 1, language)
    assert made["read"] == 1000
    assert str(500 - TOLD) in made["log"][0]["gave"]
    assert made["log"][0]["just"].endswith("…")
    cut = stream.stream(data[:-1], [], 1, language)
    assert cut["log"][0]["needs"] == stream.stream(data[:1], [], 1, language)["log"][0]["needs"]


def test_a_picture_that_would_be_too_large_does_not_take_the_widget_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(png, "MAX_PIXELS", 100)
    bundle, _metadata = FrameBuilder()._repr_mimebundle_()
    assert WIDGET_VIEW in bundle
    assert "image/png" not in bundle


def test_the_shown_bytes_and_the_line_of_python_have_room_in_what_is_laid_out() -> None:
    builder = FrameBuilder(bytes(4000))
    builder.do_window(True)
    builder._show()
    sheet = builder.state["sheet"]
    assert len(sheet["bytes"]) == 96
    assert sheet["fields"][-1]["first"] + sheet["fields"][-1]["bits"] == 8 * 96
    assert sheet["python"] == ""
    assert LAID_OUT * len("encode_frame(Frame.ping())") > 2000


HEADS: dict[str, tuple[Any, Any]] = {
    "header": (b"GET / HTTP/1.1\r\nX: " + b"x" * 60_000 + b"\r\n\r\n", None),
    "lines": (b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 3000 + b"\r\n", None),
    "response": (None, b"HTTP/1.1 101 S\r\nX: " + b"y" * 100_000 + b"\r\n\r\n"),
    "no end": (None, b"z" * 100_000),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", HEADS)
def test_long_heads_are_drawn_in_short(name: str, language: str) -> None:
    stepper = HandshakeStepper(*HEADS[name], language=language)
    with within(1):
        bundle, _metadata = stepper._repr_mimebundle_()
    assert WIDGET_VIEW in bundle
    assert "image/png" in bundle
    assert stepper.to_png()
    assert len(stepper.to_html()) < 60_000
    left = {"header": "59,763", "lines": f"{3002 - LINES:,}", "response": "99,763", "no end": "99,760"}[name]
    for made in (stepper.to_text(), stepper.to_svg(), stepper.to_html()):
        assert left in re.sub("<[^>]+>", "", made) or left.replace(",", "") in re.sub("<[^>]+>", "", made)


@pytest.mark.parametrize("data", [HELLO, bytes(400)], ids=["hello", "many"])
def test_the_builder_fits_into_a_narrow_page(host: Host, data: bytes) -> None:
    host.page.set_viewport_size({"width": 400, "height": 900})
    page = host.show(FrameBuilder(data, language="en"))
    expect(page.locator(".wsedu-ladder")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
