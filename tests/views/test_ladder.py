"""The ladder diagram: every frame, state and broken rule of a trace is in it, in a document that needs nothing else."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest

from tests.views.ladder_traces import ODD, in_memory, odd, recorded
from wsedu.explain.catalogue import LANGUAGES, catalogue
from wsedu.protocol.connection import Connection
from wsedu.protocol.frame import Frame
from wsedu.protocol.steps import FrameComplete, Violation
from wsedu.protocol.types import Opcode, State
from wsedu.scenarios import SCENARIOS
from wsedu.trace.trace import Trace
from wsedu.views.ladder import ladder_svg
from wsedu.views.palette import THEMES, contrast

SVG = "{http://www.w3.org/2000/svg}"
TRACES = [*SCENARIOS, *ODD]


def trace_of(name: str) -> Trace:
    return recorded(name) if name in SCENARIOS else odd(name)


def texts(svg: str) -> list[str]:
    """The content of every text element, in document order."""
    return ["".join(node.itertext()) for node in ET.fromstring(svg).iter(f"{SVG}text")]


def height(svg: str) -> float:
    return float(ET.fromstring(svg).attrib["height"])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", TRACES)
def test_the_document_is_well_formed_and_needs_nothing_else(name: str, language: str) -> None:
    svg = ladder_svg(trace_of(name), language=language)
    root = ET.fromstring(svg)
    assert root.tag == f"{SVG}svg"
    assert root.attrib["role"] == "img"
    assert root.attrib["lang"] == ("zh-Hans" if language == "zh" else "en")
    named = {node.attrib["id"]: node for node in root.iter() if "id" in node.attrib}
    for name_of_label in root.attrib["aria-labelledby"].split():
        assert (named[name_of_label].text or "").strip()
    tags = {node.tag.removeprefix(SVG) for node in root.iter()}
    assert not tags & {"script", "image", "use", "foreignObject", "a"}
    for node in root.iter():
        for attribute, value in node.attrib.items():
            assert not attribute.startswith("on"), attribute
            assert "href" not in attribute
            assert "http" not in value or node.tag == f"{SVG}svg"
    style = next(node.text or "" for node in root.iter(f"{SVG}style"))
    assert "@import" not in style
    assert "url(" not in style
    assert "@font-face" not in style
    # Every texture that is referred to is defined in the same document.
    used = set(re.findall(r"url\(#([^)]+)\)", svg))
    assert used <= set(named)


@pytest.mark.parametrize("name", TRACES)
def test_every_frame_state_and_violation_is_drawn(name: str) -> None:
    trace = trace_of(name)
    shown = texts(ladder_svg(trace, language="en"))
    words = catalogue("en")
    sent = [record.step for record in trace.records if isinstance(record.step, FrameComplete) and record.step.sent]
    for opcode in Opcode:
        title = words.say(f"opcode.{opcode.name.lower()}")
        drawn = [line for line in shown if re.fullmatch(rf"{re.escape(title)}( \d+/\d+)?", line)]
        assert len(drawn) >= sum(step.frame.opcode == opcode for step in sent), title
    states = {
        (record.step.endpoint, record.step.state)  # type: ignore[attr-defined]
        for record in trace.records
        if record.step.kind == "state.changed"
    }
    for state in State:
        # Once for every endpoint that got there, and once in the legend.
        got_there = sum(reached == state.value for _, reached in states)
        assert shown.count(state.value) >= got_there + (got_there > 0)
    joined = "\n".join(shown)
    for record in trace.records:
        if isinstance(record.step, Violation):
            assert f"✖ {record.step.rule}" in shown
            assert f"§{record.step.rfc}" in joined
            if record.step.offset is not None:
                assert f"byte {record.step.offset:,}" in joined


def test_a_frame_is_told_with_its_bits_its_length_and_its_payload() -> None:
    trace = in_memory(lambda client, server: client.send_frame(Frame.binary(bytes(7), fin=False, masking_key=b"abcd")))
    shown = texts(ladder_svg(trace, language="en"))
    start = next(index for index, line in enumerate(shown) if line.startswith("binary"))
    assert shown[start : start + 9] == ["binary 1/1", "F", "0", "M", "1", "L", "7", "P", "00 00 00 00 00 00 00"]


def test_fragments_are_numbered_around_the_control_frame_between_them() -> None:
    shown = texts(ladder_svg(recorded("fragments"), language="en"))
    titles = [line for line in shown if re.fullmatch(r"(text|continuation|Ping) ?(\d/\d)?", line)]
    assert titles == ["text 1/4", "Ping", "continuation 2/4", "continuation 3/4", "continuation 4/4"]


def test_the_response_and_the_early_frame_are_one_chunk() -> None:
    trace = recorded("early-frame")
    chunk = next(r.step.data for r in trace.records if r.step.kind == "bytes.received" and r.step.endpoint == "client")  # type: ignore[attr-defined]
    assert chunk.endswith(b"\r\n\r\n\x89\x00")
    assert f"chunk 1 · {len(chunk)} bytes" in texts(ladder_svg(trace, language="en"))


def test_messages_sent_at_once_cross() -> None:
    """Both arrows go down, and each ends below the beginning of the other."""
    svg = ladder_svg(recorded("both-close"), language="en")
    ways = [
        re.findall(r"[\d.]+", path)
        for path in re.findall(r'<path d="([^"]+)" class="ws-fore"[^>]*dasharray="9 5"', svg)
    ]
    (right, left) = sorted(([float(value) for value in way] for way in ways[:2]), key=lambda way: way[0])
    assert right[0] < left[0], "one from the left, one from the right"
    assert right[1] < left[-1]
    assert left[1] < right[-1]


def test_what_is_never_read_or_thrown_away_says_so() -> None:
    assert "✖ never read" in texts(ladder_svg(recorded("silent-peer"), language="en"))
    unmasked = texts(ladder_svg(recorded("unmasked"), language="en"))
    assert "✖ ignored" in unmasked
    assert "✖ 8 bytes ignored" in unmasked


def test_what_follows_a_broken_rule_in_the_same_chunk_is_ignored_too() -> None:
    shown = texts(ladder_svg(odd("reserved"), language="en"))
    assert "✖ ignored" in shown[shown.index('"too late"') :]


def test_an_endpoint_that_was_not_recorded_is_not_given_states_or_losses() -> None:
    shown = texts(ladder_svg(odd("client only"), language="en"))
    assert "not recorded" in shown
    assert "✖ never read" not in shown
    assert shown.count("OPEN") == 2, "the client's, and the legend's"


def test_the_picture_grows_with_the_trace() -> None:
    def play(count: int) -> Trace:
        def send(client: Connection, server: Connection) -> None:
            for _ in range(count):
                client.send_text("x")

        return in_memory(send)

    heights = [height(ladder_svg(play(count), language="en")) for count in (1, 10, 100)]
    assert heights[0] < heights[1] < heights[2]
    assert heights[2] > 100 * 40, "a hundred cards have room one below the other"


def test_the_time_of_the_trace_is_printed() -> None:
    trace = odd("two connections")
    shown = texts(ladder_svg(trace, language="en"))
    for record in trace.frames():
        assert f"{1000 * record.t:,.3f}" in shown


def test_the_legend_explains_what_is_drawn_and_nothing_else() -> None:
    words = catalogue("en")

    def legend(name: str) -> list[str]:
        shown = texts(ladder_svg(trace_of(name), language="en"))
        return shown[shown.index(words.say("picture.legend")) :]

    fragments = words.say("picture.legend.fragments")
    assert fragments in legend("fragments")
    assert fragments not in legend("hello")
    assert words.say("picture.legend.reason") not in legend("empty-close")
    assert words.say("picture.legend.code") in legend("hello")
    assert words.say("picture.legend") not in texts(ladder_svg(odd("empty"), language="en"))


def test_the_same_trace_gives_the_same_picture() -> None:
    assert ladder_svg(odd("burst"), language="zh") == ladder_svg(odd("burst"), language="zh")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_theme_colours_text_legibly(theme: str) -> None:
    svg = ladder_svg(recorded("hello"), language="en", theme=theme)  # type: ignore[arg-type]
    background = re.search(r"\.ws-bg\{fill:(#\w+)", svg)
    assert background is not None
    assert background[1] == THEMES[theme].background
    for cls in ("t", "m", "good", "bad"):
        colour = re.search(rf"\.ws-{cls}\{{fill:(#\w+)", svg)
        assert colour is not None
        assert contrast(colour[1], background[1]) >= 4.5


def test_auto_has_both_themes_and_is_light_on_paper() -> None:
    svg = ladder_svg(recorded("hello"), language="en")
    light, _, dark = svg.partition("@media screen and (prefers-color-scheme:dark)")
    assert THEMES["light"].background in light
    assert THEMES["dark"].background in dark


def test_an_unknown_theme_or_language_is_refused() -> None:
    with pytest.raises(ValueError, match="sepia"):
        ladder_svg(recorded("hello"), language="en", theme="sepia")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="fr"):
        ladder_svg(recorded("hello"), language="fr")
