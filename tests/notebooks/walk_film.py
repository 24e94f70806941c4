"""The walk through the exchange film: what is recorded, how it plays, and what stands behind a step."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from tests.notebooks.walk import Stop
from tests.widgets.films import PLAYER, click_the_first_frame, position
from wsedu.explain.words import step_title
from wsedu.protocol.steps import BytesReceived, FrameComplete, HandshakeResponse, TransportOpened
from wsedu.protocol.types import Direction
from wsedu.simulator import simulate
from wsedu.views.ladder_streams import stretch_of
from wsedu.widgets import ExchangeFilm

NINE = (
    *("hello", "fragments", "early-frame", "both-close", "silent-peer"),
    *("unmasked", "split-utf8", "empty-close", "large"),
)
"""What the keys 1 to 9 record."""


def film(scenario: str = "hello") -> Callable[[], ExchangeFilm]:
    """What records a scenario and plays it."""
    return lambda: ExchangeFilm.record(scenario, seed=1, language="en")


def real(page: Any, made: ExchangeFilm) -> None:
    opened = next(one.step for one in made.trace if isinstance(one.step, TransportOpened))
    assert "127.0.0.1:" in opened.local
    expect(page.locator(".wsedu-film-about")).to_contain_text("REAL: a loopback socket, 127.0.0.1:")
    assert page.evaluate(f"{PLAYER}.playing") is False, "nothing plays by itself"
    position(page, made, 0)


def again(page: Any, made: ExchangeFilm) -> None:
    before = made.trace.bytes_of(Direction.TO_SERVER)
    page.get_by_role("button", name="Record again").click()
    expect(page.locator(".wsedu-film-about")).not_to_have_text(re.compile(r"seed 1$"))
    after = made.trace.bytes_of(Direction.TO_SERVER)
    assert len(after) == len(before)
    assert after != before, "other keys"


def lanes(page: Any, made: ExchangeFilm) -> None:
    page.keyboard.press("End")
    position(page, made, len(made.steps) - 1)
    messages, frames, chunks = (drawn(page, name) for name in ("messages", "frames", "chunks"))
    text = next(one for one in messages if sum(_inside(frame, one) for frame in frames) > 1)
    parts = [one for one in frames if _inside(one, text)]
    assert all(one["x"] > text["x"] for one in parts[1:]), "only the first fragment begins where the message does"
    assert parts[0]["end"] < text["end"], "the message is there only with its last fragment"
    edges = [{round(one["x"]) for one in lane} for lane in (messages, frames, chunks)]
    assert edges[0] != edges[1] != edges[2] != edges[0], "each lane has boundaries of its own"


def drawn(page: Any, lane: str) -> list[dict[str, Any]]:
    """The lines of a lane as they are on the canvas: from where to where, and what is written on each."""
    return page.evaluate(  # type: ignore[no-any-return]
        """lane => {
          const { lanes, store } = document.querySelector('.wsedu-film').wsedu;
          const number = Object.keys(store.lanes).indexOf(lane);
          return store.lanes[lane].map(item => {
            const course = lanes._course(item, number);
            const label = item[6] || `${item[7]} B`;
            return { way: item[1], x: course.began, sent: course.sent, end: course.came, label };
          });
        }""",
        lane,
    )


def _inside(part: dict[str, Any], whole: dict[str, Any]) -> bool:
    """Whether what one line stands for lies in what another one does."""
    return bool(part["way"] == whole["way"] and whole["x"] <= part["x"] and part["end"] <= whole["end"])


def together(page: Any, made: ExchangeFilm) -> None:
    sent = [one.step for one in made.trace if one.step.span and one.step.span.direction is Direction.TO_CLIENT]
    head = next(stretch_of(step) for step in sent if isinstance(step, HandshakeResponse) and step.sent)
    frame = next(stretch_of(step) for step in sent if isinstance(step, FrameComplete) and step.sent)
    place, read = next(
        (n, one.step) for n, one in enumerate(made.steps) if isinstance(one.step, BytesReceived) and one.step in sent
    )
    chunk = stretch_of(read)
    assert chunk.first < head.end == frame.first, "the frame follows the head at once"
    assert frame.end <= chunk.end, "one piece of TCP has the end of the head and all of the frame"
    label = f"{head.size} B + {frame.size} B"
    assert label in [one["label"] for one in drawn(page, "chunks")]
    made.go(made.steps[place].n)
    position(page, made, place)
    expect(page.locator(".wsedu-film-told")).to_contain_text(label)


def states(page: Any, _made: ExchangeFilm) -> None:
    page.keyboard.press("End")
    for role in ("client", "server"):
        expect(page.locator(f".wsedu-film-state-{role}")).to_have_attribute("data-state", "CLOSED")
    page.keyboard.press("Home")
    expect(page.locator(".wsedu-film-state-client")).to_have_attribute("data-state", "CONNECTING")


def step(page: Any, _made: ExchangeFilm) -> None:
    page.locator(".wsedu-film-show").select_option("frame")
    page.locator(".wsedu-film-row", has_text="Frame sent: text").first.click()
    detail = page.locator(".wsedu-film-detail")
    expect(detail.locator("tbody tr").first).to_be_visible()
    expect(detail).to_contain_text("line ")
    assert "def " in detail.locator(".wsedu-film-part-source pre").inner_text()


def told(page: Any, made: ExchangeFilm) -> None:
    for place in range(1, 6):
        page.keyboard.press("PageDown")
        position(page, made, place)
    expect(page.locator(".wsedu-film-told")).to_contain_text("just happened:")
    expect(page.locator(".wsedu-film-told")).to_contain_text(f"next: {_next(made, 6)}")


def _next(made: ExchangeFilm, place: int) -> str:
    step = made.steps[place].step
    who = "network" if step.endpoint is None else step.endpoint.value
    return f"{who} · {step_title(step, 'en')}"


def play(page: Any, made: ExchangeFilm) -> None:
    page.locator(".wsedu-film-choice-speed").select_option("0.5")
    page.keyboard.press("Space")
    page.wait_for_function(f"{PLAYER}.playing")
    page.keyboard.press(".")
    assert page.evaluate(f"{PLAYER}.playing") is False
    page.locator(".wsedu-film-choice-speed").select_option("100")
    page.locator(".wsedu-film").focus()
    page.keyboard.press("Space")
    position(page, made, len(made.steps) - 1)


def back(page: Any, made: ExchangeFilm) -> None:
    last = len(made.steps) - 1
    page.get_by_role("button", name="Last step").click()
    position(page, made, last)
    page.get_by_role("button", name="Step back").click()
    position(page, made, last - 1)
    slider = page.get_by_role("slider", name="Position in the film")
    slider.focus()
    for place in range(last - 2, last - 6, -1):
        page.keyboard.press("ArrowLeft")
        position(page, made, place)
    slider.fill("12")
    position(page, made, 12)
    page.get_by_role("button", name="First step").click()
    page.get_by_role("button", name="Step forward").click()
    position(page, made, 1)
    slider.fill("12")
    position(page, made, 12)


def listed(page: Any, made: ExchangeFilm) -> None:
    page.locator(".wsedu-film-show").select_option("control")
    control = [one for one in made.steps if isinstance(one.step, FrameComplete) and one.step.frame.is_control]
    shown = page.locator(".wsedu-film-filter [role='status']")
    expect(shown).to_have_text(f"{len(control)} of {len(made.steps)} steps")
    page.locator(".wsedu-film-direction").select_option("1")
    returned = [one for one in control if one.step.span and one.step.span.direction is Direction.TO_CLIENT]
    expect(shown).to_have_text(f"{len(returned)} of {len(made.steps)} steps")


def finer(page: Any, made: ExchangeFilm) -> None:
    page.locator(".wsedu-film-choice-level").select_option("2")
    position(page, made, 0)
    assert len(made.steps) == len(made.trace)
    page.locator(".wsedu-film-search").fill("XORed")
    page.locator(".wsedu-film-row").first.click()
    expect(page.locator(".wsedu-film-told")).to_contain_text("XORed")


def scenarios(page: Any, _made: ExchangeFilm) -> None:
    page.keyboard.press("6")
    expect(page.locator(".wsedu-film-scenarios")).to_have_value("unmasked")
    page.locator(".wsedu-film-show").select_option("violation")
    page.locator(".wsedu-film-row").first.click()
    expect(page.locator(".wsedu-film-part-rule")).to_contain_text("CLIENT_MUST_MASK")


def nine(page: Any, made: ExchangeFilm) -> None:
    for number, name in enumerate(NINE, 1):
        page.keyboard.press(str(number))
        expect(page.locator(".wsedu-film-scenarios")).to_have_value(name)
        assert made.trace.header.scenario == name
        position(page, made, 0)
    page.locator(".wsedu-film-scenarios").select_option("compressed")
    position(page, made, 0)
    assert any(one.step.frame.rsv1 for one in made.trace.frames() if isinstance(one.step, FrameComplete))
    page.locator(".wsedu-film-scenarios").select_option("tls")
    expect(page.locator(".wsedu-film-about")).to_contain_text("TLS")
    assert any(one.step.tls for one in made.trace if isinstance(one.step, TransportOpened))


def virtual(page: Any, made: ExchangeFilm) -> None:
    page.locator(".wsedu-film-scenarios").select_option("idle-proxy")
    expect(page.locator(".wsedu-film-about")).to_contain_text("VIRTUAL time")
    page.keyboard.press("End")
    assert made.trace.records[-1].t > 10, "seconds that nobody has waited"
    expect(page.locator(".wsedu-film-row[aria-selected='true']")).to_be_visible()
    clipped = "all => all.filter(one => one.scrollWidth > one.clientWidth).map(one => one.textContent)"
    assert page.locator(".wsedu-film-time").evaluate_all(clipped) == []


def _loaded() -> ExchangeFilm:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "captured.pcapng"
        simulate("fragments", seed=1).save(str(path))
        return ExchangeFilm.load(path, language="en")


def loaded(page: Any, made: ExchangeFilm) -> None:
    expect(page.locator(".wsedu-film-about")).to_contain_text("from captured.pcapng")
    page.locator(".wsedu-film-show").select_option("frame")
    page.locator(".wsedu-film-row").first.click()
    expect(page.locator(".wsedu-film-detail tbody tr").first).to_be_visible()
    original = simulate("fragments", seed=1)
    for direction in Direction:
        assert made.trace.bytes_of(direction) == original.bytes_of(direction)


def projector(page: Any, made: ExchangeFilm) -> None:
    page.keyboard.press("p")
    expect(page.locator(".wsedu-projector")).to_be_visible()
    page.keyboard.press("PageDown")
    position(page, made, 1)
    page.keyboard.press("PageUp")
    position(page, made, 0)
    page.evaluate(f"{PLAYER}.go(13)")


def keys(page: Any, _made: ExchangeFilm) -> None:
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Page Up")


def dark(page: Any, made: ExchangeFilm) -> None:
    page.emulate_media(color_scheme="dark")
    page.keyboard.press("End")
    position(page, made, len(made.steps) - 1)
    page.wait_for_function(f"{PLAYER}.lanes.pen.colours.foreground === getComputedStyle({PLAYER}.root).color")


def static(page: Any, made: ExchangeFilm) -> None:
    rows = [line.split()[0] for line in made.to_text().splitlines() if line.strip()]
    assert [number for number in rows if number.isdecimal()][: len(made.steps)] == [str(one.n) for one in made.steps]
    html = made.to_html()
    assert "<script" not in html
    page.set_content(html)
    expect(page.locator("svg").first).to_be_visible()
    expect(page.locator("h1")).to_contain_text("hello")


PLAYED = (
    Stop("real", "Recorded on a real loopback socket; nothing plays by itself.", film(), real),
    Stop("again", "Recorded again, with other keys.", film(), again),
    Stop("lanes", "Messages, frames and pieces of TCP do not line up.", film("fragments"), lanes),
    Stop("together", "The 101 response and the first frame in one piece of TCP.", film("early-frame"), together),
    Stop("states", "Both endpoints' states at every step.", film(), states),
    Stop("told", "What just happened, and what comes next.", film(), told),
    Stop("play", "Played at a chosen speed, and paused.", film(), play),
    Stop("back", "Forwards and backwards, by buttons and by the scrubber.", film(), back),
)

BEHIND = (
    Stop("step", "A step: its bytes, its fields, and the function that decided it.", film(), step),
    Stop("click_the_first_frame", "A click on a frame in the lanes goes to its step.", film(), click_the_first_frame),
    Stop("listed", "The list of steps, filtered.", film("fragments"), listed),
    Stop("finer", "Finer steps: every masked byte.", film(), finer),
)

SOURCES = (
    Stop("scenarios", "Keys 1 to 9 record scenarios: a client that does not mask.", film(), scenarios),
    Stop("nine", "All of them, and over TLS.", film(), nine),
    Stop("virtual", "What takes minutes is played in virtual time, and says so.", film(), virtual),
    Stop("loaded", "A saved trace or a capture is played as well.", _loaded, loaded),
)

SHOWN = (
    Stop("projector", "Projector mode, with a presenter's remote.", film(), projector),
    Stop("keys", "All keys.", film(), keys),
    Stop("dark", "In a dark theme.", film("both-close"), dark),
    Stop("static", "Without a kernel and without a script: the static form.", film(), static, "body"),
)
