"""The two screens of the product, the frame builder and the exchange film, walked through thing by thing.

Each stop does what a user does and looks at what is then on the screen and in Python. The tests run them all; the
command `tools/walkthrough.py` takes a picture at each and makes docs/walkthrough.md of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from playwright.sync_api import expect

from wsedu.protocol.frame import Frame
from wsedu.protocol.frames import FrameDecoder, encode_frame
from wsedu.protocol.steps import FrameComplete
from wsedu.views.sheet import flipped
from wsedu.widgets import ExchangeFilm, FrameBuilder

KEY = bytes.fromhex("37fa213d")
HELLO = encode_frame(Frame.text("Hello", masking_key=KEY))


class Stop(NamedTuple):
    """Something that a screen has.

    Arguments:
        name: a word for it, which is that of its test and of its picture.
        told: what a reader is told beside the picture.
        make: makes the widget.
        go: does what a user does in the page, given the page and the widget, and looks at what comes of it.
    """

    name: str
    told: str
    make: Callable[[], Any]
    go: Callable[[Any, Any], None]


def _builder() -> FrameBuilder:
    return FrameBuilder(HELLO, language="en")


def _settled(page: Any) -> None:
    expect(page.locator(".wsedu-builder")).to_have_attribute("aria-busy", "false")


def _box(page: Any, name: str) -> Any:
    return page.get_by_role("textbox", name=name, exact=True)


def _panel(page: Any, name: str) -> Any:
    page.locator(f"[data-panel='{name}']").click()
    return page.locator(".wsedu-panel:visible")


# --- The frame builder ---


def flip(page: Any, builder: FrameBuilder) -> None:
    page.locator("[data-bit='4']").click()
    expect(page.locator(".wsedu-builder-sentence")).to_contain_text("Ping")
    expect(page.locator("[data-bit='4']")).to_have_class(re.compile("wsedu-bit-changed"))
    _settled(page)
    assert builder.value == flipped(HELLO, 4)


def edit(page: Any, builder: FrameBuilder) -> None:
    _box(page, "Payload, text").fill("Hi")
    expect(_box(page, "All bytes, hex")).to_have_value(encode_frame(Frame.text("Hi", masking_key=KEY)).hex(" "))
    _box(page, "Python").fill('encode_frame(Frame.ping(b"?", masking_key=bytes.fromhex("00000000")))')
    page.keyboard.press("Enter")
    wanted = encode_frame(Frame.ping(b"?", masking_key=bytes(4)))
    expect(_box(page, "All bytes, hex")).to_have_value(wanted.hex(" "))
    _settled(page)
    assert builder.value == wanted


def pin(page: Any, _builder: FrameBuilder) -> None:
    page.get_by_role("toolbar").get_by_role("button", name="opcode").click()
    page.locator("[data-bit='30']").hover()
    expect(page.locator(".wsedu-pinned-line")).to_contain_text("opcode")
    expect(page.locator(".wsedu-hovered-line")).to_contain_text("Masking-key")
    assert page.locator(".wsedu-bit-pinned").count() == 4


def undo(page: Any, builder: FrameBuilder) -> None:
    page.locator("[data-bit='8']").click()
    page.locator("[data-bit='0']").click()
    _settled(page)
    page.get_by_role("button", name="Undo").click()
    _settled(page)
    assert builder.value == flipped(HELLO, 8)
    page.get_by_role("button", name="Redo").click()
    _settled(page)
    assert builder.value == flipped(flipped(HELLO, 8), 0)


def verdict(page: Any, _builder: FrameBuilder) -> None:
    said = page.locator(".wsedu-builder-verdict")
    expect(said.nth(0)).to_contain_text("✔ Legal from a client")
    expect(said.nth(1)).to_contain_text("SERVER_MUST_NOT_MASK")
    expect(said.nth(1)).to_contain_text("§5.1")


def repair(page: Any, builder: FrameBuilder) -> None:
    for bit in (9, 10, 11, 12, 14, 15):
        page.locator(f"[data-bit='{bit}']").click()
    length = int.from_bytes(HELLO[2:4], "big")
    missing = length - (len(HELLO) - 8)
    expect(page.locator(".wsedu-builder-sentence")).to_contain_text(f"{length:,} bytes")
    expect(page.locator(".wsedu-builder-sentence")).to_contain_text(f"{missing:,} more bytes")
    _settled(page)
    assert builder.value[2:] == HELLO[2:]


def ladder(page: Any, builder: FrameBuilder) -> None:
    slider = page.get_by_role("slider", name="Payload length")
    slider.focus()
    seen = []
    page.keyboard.press("Home")
    for _ in range(7):
        _settled(page)
        seen.append((len(builder.frame.payload), len(builder.value) - len(builder.frame.payload)))
        page.keyboard.press("ArrowRight")
        _settled(page)
    assert [length for length, _ in seen] == [0, 5, 125, 126, 127, 65535, 65536]
    assert [header for _, header in seen] == [6, 6, 6, 8, 8, 8, 14]
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_text("126 bytes of payload: a header of 8 bytes")).to_be_visible()


def microscope(page: Any, _builder: FrameBuilder) -> None:
    panel = _panel(page, "microscope")
    panel.get_by_label("Compare with a wrong rule").select_option("first")
    shown = panel.get_by_role("listbox").get_by_role("option")
    wrong = bytes(byte ^ KEY[0] for byte in b"Hello")
    for place, byte in enumerate(wrong):
        expect(shown.nth(place)).to_contain_text(f"{byte:02x}")


def stream(page: Any, _builder: FrameBuilder) -> None:
    panel = _panel(page, "stream")
    panel.get_by_role("button", name="Add a Ping").click()
    for gap in (1, 4, 8):
        panel.locator(f"[data-gap='{gap}']").click()
        expect(panel.get_by_role("slider")).to_have_count({1: 1, 4: 2, 8: 3}[gap])
    for number in range(3):
        panel.get_by_role("button", name="Next piece").click()
        expect(panel.locator("tbody tr")).to_have_count(number + 1)
    decoder = FrameDecoder()
    assert decoder.feed(HELLO[:8]) == []
    expect(panel.locator("tbody tr").last).to_contain_text("3 more bytes of the payload: 2 of 5")


def challenge(page: Any, builder: FrameBuilder) -> None:
    panel = _panel(page, "deck")
    panel.get_by_role("combobox").select_option("pong")
    _box(page, "All bytes, hex").fill("8a 80 00 00 00 00")
    page.keyboard.press("Enter")
    expect(panel.locator(".wsedu-deck-why")).to_contain_text("§5.5.3")
    assert builder.solved == ["pong"]


def deflate(page: Any, _builder: FrameBuilder) -> None:
    panel = _panel(page, "deflate")
    expect(panel.locator(".wsedu-deflate-wire").first).to_have_text("f2 48 cd c9 c9 07 00")


def predict(page: Any, builder: FrameBuilder) -> None:
    page.get_by_role("button", name="Predict", exact=True).click()
    page.locator("[data-bit='8']").click()
    question = page.get_by_text("You turn MASK, bit 0 of byte 1, to 0. What is it then?")
    expect(question).to_be_visible()
    assert builder.value == HELLO, "nothing is shown before the learner has answered"


# --- The exchange film ---


def _film(scenario: str = "hello") -> Callable[[], ExchangeFilm]:
    return lambda: ExchangeFilm.record(scenario, seed=1, language="en")


def _position(page: Any, film: ExchangeFilm, place: int) -> None:
    expect(page.locator(".wsedu-film-position")).to_have_text(f"step {film.steps[place].n} of {film.steps[-1].n}")


def real(page: Any, film: ExchangeFilm) -> None:
    expect(page.locator(".wsedu-film-about")).to_contain_text("REAL: a loopback socket, 127.0.0.1:")
    assert page.evaluate("document.querySelector('.wsedu-film').wsedu.playing") is False, "nothing plays by itself"
    _position(page, film, 0)


def lanes(page: Any, film: ExchangeFilm) -> None:
    page.keyboard.press("End")
    _position(page, film, len(film.steps) - 1)
    drawn = page.evaluate("""() => Object.values(document.querySelector('.wsedu-film').wsedu.store.lanes).map(
        lane => lane.length)""")
    messages, frames, chunks = drawn
    assert 0 < messages < frames, "a fragmented message is several frames"
    assert chunks > 0


def together(page: Any, film: ExchangeFilm) -> None:
    page.locator(".wsedu-film-search").fill("101")
    page.locator(".wsedu-film-row").first.click()
    expect(page.locator(".wsedu-film-told")).to_contain_text("101")


def states(page: Any, film: ExchangeFilm) -> None:
    page.keyboard.press("End")
    for role in ("client", "server"):
        expect(page.locator(f".wsedu-film-state-{role}")).to_have_attribute("data-state", "CLOSED")
    page.keyboard.press("Home")
    expect(page.locator(".wsedu-film-state-client")).to_have_attribute("data-state", "CONNECTING")


def step(page: Any, film: ExchangeFilm) -> None:
    page.locator(".wsedu-film-show").select_option("frame")
    page.locator(".wsedu-film-row", has_text="Frame sent: text").first.click()
    detail = page.locator(".wsedu-film-detail")
    expect(detail.locator("tbody tr").first).to_be_visible()
    expect(detail).to_contain_text("line ")
    assert "def " in detail.locator(".wsedu-film-part-source pre").inner_text()


def told(page: Any, film: ExchangeFilm) -> None:
    for place in range(1, 6):
        page.keyboard.press("PageDown")
        _position(page, film, place)
    expect(page.locator(".wsedu-film-told")).to_contain_text("just happened:")
    expect(page.locator(".wsedu-film-told")).to_contain_text("next:")


def play(page: Any, film: ExchangeFilm) -> None:
    page.locator(".wsedu-film-choice-speed").select_option("100")
    page.keyboard.press("Space")
    _position(page, film, len(film.steps) - 1)
    page.keyboard.press("ArrowLeft")
    _position(page, film, len(film.steps) - 2)


def listed(page: Any, film: ExchangeFilm) -> None:
    page.locator(".wsedu-film-show").select_option("control")
    control = sum(isinstance(one.step, FrameComplete) and one.step.frame.is_control for one in film.steps)
    expect(page.locator(".wsedu-film-filter [role='status']")).to_have_text(f"{control} of {len(film.steps)} steps")


def scenarios(page: Any, film: ExchangeFilm) -> None:
    page.keyboard.press("6")
    expect(page.locator(".wsedu-film-scenarios")).to_have_value("unmasked")
    page.locator(".wsedu-film-show").select_option("violation")
    page.locator(".wsedu-film-row").first.click()
    expect(page.locator(".wsedu-film-part-rule")).to_contain_text("CLIENT_MUST_MASK")


def projector(page: Any, film: ExchangeFilm) -> None:
    page.keyboard.press("p")
    expect(page.locator(".wsedu-projector")).to_be_visible()
    page.keyboard.press("PageDown")
    _position(page, film, 1)


def keys(page: Any, _film: ExchangeFilm) -> None:
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Page Up")


BUILDER = (
    Stop("flip", "Click a bit: everything else follows, and what changed is marked.", _builder, flip),
    Stop("edit", "Edit the text, the hex, a field or the line of Python: the bits follow.", _builder, edit),
    Stop("pin", "Point at a field for a thin outline; a click on its name pins it with a thick one.", _builder, pin),
    Stop("undo", "Undo and redo.", _builder, undo),
    Stop("verdict", "Legal from a client, illegal from a server: both verdicts, rule and section.", _builder, verdict),
    Stop("repair", "A length that no longer fits is not repaired: the parser says what it needs.", _builder, repair),
    Stop("ladder", "The length ladder: the header grows by 2 and by 8 bytes.", _builder, ladder),
    Stop("microscope", "The XOR microscope, with a wrong rule beside the right one.", _builder, microscope),
    Stop("stream", "The stream strip: TCP does not keep frames together.", _builder, stream),
    Stop("challenge", "The challenge deck is checked while bytes change.", _builder, challenge),
    Stop("deflate", "A message under permessage-deflate.", _builder, deflate),
    Stop("predict", "Predict, then reveal.", _builder, predict),
)

FILM = (
    Stop("real", "Recorded on a real loopback socket; nothing plays by itself.", _film(), real),
    Stop("lanes", "Messages, frames and pieces of TCP do not line up.", _film("fragments"), lanes),
    Stop("together", "The 101 response and the first frame in one piece of TCP.", _film("early-frame"), together),
    Stop("states", "Both endpoints' states at every step.", _film(), states),
    Stop("step", "A step: its bytes, its fields, and the function that decided it.", _film(), step),
    Stop("told", "What just happened, and what comes next.", _film(), told),
    Stop("play", "Played at a chosen speed, and back again.", _film(), play),
    Stop("listed", "The list of steps, filtered.", _film("fragments"), listed),
    Stop("scenarios", "Keys 1 to 9 record scenarios: a client that does not mask.", _film(), scenarios),
    Stop("projector", "Projector mode, with a presenter's remote.", _film(), projector),
    Stop("keys", "All keys.", _film(), keys),
)
