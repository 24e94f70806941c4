"""What a film asks, which wrong idea is behind an answer, and what is kept of it, without a browser."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from wsedu.explain.catalogue import part_catalogue
from wsedu.explain.shown import quoted
from wsedu.protocol.frame import Frame
from wsedu.protocol.frames import encode_frame
from wsedu.protocol.steps import FrameComplete, Level
from wsedu.protocol.types import Opcode
from wsedu.scenarios import SCENARIOS, VIRTUAL_SCENARIOS
from wsedu.simulator import simulate
from wsedu.views.ideas import IDEAS, certain, idea_sentence
from wsedu.views.predictions import Question, plain, questions
from wsedu.widgets import ExchangeFilm
from wsedu.widgets.base import BadInput
from wsedu.widgets.film_acts import COLUMNS

EVERY = [*SCENARIOS, *VIRTUAL_SCENARIOS]


def played(name: str, language: str = "en") -> ExchangeFilm:
    film = ExchangeFilm(simulate(name, seed=1), language=language)
    film.asking = True
    return film


def asked(film: ExchangeFilm, kind: str) -> Question:
    return next(one for one in questions(film.steps, film.language) if one.kind == kind)


# --- What is asked ---


@pytest.mark.parametrize("name", EVERY)
def test_no_question_can_be_answered_by_a_step_before_it(name: str) -> None:
    film = played(name)
    for question in questions(film.steps, "en"):
        assert film.steps[question.index + 1].n == question.n
        if question.options:
            assert question.answer in dict(question.options)


@pytest.mark.parametrize("name", ["tour", "fragments", "idle-proxy-heartbeat"])
def test_a_pong_is_asked_about_where_its_ping_carries_something(name: str) -> None:
    film = played(name)
    question = asked(film, "pong")
    frames = [one.step for one in film.steps if isinstance(one.step, FrameComplete) and one.n <= question.n]
    ping = next(step.frame for step in frames if step.frame.opcode is Opcode.PING)
    assert frames[-1].frame.opcode is Opcode.PONG
    assert frames[-1].frame.payload == ping.payload != b""
    assert quoted(ping.payload, 30) in question.text


def test_an_empty_ping_asks_nothing() -> None:
    def script(world: object) -> None:
        world.settle()  # type: ignore[attr-defined]
        world.client.send_ping(b"")  # type: ignore[attr-defined]
        world.settle()  # type: ignore[attr-defined]

    kinds = [one.kind for one in questions(simulate(script, seed=1, level=Level.CORE).records, "en")]
    assert "bytes" in kinds
    assert "pong" not in kinds


@pytest.mark.parametrize(
    ("name", "answer"), [("hello", "1000"), ("empty-close", "none"), ("unmasked", "1002"), ("split-utf8", "1007")]
)
def test_the_code_that_answers_a_close_is_asked(name: str, answer: str) -> None:
    film = played(name)
    question = asked(film, "reply")
    assert question.answer == answer
    step = next(one.step for one in film.steps if one.n == question.n)
    assert isinstance(step, FrameComplete)
    body = step.frame.payload[:2]
    assert (str(int.from_bytes(body, "big")) if body else "none") == answer


@pytest.mark.parametrize(("name", "code"), [("unmasked", "1002"), ("split-utf8", "1007")])
def test_the_code_of_a_failure_is_asked_before_it_is_told(name: str, code: str) -> None:
    film = played(name)
    question = asked(film, "fail")
    assert question.answer == code
    assert code not in question.text


def test_two_closes_that_cross_are_no_answers() -> None:
    assert "reply" not in [one.kind for one in questions(played("both-close").steps, "en")]


# --- The idea behind an answer ---


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    ("name", "kind", "said", "idea", "id"),
    [
        ("hello", "bytes", "81 85", "early", "X47"),
        ("hello", "answer", "200", "ok", "M08"),
        ("hello", "frame", "81 05", "unmasked", ""),
        ("hello", "frame", "81 89", "length", "M24"),
        ("hello", "frame", "01 85", "fin", ""),
        ("hello", "frame", "81 a1", "order", "M16"),
        ("hello", "size", "5", "header", ""),
        ("hello", "size", "11", "mask", "M27"),
        ("large", "size", "65537", "two", "X62"),
        ("tour", "pong", "empty", "pong", "M36"),
        ("tour", "pong", "own", "pong", "M36"),
        ("hello", "state", "CLOSED", "closed", "M37"),
        ("empty-close", "reply", "1005", "reported", "M38"),
        ("unmasked", "fail", "1006", "reported", "M38"),
        ("silent-peer", "code", "1000", "torn", "M37"),
        ("empty-close", "code", "1000", "nocode", ""),
        ("hello", "end", "client", "end", "X58"),
        # What nothing known explains, or what two ideas would.
        ("hello", "frame", "82 85", "", ""),
        ("hello", "size", "9", "", ""),
        ("cross-site-refused", "answer", "200", "", ""),
        ("cross-site-refused", "code", "1000", "", ""),
    ],
)
def test_the_idea_behind_a_wrong_answer(language: str, name: str, kind: str, said: str, idea: str, id: str) -> None:
    film = played(name, language)
    question = asked(film, kind)
    film.do_predict(question.n, said)
    entry = film.predictions[-1]
    assert entry["right"] is False
    assert entry["idea"] == idea_sentence(idea, language)
    assert entry["misconception"] == id == IDEAS.get(idea, "")
    film._show()
    assert entry["idea"] in film.state["told"]


@pytest.mark.parametrize("name", EVERY)
def test_a_right_answer_is_never_called_an_idea(name: str) -> None:
    film = played(name)
    for question in questions(film.steps, "en"):
        assert question.answer not in question.ideas
        assert set(question.ideas.values()) <= IDEAS.keys()
        film.do_predict(question.n, question.answer)
    assert all(entry["right"] and not entry["idea"] and not entry["misconception"] for entry in film.predictions)


def test_an_answer_that_two_ideas_explain_names_none() -> None:
    assert certain([("a", "one"), ("a", "two"), ("b", "one"), ("c", "two"), ("b", "one")], "c") == {"b": "one"}


def test_the_first_bytes_are_those_that_each_idea_would_give() -> None:
    film = played("hello")
    question = asked(film, "frame")
    assert question.answer == encode_frame(Frame.text("Hello", masking_key=bytes(4)))[:2].hex(" ")
    assert {plain(question, said) for said in question.ideas} == set(question.ideas)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_idea_has_its_sentence(language: str) -> None:
    keys = {key for key in part_catalogue("film_panels", language).texts if key.startswith("idea.")}
    assert keys == {f"idea.{idea}" for idea in IDEAS}


# --- What is no answer ---


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    ("kind", "said", "key"),
    [
        ("frame", "8g", "hex"),
        ("bytes", "GET", "hex"),
        ("size", "seven", "number"),
        ("size", "7.5", "number"),
        ("answer", "teapot", "choice"),
    ],
)
def test_what_is_no_answer_is_said_and_not_counted(language: str, kind: str, said: str, key: str) -> None:
    film = played("hello", language)
    question = asked(film, kind)
    with pytest.raises(BadInput) as caught:
        film.do_predict(question.n, said)
    assert str(caught.value) == part_catalogue("film_panels", language).say(f"ask.no.{key}", said=said)
    assert film.predictions == []
    film.do_predict(question.n, question.answer)
    assert film.predictions[-1]["right"]


# --- What is kept ---


def test_predictions_are_kept_over_films_and_counted(tmp_path: Path) -> None:
    film = played("hello")
    first, second, third, *_ = questions(film.steps, "en")
    film.do_predict(first.n, "81 85")
    film.do_predict(second.n, skipped=True)
    film.do_predict(third.n, third.answer)
    film.do_record("empty-close")
    film.do_predict(questions(film.steps, "en")[0].n, skipped=True)
    assert [entry["skipped"] for entry in film.predictions] == [False, True, False, True]
    film._show()
    assert film.state["tally"] == "Asked 4: right 1, wrong 1, skipped 2."
    film.export_predictions(tmp_path / "said.csv")
    film.export_predictions(tmp_path / "said.json")
    with (tmp_path / "said.csv").open(newline="", encoding="utf-8") as table:
        rows = list(csv.DictReader(table))
    assert [row["misconception"] for row in rows] == ["X47", "", "", ""]
    assert [row["skipped"] for row in rows] == ["False", "True", "False", "True"]
    assert tuple(rows[0]) == COLUMNS == tuple(film.predictions[0])
    assert json.loads((tmp_path / "said.json").read_text(encoding="utf-8")) == film.predictions
    assert film.state["exported"] == {
        form: (tmp_path / f"said.{form}").read_bytes().decode() for form in ("csv", "json")
    }
