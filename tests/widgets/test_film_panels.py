"""Predictions, forks and "be the server" of `ExchangeFilm`, in a page and from Python."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.widgets.axe import complaints
from tests.widgets.films import PLAYER, hello, open_page, position
from tests.widgets.host import Host
from wsedu.explain.catalogue import part_catalogue
from wsedu.protocol.frame import Frame
from wsedu.protocol.frames import encode_frame
from wsedu.protocol.steps import CloseStatus
from wsedu.protocol.types import Direction, Role
from wsedu.views.predictions import judged, questions
from wsedu.widgets import ExchangeFilm
from wsedu.widgets.base import BadInput


@pytest.fixture
def film() -> ExchangeFilm:
    return hello()


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
    assert not film.predictions[-1]["right"]
    assert film.predictions[-1]["idea"].startswith("That frame is not masked")


def test_the_film_stops_until_the_learner_commits_or_skips(host: Host, film: ExchangeFilm) -> None:
    page = open_page(host, film)
    found = questions(film.steps, "en")
    page.locator(".wsedu-film-asking").press("Enter")
    form = page.locator(".wsedu-film-question")
    for number, question in enumerate(found):
        page.locator(".wsedu-film").focus()
        page.keyboard.press("End")
        position(page, film, question.index)
        expect(form).to_contain_text(question.text)
        if number == 1:
            form.locator(".wsedu-film-skip").press("Enter")
        elif question.options:
            wrong = next(value for value, _ in question.options if value != question.answer)
            form.locator(f"input[value='{question.answer if number % 2 else wrong}']").check()
            form.get_by_role("button", name="Answer").press("Enter")
        else:
            page.keyboard.type(question.answer)
            page.keyboard.press("Enter")
        expect(page.locator(".wsedu-film-outcome")).to_contain_text(question.reason)
    page.locator(".wsedu-film").focus()
    page.keyboard.press("End")
    position(page, film, len(film.steps) - 1)
    entries = film.predictions
    right = sum(entry["right"] for entry in entries)
    assert len(entries) == len(found)
    assert [entry["skipped"] for entry in entries].count(True) == 1
    assert 0 < right < len(entries) - 1
    expect(page.locator(".wsedu-film-tally")).to_have_text(
        f"Asked {len(entries)}: right {right}, wrong {len(entries) - right - 1}, skipped 1."
    )


COVERED = f"""() => {{
  const {{ moving, width, at }} = {PLAYER}.lanes, scale = moving.width / width;
  const copy = new OffscreenCanvas(moving.width, moving.height);
  const context = copy.getContext("2d", {{ willReadFrequently: true }});
  context.drawImage(moving, 0, 0);
  const from = {PLAYER}.lanes._x(at) * scale + 20;
  const pixels = context.getImageData(from, 0, moving.width - from, moving.height).data;
  let least = 255;
  for (let place = 3; place < pixels.length; place += 4) least = Math.min(least, pixels[place]);
  return least === 255;
}}"""
"""Whether nothing in the lanes that is still to come shines through."""


def test_with_questions_the_lanes_show_nothing_of_what_is_to_come(host: Host, film: ExchangeFilm) -> None:
    page = open_page(host, film)
    assert not page.evaluate(COVERED)
    page.locator(".wsedu-film-asking").press("Enter")
    expect(page.locator(".wsedu-film-asking")).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".wsedu-film-question")).to_be_hidden()
    assert page.evaluate(COVERED)
    for _question in questions(film.steps, "en")[:2]:
        page.locator(".wsedu-film").focus()
        page.keyboard.press("End")
        expect(page.locator(".wsedu-film-question")).to_be_visible()
        page.locator(".wsedu-film-skip").click()
        expect(page.locator(".wsedu-film-outcome")).to_contain_text("Skipped")
        assert page.evaluate(COVERED)
    page.locator(".wsedu-film-asking").click()
    expect(page.locator(".wsedu-film-asking")).to_have_attribute("aria-pressed", "false")
    assert not page.evaluate(COVERED)


def test_on_a_projector_the_lanes_show_nothing_of_what_is_to_come(host: Host, film: ExchangeFilm) -> None:
    page = open_page(host, film)
    for covered in (True, False):
        page.keyboard.press("p")
        expect(page.locator(".wsedu-film-project")).to_have_attribute("aria-pressed", "true" if covered else "false")
        assert page.evaluate(COVERED) is covered


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


@pytest.mark.parametrize("form", ["csv", "json"])
def test_what_was_said_is_saved_by_the_page(host: Host, film: ExchangeFilm, form: str, tmp_path: Path) -> None:
    page = open_page(host, film)
    saving = page.locator(".wsedu-film-saving")
    expect(saving).to_be_hidden()
    page.locator(".wsedu-film-asking").press("Enter")
    page.locator(".wsedu-film").focus()
    page.keyboard.press("End")
    page.keyboard.type("81 85")
    page.keyboard.press("Enter")
    expect(page.locator(".wsedu-film-outcome")).to_contain_text("frames may go out only after the server's 101")
    page.locator(".wsedu-film").focus()
    page.keyboard.press("End")
    page.locator(".wsedu-film-skip").press("Enter")
    expect(page.locator(".wsedu-film-tally")).to_have_text("Asked 2: right 0, wrong 1, skipped 1.")
    with page.expect_download() as begun:
        page.locator(f".wsedu-film-save-{form}").press("Enter")
    assert begun.value.suggested_filename == f"predictions.{form}"
    begun.value.save_as(tmp_path / "page")
    film.export_predictions(tmp_path / f"python.{form}")
    assert (tmp_path / "page").read_bytes() == (tmp_path / f"python.{form}").read_bytes()
    assert [entry["misconception"] for entry in film.predictions] == ["X47", ""]


def test_what_is_no_answer_is_said_and_can_be_corrected(host: Host, film: ExchangeFilm) -> None:
    page = open_page(host, film)
    page.locator(".wsedu-film-asking").press("Enter")
    page.locator(".wsedu-film").focus()
    page.keyboard.press("End")
    page.keyboard.type("GET")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("“GET” is no hex")
    field = page.locator(".wsedu-film-question input")
    expect(field).to_have_value("GET")
    field.fill("47 45")
    field.press("Enter")
    expect(page.locator(".wsedu-film-tally")).to_have_text("Asked 1: right 1, wrong 0, skipped 0.")


def test_a_pong_is_predicted_by_keyboard(host: Host) -> None:
    film = ExchangeFilm.record("tour", seed=1, language="en")
    page = open_page(host, film)
    page.locator(".wsedu-film-asking").press("Enter")
    form = page.locator(".wsedu-film-question")
    for question in questions(film.steps, "en"):
        page.locator(".wsedu-film").focus()
        page.keyboard.press("End")
        expect(form).to_contain_text(question.text)
        if question.kind == "pong":
            break
        form.locator(".wsedu-film-skip").press("Enter")
    form.locator("input").first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(".wsedu-film-outcome")).to_contain_text("A Pong repeats the payload")
    assert (film.predictions[-1]["said"], film.predictions[-1]["misconception"]) == ("empty", "M36")


def test_the_text_ends_with_questions_and_answers(film: ExchangeFilm) -> None:
    told = film.to_text()
    for question in questions(film.steps, "en"):
        assert told.index(question.text) < told.rindex(question.reason)


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


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_is_to_come_can_be_read_in_high_contrast(host: Host, film: ExchangeFilm, theme: Any) -> None:
    host.page.emulate_media(color_scheme=theme, forced_colors="active")
    page = open_page(host, film)
    colours = page.evaluate(
        """() => {
          const lanes = document.querySelector(".wsedu-film").wsedu.lanes;
          const canvas = document.createElement("span");
          canvas.style.cssText = "forced-color-adjust: none; color: Canvas";
          document.body.append(canvas);
          return [lanes._colour("background"), lanes._colour("foreground"), getComputedStyle(canvas).color];
        }"""
    )
    # The veil is of the system's background, and what is drawn is not.
    assert colours[0] == colours[2] != colours[1]


def test_both_languages_have_the_same_texts_with_the_same_facts() -> None:
    english, chinese = (part_catalogue("film_panels", language).texts for language in ("en", "zh"))
    assert english.keys() == chinese.keys()
    for key, text in english.items():
        facts = [set(re.findall(r"\{(\w+)", one)) for one in (text, chinese[key])]
        assert facts[0] == facts[1], key
