"""The quiz in a notebook, and what answers come to."""

from __future__ import annotations

import pytest

from wsedu.course import answers, quiz
from wsedu.course.inventory import inventory, result, result_lines
from wsedu.views.headless import HEADLESS
from wsedu.views.question import Answer, answered
from wsedu.widgets.base import WIDGET_VIEW


def test_a_result_names_each_idea_once_in_the_order_of_the_lessons() -> None:
    asked = inventory("en")
    given = {}
    for one in asked:
        # Always the idea `X42` where it can be had, else the right option.
        place = one.ideas.index("X42") if "X42" in one.ideas else one.right
        given[one.name] = answered(one, place)
    masks = next(one for one in asked if one.name == "inventory.mask_why")
    given[masks.name] = answered(masks, masks.ideas.index("M25"))
    found = result(asked, given, "en")
    assert (found.asked, found.answered, found.skipped, found.right) == (20, 20, 0, 17)
    assert [(one.idea, one.lesson, len(one.asked)) for one in found.revisit] == [("X42", 2, 2), ("M25", 4, 1)]
    told = "\n".join(result_lines(found, "en"))
    assert "17 of 20 answered questions right." in told
    assert "2 ideas to look at again:" in told
    assert "RFC 6455 §5.3; 10.3 · lesson 4" in told
    assert f"{masks.ask} → {masks.options[masks.right]}" in told


def test_what_was_skipped_or_not_reached_is_counted_and_no_idea() -> None:
    asked = inventory("en", count=4)
    found = result(asked, {asked[0].name: Answer(asked[0].name), asked[1].name: answered(asked[1], 2)}, "en")
    assert (found.answered, found.skipped, found.right, found.revisit) == (1, 1, 1, ())
    assert result_lines(found, "en") == ["1 of 1 answered questions right.", "1 skipped, 2 not reached."]


def test_cards_give_no_verdict_before_the_end_and_the_summary_comes_with_the_last() -> None:
    deck = quiz(count=3)
    first, second, third = deck.cards
    first.do_commit(0)
    assert first.state["mark"] == "open"
    assert "1 of 3 answered or skipped." in repr(deck)
    second.do_skip()
    third.do_commit(third.question.right)
    assert deck.result.right == 1
    assert [card.state["mark"] for card in deck.cards] == ["wrong", "open", "right"]
    assert second.question.because in str(second.to_text())
    assert "WebSocket is a raw TCP socket for scripts" in deck._summary.value
    assert 'role="status"' in deck._summary.value
    assert answers() == {}, "the quiz is not the lesson's"


def test_a_quiz_is_shown_as_its_cards_and_without_a_kernel_as_a_page_without_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    deck = quiz(count=2, seed=1)
    assert WIDGET_VIEW in deck._repr_mimebundle_()
    monkeypatch.setenv(HEADLESS, "1")
    bundle = deck._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html"}
    assert [bundle["text/html"].count(f"{letter}. ") for letter in "ABCD"] == [2] * 4
    assert deck.cards[0].question.because not in bundle["text/html"]
