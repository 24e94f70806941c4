"""`QuestionCard` without a page: what is an answer, what is kept, and the static twins."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from wsedu.course.question import question
from wsedu.views.question import LONGEST, Answer, NoAnswer, Question, is_right, number, taken
from wsedu.views.question_told import runs, shown
from wsedu.widgets import QuestionCard

CHOICE = replace(question("inventory.length_126", "en"), recall=True)
SIZE = Question("lesson.size", "number", "How many?", recall=True, answer=6, because="Six.")


def send(card: QuestionCard, **act: Any) -> str:
    card._received(None, {"view": "v", "seq": 1, "acts": [act]}, [])
    return str(card.problem.get("text", ""))


@pytest.mark.parametrize(
    ("text", "value"),
    [("1,000", 1000), (" 1 000 ", 1000), ("0x7e", 126), ("0b101", 5), ("1.5", 1.5), ("1e3", 1000), ("-2", -2)],
)
def test_a_number_is_read_as_people_write_it(text: str, value: float) -> None:
    assert number(text) == value


@pytest.mark.parametrize("text", ["two", "0x", "nan", "inf", "1e999", "--1", "0b2", "½"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(NoAnswer):
        number(text)


def test_an_answer_that_nobody_may_forget_stays() -> None:
    card = QuestionCard(SIZE, language="en")
    card.do_commit("6")
    assert send(card, do="again") == "This question has been answered already; the answer is kept."
    assert card.answer == Answer("lesson.size", 6, True)


@pytest.mark.parametrize("given", [-1, 4, "0", True, 1.0, None])
def test_what_is_no_option_is_refused(given: object) -> None:
    with pytest.raises(NoAnswer):
        taken(CHOICE, given)


def test_a_number_may_be_off_by_its_share_and_no_more() -> None:
    near = replace(SIZE, within=0.1)
    assert is_right(near, 110, 100)
    assert not is_right(near, 112, 100)
    assert not is_right(SIZE, 6.0001, 6)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("said", ["", "   ", "x" * (LONGEST + 1), "six", None, {"a": 1}, []])
def test_bad_input_is_one_line_and_changes_nothing(language: str, said: object) -> None:
    card = QuestionCard(SIZE, language=language)
    before = card.state
    told = send(card, do="commit", said=said)
    assert told
    assert "\n" not in told
    assert "trace" not in card.problem
    assert {**card.state, "acks": {}} == {**before, "acks": {}}
    assert card.answer is None


def test_a_second_answer_is_refused_and_the_first_stays() -> None:
    heard: list[Answer] = []
    card = QuestionCard(SIZE, heard=heard.append, language="en")
    send(card, do="commit", said="6")
    assert "answered already" in send(card, do="commit", said="7")
    assert "answered already" in send(card, do="skip")
    assert heard == [Answer("lesson.size", 6, True)]
    assert card.answer == heard[0]


def test_before_an_answer_the_page_is_not_told_what_is_right() -> None:
    for asked in (CHOICE, SIZE):
        card = QuestionCard(asked, language="en")
        assert asked.because not in str(card.state)
        assert card.state["told"] == []
        assert not {"right", "ideas", "answer"} & set(card.state)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_twins_tell_the_same_as_the_page(language: str) -> None:
    asked = replace(question("inventory.accept", language), recall=True)
    card = QuestionCard(asked, language=language)
    for made in (card.to_text(), card.to_html()):
        assert all(option in made for option in asked.options)
    assert asked.because not in card.to_text()
    assert f"<details><summary>{'The answer' if language == 'en' else '答案'}" in card.to_html()
    card.do_commit(0)
    for made in (card.to_text(), card.to_html()):
        assert asked.because in made
    assert "<script" not in card.to_html()
    assert "(•) A." in card.to_text()
    assert card.to_png(theme="dark").startswith(b"\x89PNG")


def test_a_field_has_its_twin_too() -> None:
    card = QuestionCard(SIZE, language="en")
    assert "Your number: ____" in card.to_text()
    card.do_commit("1,006")
    assert "Your number: 1,006" in card.to_text()
    assert "1,006" in card.to_svg()


def test_code_is_told_from_text_and_values_are_shown_as_people_read_them() -> None:
    assert runs("a `b` c") == [["a ", False], ["b", True], [" c", False]]
    assert runs("`b`") == [["b", True]]
    assert [shown(value) for value in (b"\x7e\x00", 40_000, 0.5, "x", None, True)] == [
        *("7e 00", "40,000", "0.5", "x", "None", "True"),
    ]


@pytest.mark.parametrize(
    ("name", "head"),
    [
        ("start.recall_hex", "Before you begin"),
        ("why.recall_first", "From the lesson before"),
        ("start.hello", "What do you think?"),
    ],
)
def test_what_stands_above_a_question_is_so(name: str, head: str) -> None:
    card = QuestionCard(question(name, "en"), language="en")
    assert card.state["kicker"] == head
    assert card.to_text().startswith(f"{head}\n")
    assert head in card.to_html()


def test_a_question_that_is_judged_later_keeps_what_stands_above_it() -> None:
    card = QuestionCard(replace(CHOICE, recall=False), language="en")
    before = card.state["kicker"]
    card.judge()
    assert card.state["kicker"] == before


def test_options_have_their_letters_as_text_for_the_answer_names_them() -> None:
    card = QuestionCard(question("why.recall_first", "en"), language="en")
    for made in (card.to_html(), card.to_text()):
        assert "B. the client, with a request of HTTP" in made
