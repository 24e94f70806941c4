"""What nobody who only watches can decide has neither tick nor cross: in a terminal, on a page, in a picture."""

from __future__ import annotations

import pytest

from tests.support import request_head, response_head
from tests.views.printing import LANGUAGES, on_one_line
from wsedu.explain.catalogue import catalogue
from wsedu.explain.words import step_sentence
from wsedu.protocol.observer import Observer
from wsedu.protocol.request import REQUEST_CHECKS
from wsedu.protocol.steps import HandshakeCheck
from wsedu.protocol.types import Direction
from wsedu.trace.jsonl import lines, loads
from wsedu.trace.trace import Trace
from wsedu.views.acts import marked_sentence
from wsedu.views.heads import render_handshake
from wsedu.views.html import trace_html
from wsedu.views.ladder import ladder_svg

UNDECIDED = ("REQUEST_AUTHORITY", "REQUEST_ORIGIN")


def overheard() -> Trace:
    trace = Trace()
    observer = Observer(tracer_for=lambda role: trace.recorder(1))
    observer.feed(Direction.TO_SERVER, request_head({"Origin": "http://evil.example"}))
    observer.feed(Direction.TO_CLIENT, response_head(changes={"Upgrade": "h2c"}))
    observer.end(Direction.TO_CLIENT)
    return trace


def checks(trace: Trace) -> list[HandshakeCheck]:
    return [record.step for record in trace if isinstance(record.step, HandshakeCheck)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_terminal_shows_who_decides(language: str) -> None:
    text = on_one_line(render_handshake(overheard(), language))
    server = catalogue(language).say("role.server")
    decides = catalogue(language).say("view.check.decides", who=server)
    assert text.count(decides) == len(UNDECIDED)
    assert text.count("✔") == sum(check.passed is True for check in checks(overheard()))
    assert text.count("✖") == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_and_a_picture_show_it(language: str) -> None:
    words = catalogue(language)
    undecided = words.say("picture.html.undecided", who=words.say("role.server"))
    assert trace_html(overheard(), language=language).count(f">{undecided}<") == len(UNDECIDED)
    ticked = words.say("picture.checks.passed", count=len(REQUEST_CHECKS) - len(UNDECIDED))
    assert ticked in ladder_svg(overheard(), language=language)


def test_a_saved_trace_keeps_it() -> None:
    saved = loads("\n".join(lines(overheard())))
    assert [check.rule for check in checks(saved) if check.passed is None] == list(UNDECIDED)
    assert [check.passed for check in checks(saved)] == [check.passed for check in checks(overheard())]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_verdict_has_its_mark_also_where_it_is_a_heading(language: str) -> None:
    for record in overheard():
        sentence, marked = step_sentence(record.step, language), marked_sentence(record.step, language)
        verdict = record.step.kind in ("violation", "close.status")
        assert marked == (f"✖ {sentence}" if verdict else sentence)
