"""Predictions, forks and "be the server" of `ExchangeFilm`, in a page and from Python."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.widgets.axe import complaints
from tests.widgets.host import Host
from wsedu.explain.catalogue import part_catalogue
from wsedu.explain.words import rule_sentence
from wsedu.protocol.frame import Frame
from wsedu.protocol.frames import encode_frame
from wsedu.protocol.rules import RULES
from wsedu.protocol.steps import CloseStatus, HandshakeResponse
from wsedu.protocol.types import Direction, Role
from wsedu.simulator import differences
from wsedu.trace.trace import Trace
from wsedu.views.predictions import judged, questions
from wsedu.widgets import ExchangeFilm
from wsedu.widgets.base import BadInput
from wsedu.widgets.film_acts import FAULTS
from wsedu.widgets.film_server import CHOICES


@pytest.fixture
def film() -> ExchangeFilm:
    return ExchangeFilm.record("hello", seed=1, language="en")


def open_page(host: Host, film: ExchangeFilm) -> Any:
    page = host.show(film)
    page.locator(".wsedu-film").focus()
    return page


def position(page: Any, place: int, film: ExchangeFilm) -> None:
    expect(page.locator(".wsedu-film-position")).to_have_text(f"step {place + 1} of {len(film.steps)}")


# --- Predictions ---


def test_the_answers_are_those_of_the_wire(film: ExchangeFilm) -> None:
    made = {question.kind: question for question in questions(film.steps, "en")}
    sent = film.trace.bytes_of(Direction.TO_SERVER)
    back = film.trace.bytes_of(Direction.TO_CLIENT)
    client, server = (film.trace.frames(direction)[0].step for direction in Direction)
    assert client.span is not None
    assert server.span is not None
    first, reply = client.span.first_bit // 8, server.span.first_bit // 8
    assert made["bytes"].answer == sent[:2].hex(" ")
    assert made["frame"].answer == sent[first : first + 2].hex(" ")
    assert int(made["size"].answer) == server.span.bits // 8
    assert back[reply:].startswith(encode_frame(Frame.text("Hello")))
    assert made["answer"].answer == back.split(b" ")[1].decode()
    status = next(r.step for r in film.steps if isinstance(r.step, CloseStatus) and r.step.endpoint is Role.CLIENT)
    assert made["code"].answer == str(status.code)


def test_hex_is_taken_however_it_is_written(film: ExchangeFilm) -> None:
    question = next(one for one in questions(film.steps, "en") if one.kind == "frame")
    for said in (question.answer, question.answer.upper(), question.answer.replace(" ", ""), f"0x{question.answer}"):
        assert judged(question, said)
    assert not judged(question, "81")


def test_a_known_wrong_idea_is_named(film: ExchangeFilm) -> None:
    film.asking = True
    question = next(one for one in questions(film.steps, "en") if one.kind == "frame")
    first, second = bytes.fromhex(question.answer)
    film.do_predict(question.n, bytes((first, second & 0x7F)).hex())
    unmasked = film.predictions[-1]["idea"]
    assert not film.predictions[-1]["right"]
    assert "mask" in unmasked


def test_the_film_stops_until_the_learner_commits_or_skips(host: Host, film: ExchangeFilm) -> None:
    page = open_page(host, film)
    found = questions(film.steps, "en")
    page.locator(".wsedu-film-asking").press("Enter")
    form = page.locator(".wsedu-film-question")
    for number, question in enumerate(found):
        page.locator(".wsedu-film").focus()
        page.keyboard.press("End")
        position(page, question.index, film)
        expect(form).to_contain_text(question.text)
        if number == 1:
            form.locator(".wsedu-film-skip").press("Enter")
        elif question.options:
            wrong = next(value for value, _ in question.options if value != question.answer)
            form.locator(f"input[value='{question.answer if number % 2 else wrong}']").check()
            form.get_by_role("button", name="commit").press("Enter")
        else:
            page.keyboard.type(question.answer)
            page.keyboard.press("Enter")
        expect(page.locator(".wsedu-film-outcome")).to_contain_text(question.reason)
    page.locator(".wsedu-film").focus()
    page.keyboard.press("End")
    position(page, len(film.steps) - 1, film)
    entries = film.predictions
    right = sum(entry["right"] for entry in entries)
    assert len(entries) == len(found)
    assert [entry["skipped"] for entry in entries].count(True) == 1
    assert 0 < right < len(entries) - 1
    expect(page.locator(".wsedu-film-tally")).to_have_text(
        f"Asked {len(entries)}: right {right}, wrong {len(entries) - right - 1}, skipped 1."
    )


def test_the_answer_is_not_in_the_page_before_it_is_given(host: Host, film: ExchangeFilm) -> None:
    page = open_page(host, film)
    page.locator(".wsedu-film-asking").press("Enter")
    page.locator(".wsedu-film").focus()
    page.keyboard.press("End")
    question = questions(film.steps, "en")[0]
    expect(page.locator(".wsedu-film-question")).to_be_visible()
    assert question.reason not in page.locator(".wsedu-film").inner_text()
    assert all("answer" not in asked for asked in film.state["questions"])


def test_predictions_are_exported(film: ExchangeFilm, tmp_path: Path) -> None:
    film.asking = True
    first, second, *_ = questions(film.steps, "en")
    film.do_predict(first.n, first.answer)
    film.do_predict(second.n, skipped=True)
    film.export_predictions(tmp_path / "said.json")
    film.export_predictions(tmp_path / "said.csv")
    assert json.loads((tmp_path / "said.json").read_text()) == film.predictions
    with (tmp_path / "said.csv").open(newline="") as table:
        assert [row["right"] for row in csv.DictReader(table)] == ["True", "False"]
    with pytest.raises(BadInput):
        film.do_predict(first.n, first.answer)


def test_the_text_ends_with_questions_and_answers(film: ExchangeFilm) -> None:
    told = film.to_text()
    for question in questions(film.steps, "en"):
        assert told.index(question.text) < told.rindex(question.reason)


# --- Forks ---


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fork_is_another_film_and_leaves_this_one(film: ExchangeFilm, fault: str) -> None:
    before = list(film.trace.records)
    opened = next(record.n for record in film.steps if isinstance(record.step, HandshakeResponse))
    other = film.fork(opened, fault)
    found = differences(film.trace, other.trace)
    assert film.trace.records == before
    assert found.new or found.gone


def test_a_fork_grows_under_the_film_with_what_differs_outlined(host: Host, film: ExchangeFilm) -> None:
    page = open_page(host, film)
    response = next(place for place, record in enumerate(film.steps) if isinstance(record.step, HandshakeResponse))
    page.evaluate("place => document.querySelector('.wsedu-film').wsedu.go(place)", response)
    page.locator(".wsedu-film-fault").select_option("vanish")
    page.locator(".wsedu-film").focus()
    page.keyboard.press("f")
    other = page.locator(".wsedu-film-other")
    expect(other).to_be_visible()
    forked = film.fork(film.steps[response].n, "vanish")
    found = differences(film.trace, forked.trace)
    numbers = {record.n: place for place, record in enumerate(forked.steps)}
    assert film.forked["outlined"] == [numbers[n] for n in sorted({*found.new, *found.moved}) if n in numbers]
    gone = [place for place, record in enumerate(film.steps) if record.n in found.gone]
    outlined = "[...document.querySelector('.wsedu-film').wsedu.lanes.outlined]"
    assert page.evaluate(outlined) == film.forked["missing"] == gone
    expect(other.locator(".wsedu-film-fork-new li")).to_have_count(len([n for n in found.new if n in numbers]))
    other.get_by_role("button", name="put away").press("Enter")
    expect(other).to_be_hidden()


def test_what_cannot_be_forked_is_said_in_a_line(host: Host, film: ExchangeFilm) -> None:
    trace = film.trace
    header = replace(trace.header, seed=None)
    film = ExchangeFilm(Trace(header, trace.level, trace.clock, trace.records), language="en")
    page = open_page(host, film)
    page.keyboard.press("f")
    expect(page.get_by_role("alert")).to_contain_text("cannot be forked here")
    with pytest.raises(ValueError, match="no fault melt"):
        film.fork(1, "melt")


# --- Be the server ---


def test_a_good_server_brings_the_client_to_a_clean_end(host: Host, film: ExchangeFilm) -> None:
    page = open_page(host, film)
    page.locator(".wsedu-film-be-server").press("Enter")
    for choice in ("accept", "echo", "pong", "close.1000"):
        page.locator(f"[data-choice='{choice}']").press("Enter")
    lines = page.locator(".wsedu-film-now")
    expect(lines).to_contain_text("ended cleanly")
    expect(page.locator(".wsedu-film-line-violation")).to_have_count(0)
    expect(page.locator(".wsedu-film-choices button")).to_have_count(0)


@pytest.mark.parametrize(
    ("moves", "rule"),
    [
        (("refuse.200",), "RESPONSE_STATUS"),
        (("accept", "echo.masked"), "SERVER_MUST_NOT_MASK"),
        (("accept", "echo", "pong", "close.1005"), "CLOSE_CODE"),
    ],
)
def test_a_broken_rule_is_named(host: Host, film: ExchangeFilm, moves: tuple[str, ...], rule: str) -> None:
    page = open_page(host, film)
    page.locator(".wsedu-film-be-server").click()
    for choice in moves:
        page.locator(f"[data-choice='{choice}']").click()
    expect(page.locator(".wsedu-film-line-rule")).to_contain_text(rule_sentence(RULES[rule], "en"))


def test_typed_bytes_go_to_the_client_as_they_are(host: Host, film: ExchangeFilm) -> None:
    page = open_page(host, film)
    page.locator(".wsedu-film-be-server").click()
    page.locator("[data-choice='accept']").click()
    field = page.get_by_label("or bytes, in hex")
    field.fill("8z")
    field.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Not hex")
    field.fill("83 00")
    field.press("Enter")
    expect(page.locator(".wsedu-film-line-rule")).to_contain_text("§5.2")


# --- For everybody ---


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_in_the_panels_and_leaves_nothing_open(host: Host, film: ExchangeFilm, theme: Any) -> None:
    host.page.emulate_media(color_scheme=theme)
    host.page.set_viewport_size({"width": 1100, "height": 3000})
    page = open_page(host, film)
    page.locator(".wsedu-film-be-server").click()
    for choice in ("accept", "echo.masked"):
        page.locator(f"[data-choice='{choice}']").click()
    page.keyboard.press("f")
    expect(page.locator(".wsedu-film-other")).to_be_visible()
    page.locator(".wsedu-film-asking").click()
    page.locator(".wsedu-film").focus()
    page.keyboard.press("End")
    expect(page.locator(".wsedu-film-question")).to_be_visible()
    wrong, contrast = complaints(page)
    assert wrong == []
    assert contrast > 50


def test_both_languages_have_the_same_texts_with_the_same_facts() -> None:
    english, chinese = (part_catalogue("film_panels", language).texts for language in ("en", "zh"))
    assert english.keys() == chinese.keys()
    for key, text in english.items():
        facts = [set(re.findall(r"\{(\w+)", one)) for one in (text, chinese[key])]
        assert facts[0] == facts[1], key
    for choices in CHOICES.values():
        assert {f"server.do.{choice}" for choice in choices} <= english.keys()
    assert {f"fork.{fault}" for fault in FAULTS} <= english.keys()
