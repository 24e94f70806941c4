"""The walk through what a learner does with a film: predict, fork, and be the server."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from playwright.sync_api import expect

from tests.notebooks.walk import Stop, written
from tests.notebooks.walk_film import film
from tests.widgets.films import PLAYER, position
from wsedu.protocol.step import Step
from wsedu.protocol.steps import FrameComplete, HandshakeResponse
from wsedu.simulator import differences
from wsedu.views.predictions import Question, questions
from wsedu.widgets import ExchangeFilm

FORM = ".wsedu-film-question"


# --- Predictions ---


def _to_question(page: Any, made: ExchangeFilm, question: Question) -> None:
    page.locator(".wsedu-film").focus()
    page.keyboard.press("End")
    position(page, made, question.index)
    expect(page.locator(FORM)).to_contain_text(question.text)


def ask(page: Any, made: ExchangeFilm) -> None:
    page.get_by_role("button", name="ask me first").click()
    first = questions(made.steps, "en")[0]
    expect(page.locator(".wsedu-film-marks [data-sign='?']")).to_have_count(len(questions(made.steps, "en")))
    _to_question(page, made, first)
    assert first.reason not in page.locator(".wsedu-film").inner_text(), "the answer is not to be seen"
    expect(page.locator(".wsedu-film-told")).to_contain_text("next: ?")


def answered(page: Any, made: ExchangeFilm) -> None:
    page.get_by_role("button", name="ask me first").click()
    typed, chosen, skipped = questions(made.steps, "en")[:3]
    outcome = page.locator(".wsedu-film-outcome")
    _to_question(page, made, typed)
    page.keyboard.type(typed.answer)
    page.keyboard.press("Enter")
    expect(outcome).to_contain_text(f"Right: {typed.answer}.")
    _to_question(page, made, chosen)
    page.locator(FORM).get_by_label("200").check()
    page.locator(FORM).get_by_role("button", name="Answer").click()
    expect(outcome).to_contain_text(f"Not so: it is {chosen.answer}.")
    expect(outcome).to_contain_text("200 is a success in HTTP, but only 101 opens a WebSocket")
    _to_question(page, made, skipped)
    page.locator(FORM).get_by_role("button", name="skip").click()
    expect(outcome).to_contain_text(f"Skipped. It is {skipped.answer}.")
    expect(page.locator(".wsedu-film-tally")).to_have_text("Asked 3: right 1, wrong 1, skipped 1.")
    assert [entry["said"] for entry in made.predictions] == [typed.answer, "200", ""]
    assert [entry["right"] for entry in made.predictions] == [True, False, False]
    assert [entry["skipped"] for entry in made.predictions] == [False, False, True]
    assert json.loads(written("said.json", made.export_predictions)) == made.predictions
    table = csv.DictReader(io.StringIO(written("said.csv", made.export_predictions)))
    assert [row["question"] for row in table] == [typed.text, chosen.text, skipped.text]


# --- Forks ---


def _first(made: ExchangeFilm, kind: type[Step]) -> int:
    return next(place for place, record in enumerate(made.steps) if isinstance(record.step, kind))


def fork(page: Any, made: ExchangeFilm) -> None:
    before = list(made.trace.records)
    place = _first(made, HandshakeResponse)
    page.evaluate(f"{PLAYER}.go({place})")
    page.locator(".wsedu-film-fault").select_option("vanish")
    page.locator(".wsedu-film").focus()
    page.keyboard.press("f")
    other = page.locator(".wsedu-film-other")
    expect(other).to_contain_text("then the server dies silently. The film above is as it was.")
    assert list(made.trace.records) == before
    found = differences(made.trace, made.fork(made.steps[place].n, "vanish").trace)
    gone = [number for number, record in enumerate(made.steps) if record.n in found.gone]
    assert page.evaluate(f"[...{PLAYER}.lanes.outlined]") == gone, "what does not happen is outlined above"
    assert page.evaluate(f"[...{PLAYER}.panels[1].lanes.outlined]") == made.forked["outlined"], "what is new, below"
    assert made.forked["outlined"]


def faults(page: Any, made: ExchangeFilm) -> None:
    before = list(made.trace.records)
    place = _first(made, FrameComplete)
    page.evaluate(f"{PLAYER}.go({place})")
    menu = page.locator(".wsedu-film-fault")
    names = menu.locator("option").evaluate_all("all => all.map(one => one.value)")
    assert names == ["drop", "cut", "delay", "flip", "inject", "vanish", "close-both"]
    about = page.locator(".wsedu-film-other > p").first
    for name in names:
        was = about.text_content()
        menu.select_option(name)
        page.get_by_role("button", name="fork at this step").click()
        expect(about).not_to_have_text(was)
        expect(about).to_have_text(made.forked["about"])
        assert made.forked["missing"] or made.forked["outlined"], name
        assert list(made.trace.records) == before
    scrubber = page.get_by_role("slider", name="position in the other future")
    scrubber.focus()
    page.keyboard.press("End")
    last = made.fork(made.steps[place].n, "close-both").steps
    expect(scrubber).to_have_value(str(len(last) - 1))


def unforked(page: Any, made: ExchangeFilm) -> None:
    page.keyboard.press("f")
    other = page.locator(".wsedu-film-other")
    expect(other).to_be_visible()
    other.get_by_role("button", name="put away").click()
    expect(other).to_be_hidden()
    assert made.forked == {}


# --- Be the server ---


def server(page: Any, made: ExchangeFilm) -> None:
    page.get_by_role("button", name="be the server").click()
    expect(page.locator(".wsedu-film-now")).to_contain_text("Sec-WebSocket-Key")
    for choice in ("accept", "echo", "pong", "close.1000"):
        page.locator(f"[data-choice='{choice}']").click()
    expect(page.locator(".wsedu-film-now")).to_contain_text("ended cleanly")
    expect(page.locator(".wsedu-film-line-violation")).to_have_count(0)
    assert made.state["server"]["at"] == "over"


def broken(page: Any, _made: ExchangeFilm) -> None:
    page.get_by_role("button", name="be the server").click()
    for choice in ("accept", "echo.masked"):
        page.locator(f"[data-choice='{choice}']").click()
    expect(page.locator(".wsedu-film-line-rule")).to_contain_text("SERVER_MUST_NOT_MASK (§5.1)")


def typed(page: Any, made: ExchangeFilm) -> None:
    page.get_by_role("button", name="be the server").click()
    page.locator("[data-choice='accept']").click()
    field = page.get_by_label("or bytes, in hex")
    field.fill("81 05 68 65 6c 6c 6f")
    page.keyboard.press("Enter")
    expect(page.locator(".wsedu-film-line-verdict").last).to_contain_text("The client got its text back.")
    assert made.state["server"]["at"] == "ping"
    field.fill("8a 05 77 73 65 64 75")
    page.keyboard.press("Enter")
    expect(page.locator(".wsedu-film-line-verdict").last).to_contain_text("The Pong answers the Ping")
    field.fill("88 02 03 e8")
    page.keyboard.press("Enter")
    expect(page.locator(".wsedu-film-prompt")).to_have_text("The connection is over.")


ACTS = (
    Stop("ask", "Predict: the film stops at a question, and what is to come is covered.", film(), ask),
    Stop("answered", "Then reveal: answers typed, chosen or skipped are judged, counted and kept.", film(), answered),
    Stop("fork", "Another future: the server dies silently. What differs is outlined.", film(), fork),
    Stop("faults", "Every fault of the menu; here both close at once.", film("fragments"), faults),
    Stop("unforked", "The other future is put away.", film(), unforked, ".wsedu-film-fork"),
    Stop("server", "Be the server: a client waits for what the learner chooses.", film(), server, ".wsedu-film-server"),
    Stop("broken", "A choice that breaks a rule: the client says which.", film(), broken, ".wsedu-film-server"),
    Stop("typed", "Or the learner types the bytes.", film(), typed, ".wsedu-film-server"),
)
