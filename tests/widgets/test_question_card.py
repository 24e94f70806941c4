"""`QuestionCard` in a page: asking, committing, skipping, by mouse and by keyboard, and what is said then."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.widgets.axe import complaints
from tests.widgets.host import Host
from wsedu.course.question import question
from wsedu.views.question import Answer, Question
from wsedu.widgets import QuestionCard
from wsedu.widgets.assets import stylesheet

LENGTH = question("inventory.length_126", "en")
RECALLED = replace(LENGTH, recall=True)
SIZE = Question(
    *("lesson.size", "number", "How many bytes has the smallest frame of a client?"),
    wrong=(("2", "X62"),),
    recall=True,
    answer=6,
    because="Two bytes, and `4` of the masking key.",
)


def card(asked: Question, **options: Any) -> QuestionCard:
    return QuestionCard(asked, language=options.pop("language", "en"), **options)


def commit(page: Any) -> Any:
    return page.get_by_role("button", name="Answer", exact=True)


def told(page: Any) -> Any:
    return page.get_by_role("status")


def test_a_prediction_is_kept_and_not_judged(host: Host) -> None:
    heard: list[Answer] = []
    page = host.show(card(LENGTH, heard=heard.append))
    expect(page.get_by_role("group", name="A server sends a payload of 126 bytes.")).to_be_visible()
    expect(commit(page)).to_be_disabled()
    page.get_by_text("7e 7e 00").click()
    commit(page).click()
    expect(told(page)).to_have_text("Kept: C. 7e 7e 00The answer comes further down.")
    expect(told(page)).to_have_attribute("data-mark", "open")
    assert heard == [Answer("inventory.length_126", 2, False)]


def test_a_prediction_that_is_kept_can_be_judged_later(host: Host) -> None:
    widget = card(LENGTH)
    page = host.show(widget)
    page.get_by_role("radio").nth(0).check()
    commit(page).click()
    expect(told(page)).to_contain_text("Kept: A. 7e")
    widget.judge()
    expect(told(page)).to_have_attribute("data-mark", "wrong")
    expect(told(page)).to_contain_text("The answer: D. 7e 00 7e")
    expect(told(page)).not_to_contain_text("Kept")


def test_what_is_committed_is_fixed(host: Host) -> None:
    widget = card(LENGTH)
    page = host.show(widget)
    page.get_by_role("radio").nth(0).check()
    commit(page).click()
    expect(told(page)).to_be_visible()
    for radio in page.get_by_role("radio").all():
        expect(radio).to_be_disabled()
    expect(page.get_by_role("radio").nth(0)).to_be_checked()
    expect(page.locator(".wsedu-card-kept")).to_have_text("A.7e")
    expect(commit(page)).to_be_hidden()
    page.keyboard.press("b")
    expect(page.get_by_role("radio").nth(0)).to_be_checked()
    assert widget.answer == Answer("inventory.length_126", 0, False)


def test_a_recalled_question_is_judged_at_once_with_the_idea_behind_the_answer(host: Host) -> None:
    page = host.show(card(RECALLED))
    page.get_by_role("radio").nth(0).check()
    commit(page).click()
    expect(told(page)).to_have_attribute("data-mark", "wrong")
    expect(told(page)).to_contain_text("Not so: A. 7e")
    expect(told(page)).to_contain_text("The answer: D. 7e 00 7e")
    expect(told(page)).to_contain_text(RECALLED.because)
    expect(told(page)).to_contain_text("126 and 127 are lengths as well")
    expect(told(page)).to_contain_text("RFC 6455 §5.2")
    expect(told(page).locator("code").first).to_have_text("7e")


def test_a_right_answer_names_no_idea(host: Host) -> None:
    page = host.show(card(RECALLED))
    page.get_by_role("radio").nth(3).check()
    commit(page).click()
    expect(told(page)).to_have_attribute("data-mark", "right")
    expect(told(page).locator("p")).to_have_text(["Right: D. 7e 00 7e", RECALLED.because])


def test_a_skip_is_heard_and_says_what_is_so(host: Host) -> None:
    heard: list[Answer] = []
    page = host.show(card(RECALLED, heard=heard.append))
    page.get_by_role("button", name="Skip").click()
    expect(told(page).locator("p").first).to_have_text("Skipped.")
    expect(told(page)).to_contain_text("The answer: D. 7e 00 7e")
    assert [answer.skipped for answer in heard] == [True]


def test_by_keyboard_alone_a_letter_chooses_enter_commits_and_the_verdict_has_the_focus(host: Host) -> None:
    page = host.show(card(RECALLED))
    page.keyboard.press("Tab")
    page.keyboard.press("b")
    expect(page.get_by_role("radio").nth(1)).to_be_checked()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio").nth(2)).to_be_checked()
    page.keyboard.press("Enter")
    expect(told(page)).to_be_focused()
    expect(told(page)).to_contain_text("Not so: C.")


def test_enter_before_a_choice_is_no_answer(host: Host) -> None:
    widget = card(RECALLED)
    page = host.show(widget)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("z")
    expect(told(page)).to_be_hidden()
    assert widget.answer is None


def test_a_number_that_is_none_is_said_in_one_line_and_can_be_mended(host: Host) -> None:
    widget = card(SIZE)
    page = host.show(widget)
    field = page.get_by_label("Your number")
    field.fill("two")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("“two” is no number")
    expect(field).to_have_value("two")
    field.fill("2")
    page.keyboard.press("Enter")
    expect(told(page)).to_contain_text("Not so: 2")
    expect(told(page)).to_contain_text("The overhead is always 2 bytes")
    expect(page.get_by_role("alert")).to_be_hidden()
    expect(field).to_have_attribute("readonly", "")


def test_what_was_wrong_with_an_answer_is_not_said_of_the_next_one(host: Host) -> None:
    page = host.show(card(SIZE))
    field, alert = page.get_by_label("Your number"), page.get_by_role("alert")
    for _time in range(2):
        field.fill("two")
        expect(alert).to_be_hidden()
        page.keyboard.press("Enter")
        expect(alert).to_contain_text("“two” is no number")
    field.press("End")
    expect(alert).to_be_visible()
    field.press("Backspace")
    expect(alert).to_be_hidden()


KEEPS_ENTER = """
() => document.querySelector("main").addEventListener("keydown", event => event.preventDefault(), { capture: true })
"""


@pytest.mark.own_page
def test_enter_answers_where_the_page_around_keeps_it_from_forms(host: Host) -> None:
    heard: list[Answer] = []
    page = host.show(card(SIZE, heard=heard.append))
    page.evaluate(KEEPS_ENTER)
    field = page.get_by_label("Your number")
    field.press("Enter")
    field.fill("6")
    field.press("Enter")
    expect(told(page)).to_contain_text("Right: 6")
    field.press("Enter")
    assert heard == [Answer("lesson.size", 6, True)]


def test_enter_that_ends_a_word_of_an_input_method_is_no_answer(host: Host) -> None:
    widget = card(replace(SIZE, kind="text", answer="abc", wrong=()))
    page = host.show(widget)
    field = page.get_by_label("Your answer")
    field.fill("ab")
    composing = (
        "node => node.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', isComposing: true, bubbles: true}))"
    )
    field.evaluate(composing)
    expect(told(page)).to_be_hidden()
    field.fill("abc")
    field.press("Enter")
    expect(told(page)).to_contain_text("Right: abc")
    assert widget.answer == Answer("lesson.size", "abc", True)


def again(page: Any) -> Any:
    return page.get_by_role("button", name="Answer again")


def test_an_answered_card_can_be_asked_again(host: Host) -> None:
    forgotten: list[str] = []
    widget = card(RECALLED, kept=Answer("inventory.length_126", 0, False), forgotten=forgotten.append)
    page = host.show(widget)
    again(page).focus()
    host.hold()
    page.keyboard.press("Enter")
    expect(page.locator(".wsedu-card-waiting")).to_have_text("waits for Python")
    expect(again(page)).to_be_disabled()
    expect(again(page)).not_to_be_focused()
    host.release()
    expect(told(page)).to_be_hidden()
    expect(again(page)).to_be_hidden()
    expect(page.locator("input:checked, .wsedu-card-kept")).to_have_count(0)
    expect(page.get_by_role("radio").nth(0)).to_be_focused()
    expect(commit(page)).to_be_disabled()
    assert (forgotten, widget.answer) == (["inventory.length_126"], None)
    page.get_by_role("radio").nth(3).check()
    commit(page).click()
    expect(told(page)).to_contain_text("Right: D.")
    expect(again(page)).to_be_visible()


def test_a_typed_answer_that_is_asked_again_leaves_an_empty_field(host: Host) -> None:
    page = host.show(card(SIZE, kept=Answer("lesson.size", 2, False), forgotten=lambda _name: None))
    expect(page.get_by_label("Your number")).to_have_value("2")
    again(page).click()
    expect(page.get_by_label("Your number")).to_have_value("")
    expect(page.get_by_label("Your number")).to_be_editable()


def test_a_card_whose_answer_stays_has_no_button_to_ask_again(host: Host) -> None:
    page = host.show(card(RECALLED, kept=Answer("inventory.length_126", 0, False)))
    expect(told(page)).to_be_visible()
    expect(again(page)).to_be_hidden()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_card_is_as_wide_whichever_stylesheet_comes_last(host: Host, language: str) -> None:
    host.page.set_viewport_size({"width": 1280, "height": 900})
    page = host.show(card(RECALLED, language=language))
    width = page.locator(".wsedu-card").bounding_box()["width"]
    page.add_style_tag(content=stylesheet())
    assert page.locator(".wsedu-card").bounding_box()["width"] == width == 704


def test_letters_typed_into_the_field_stay_letters(host: Host) -> None:
    page = host.show(card(replace(SIZE, kind="text", answer="abc", wrong=())))
    page.get_by_label("Your answer").press_sequentially("abc")
    page.keyboard.press("Enter")
    expect(told(page)).to_contain_text("Right: abc")


def test_while_python_is_busy_the_answer_waits_and_is_sent_once(host: Host) -> None:
    heard: list[Answer] = []
    page = host.show(card(LENGTH, heard=heard.append))
    page.get_by_role("radio").nth(1).check()
    host.hold()
    commit(page).click()
    expect(page.locator(".wsedu-card-waiting")).to_have_text("waits for Python")
    expect(commit(page)).to_be_disabled()
    expect(page.get_by_role("button", name="Skip")).to_be_disabled()
    host.release()
    expect(told(page)).to_contain_text("Kept: B.")
    assert len(heard) == 1


def test_an_answer_that_was_kept_is_there_when_the_card_is_shown_again(host: Host) -> None:
    page = host.show(card(RECALLED, kept=Answer("inventory.length_126", 3, True)))
    expect(page.get_by_role("radio").nth(3)).to_be_checked()
    expect(told(page)).to_contain_text("Right: D.")
    expect(told(page)).not_to_be_focused()


def test_texts_are_shown_and_not_run(host: Host) -> None:
    nasty = "<img src=x onerror=alert(1)>"
    page = host.show(card(replace(RECALLED, ask=nasty, options=(nasty, "b", "c", "d"))))
    expect(page.locator("legend")).to_have_text(nasty)
    assert page.locator("img").count() == 0


@pytest.mark.parametrize("width", [320, 668, 1280])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_card_of_the_inventory_fits(host: Host, width: int, language: str) -> None:
    host.page.set_viewport_size({"width": width, "height": 900})
    for name in ("other_site", "length_40000", "after_head"):
        page = host.show(card(replace(question(f"inventory.{name}", language), recall=True), language=language))
        page.get_by_role("radio").nth(0).check()
        page.locator("button.wsedu-strong").click()
        expect(told(page)).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("contrast", ["no-preference", "more"])
@pytest.mark.parametrize("place", [0, 3], ids=["wrong", "right"])
def test_axe_finds_nothing_before_and_after_an_answer(host: Host, theme: Any, contrast: Any, place: int) -> None:
    host.page.emulate_media(color_scheme=theme, contrast=contrast)
    page = host.show(card(RECALLED))
    wrong, measured = complaints(page)
    assert wrong == []
    assert measured >= 10
    page.get_by_role("radio").nth(place).check()
    commit(page).click()
    expect(told(page)).to_be_visible()
    wrong, measured = complaints(page)
    assert wrong == []
    # The labels of what can no longer be chosen are left out.
    assert measured >= 4


def test_where_colours_are_forced_the_kept_option_alone_has_a_frame(host: Host) -> None:
    host.page.emulate_media(forced_colors="active")
    page = host.show(card(RECALLED))
    page.get_by_role("radio").nth(0).check()
    commit(page).click()
    expect(told(page)).to_be_visible()
    frames = page.locator(".wsedu-card-option").evaluate_all("all => all.map(one => getComputedStyle(one).borderColor)")
    assert frames[0] not in frames[1:]
    assert len(set(frames)) == 2
