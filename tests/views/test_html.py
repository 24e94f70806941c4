"""The page of a trace: all of it, in order, readable without a script, and safe whatever a peer has sent."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from tests.views.ladder_traces import ODD, odd, recorded
from wsedu.explain.catalogue import LANGUAGES
from wsedu.explain.words import step_sentence
from wsedu.protocol.steps import HandshakeAccept, HandshakeCheck, Level, Violation
from wsedu.scenarios import SCENARIOS
from wsedu.trace.trace import Trace
from wsedu.views.html import trace_html

VOID = {"meta", "br", "hr", "img", "link", "input"}
# The trace with hundreds of frames makes a page of megabytes: one language of it is enough.
PAGES = [
    (name, language) for name in [*SCENARIOS, *ODD] for language in LANGUAGES if (name, language) != ("many", "zh")
]


class Page(HTMLParser):
    """A page as a list of elements with their text, and what is wrong with its structure."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.ids: list[str] = []
        self.headings: list[int] = []
        self.text: list[str] = []
        self.cells: list[list[str]] = []
        self.feed(source)
        self.close()
        assert not self.open, f"never closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.ids += [value for name, value in attrs if name == "id" and value]
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "tr":
            self.cells.append([])
        if tag in ("td", "th"):
            self.cells[-1].append("")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text.append(data)
        if {"td", "th"} & set(self.open):
            self.cells[-1][-1] += data


def trace_of(name: str) -> Trace:
    return recorded(name) if name in SCENARIOS else odd(name)


@pytest.mark.parametrize(("name", "language"), PAGES)
def test_the_page_is_whole_and_needs_nothing_else(name: str, language: str) -> None:
    source = trace_html(trace_of(name), language=language)
    page = Page(source)
    tags = [tag for tag, _ in page.tags]
    assert not set(tags) & {"script", "link", "img", "iframe", "object", "embed", "form", "base"}
    for tag, attributes in page.tags:
        for attribute, value in attributes.items():
            assert not attribute.startswith("on"), (tag, attribute)
            assert attribute not in ("src", "srcset", "xlink:href", "action"), (tag, attribute)
            # Links lead to parts of the page, which are there.
            assert attribute != "href" or (value or "")[:1] == "#", (tag, value)
            assert attribute != "href" or (value or "")[1:] in page.ids, value
            assert "//" not in (value or "") or attribute == "xmlns", (tag, attribute, value)
    assert page.tags[0] == ("html", {"lang": "zh-Hans" if language == "zh" else "en"})
    assert tags.count("main") == tags.count("h1") == tags.count("title") - tags.count("svg") == 1
    # No heading skips a level, and what labels something exists.
    assert all(after <= before + 1 for before, after in zip(page.headings, page.headings[1:], strict=False))
    for _, attributes in page.tags:
        for label in (attributes.get("aria-labelledby") or "").split():
            assert label in page.ids
    for tag, attributes in page.tags:
        if tag == "th":
            assert attributes["scope"] in ("col", "row")
    style = source.partition("<style>")[2].partition("</style>")[0]
    assert "prefers-color-scheme:dark" in style
    assert "@media print" in style
    assert "url(" not in style
    assert "@import" not in style


def test_two_pictures_never_share_a_name_for_different_things() -> None:
    """The same frame twice may have the same names; anything else may not."""
    source = trace_html(recorded("fragments"), language="en")
    drawings = re.findall(r"<svg .*?</svg>", source, re.DOTALL)
    names = [re.findall(r' id="([^"]+)"', drawing) for drawing in drawings]
    for one, first in enumerate(drawings):
        for other in range(one + 1, len(drawings)):
            assert not set(names[one]) & set(names[other]) or first == drawings[other]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["tour", "unmasked", "silent-peer", "early-frame"])
def test_everything_of_the_trace_is_told(name: str, language: str) -> None:
    trace = recorded(name)
    page = Page(trace_html(trace, language=language))
    text = "\n".join(page.text)
    for record in trace.records:
        step = record.step
        if step.level <= Level.BASE:
            row = next(row for row in page.cells if row[0] == str(record.n) and len(row) == 5)
            assert row[1] == f"{1000 * record.t:,.3f}"
            assert row[4] == step_sentence(step, language)
        if isinstance(step, Violation):
            assert f"✖ {step.rule}" in text
        if isinstance(step, HandshakeCheck):
            assert any(step.rule in row for row in page.cells if step.rule)
        if isinstance(step, HandshakeAccept) and step.stage == "base64":
            assert step.result.decode() in text
    assert sum(tag == "article" for tag, _ in page.tags) == len(trace.frames())
    for record in trace.frames():
        span = record.step.span
        assert span is not None
        wire = trace.bytes_of(span.direction)[span.first_bit // 8 :][: min(span.bits // 8, 40)]
        assert wire.hex(" ") in text
    for role in ("client", "server"):
        opened = next(r.step for r in trace.records if r.step.kind == "transport.opened" and r.step.endpoint == role)
        assert opened.local in text  # type: ignore[attr-defined]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_list_leads_to_every_section(language: str) -> None:
    page = Page(trace_html(recorded("hello"), language=language))
    sections = [attributes["id"] for tag, attributes in page.tags if tag == "section"]
    assert [attributes["href"] for tag, attributes in page.tags if tag == "a"] == [f"#{name}" for name in sections]
    assert len(sections) > 4


def test_what_a_peer_has_sent_cannot_become_a_part_of_the_page() -> None:
    source = trace_html(odd("scripts"), language="en")
    assert "<script" not in source
    assert "&lt;script&gt;" in source
    assert "\x1b" not in source
    assert "\x00" not in source
    assert "\u202e" not in source


def test_a_trace_without_anything_is_said_to_be_empty() -> None:
    text = "".join(Page(trace_html(odd("empty"), language="en")).text)
    assert "No rule was broken." in text
    assert "No frame was recorded." in text
    assert "This trace holds nothing that travels." in text
