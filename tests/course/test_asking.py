"""`ask` keeps what is answered, `reveal` says what is so, and neither waits for anybody."""

from __future__ import annotations

import pytest

from wsedu.course import answers, ask, begin, reveal
from wsedu.course.question import UnknownQuestionError
from wsedu.views.headless import HEADLESS
from wsedu.views.question import Answer
from wsedu.widgets.base import BadInput

pytestmark = pytest.mark.usefixtures("lesson")


def test_a_wrong_choice_is_revealed_with_the_idea_behind_it_and_the_fact() -> None:
    ask("lesson.which").do_commit(0)
    told = repr(reveal("lesson.which", bytes.fromhex("7e007e")))
    assert told.splitlines() == [
        "You were asked: Which?",
        "✘ Not so: A. `7e`",
        "  The answer: B. `7e 00 7e`",
        "  What the code gave: 7e 00 7e",
        "  Two bytes follow.",
        "  A common idea behind that answer: 126 and 127 are lengths as well.",
        "  In fact: Only 0 to 125 are lengths; 126 and 127 say that a length of 2 or 8 bytes follows. (RFC 6455 §5.2)",
    ]


def test_a_right_choice_is_said_once_and_has_no_idea_behind_it() -> None:
    ask("lesson.which").do_commit(1)
    assert repr(reveal("lesson.which")).splitlines()[1:] == ["✔ Right: B. `7e 00 7e`", "  Two bytes follow."]


def test_an_option_without_a_name_is_wrong_and_nothing_more() -> None:
    ask("lesson.which").do_commit(2)
    assert repr(reveal("lesson.which")).splitlines()[1] == "✘ Not so: C. none"
    assert "common idea" not in repr(reveal("lesson.which"))
    ask("lesson.size").do_commit("3")
    assert "Not so: 3" in repr(reveal("lesson.size", 6))
    assert "common idea" not in repr(reveal("lesson.size", 6))


def test_a_number_is_judged_by_what_the_code_found() -> None:
    ask("lesson.size").do_commit("2")
    assert answers()["lesson.size"] == Answer("lesson.size", 2, None)
    told = repr(reveal("lesson.size", 6))
    assert "✘ Not so: 2" in told
    assert "The answer: 6" in told
    assert "It has 6." in told
    assert "The overhead is always 2 bytes" in told
    assert answers()["lesson.size"].right is False


@pytest.mark.parametrize("said", ["8A 80 01 02 03 04", "8a8001020304", "0x8a 0x80 01 02 03 04", " 8a 80  0102 0304 "])
def test_bytes_are_compared_however_they_are_written(said: str) -> None:
    ask("lesson.bytes").do_commit(said)
    assert repr(reveal("lesson.bytes", bytes.fromhex("8a8001020304"))).splitlines()[1].startswith("✔ Right")


def test_a_wrong_text_has_its_idea() -> None:
    ask("lesson.bytes").do_commit("8A  00")
    assert "Control frames, or empty ones, are not masked" in repr(reveal("lesson.bytes", b"\x8a\x80\x01\x02\x03\x04"))


def test_without_an_answer_and_after_a_skip_it_says_so_and_what_is_so() -> None:
    assert repr(reveal("lesson.size", 6)).splitlines()[1:] == [
        "· Nothing was answered.",
        "  The answer: 6",
        "  It has 6.",
    ]
    ask("lesson.size").do_skip()
    assert repr(reveal("lesson.size", 6)).splitlines()[1] == "· Skipped."


def test_answers_and_skips_can_be_counted() -> None:
    ask("lesson.which").do_commit(1)
    ask("lesson.again").do_commit("9")
    ask("lesson.size").do_skip()
    ask("lesson.bytes").do_commit("00")
    found = answers()
    assert (found.given, found.skipped, found.right, found.wrong) == (3, 1, 1, 1)
    found.clear()
    assert answers().given == 3, "what is given is a copy"


def test_answers_are_listed_with_the_letter_and_the_text_of_an_option(monkeypatch: pytest.MonkeyPatch) -> None:
    assert repr(answers()) == "{}"
    ask("lesson.which").do_commit(0)
    ask("lesson.again").do_commit("9")
    ask("lesson.size").do_commit("1000")
    ask("lesson.bytes").do_skip()
    assert repr(answers()).splitlines() == [
        "lesson.which: A. 7e (not so)",
        "lesson.again: 9 (not so)",
        "lesson.size: 1,000",
        "lesson.bytes: skipped",
    ]
    monkeypatch.setenv("WSEDU_LANG", "zh")
    assert repr(answers()).splitlines()[0] == "lesson.which：A. 7e（不对）"


def test_a_cell_that_is_run_again_shows_the_answer_that_was_kept() -> None:
    ask("lesson.which").do_commit(0)
    card = ask("lesson.which")
    assert card.answer == Answer("lesson.which", 0, False)
    with pytest.raises(BadInput, match="answered already"):
        card.do_commit(1)
    assert ask("lesson.which", again=True).answer is None
    assert "lesson.which" not in answers()


def test_the_button_of_a_card_asks_again_and_the_new_answer_counts() -> None:
    ask("lesson.which").do_commit(0)
    card = ask("lesson.which")
    card.do_again()
    assert (card.answer, card.state["done"], card.state["again"]) == (None, False, False)
    assert "lesson.which" not in answers()
    card.do_again()
    card.do_commit(1)
    assert answers()["lesson.which"] == Answer("lesson.which", 1, True)


def test_a_question_that_was_skipped_is_asked_again() -> None:
    ask("lesson.which").do_skip()
    ask("lesson.which").do_commit(1)
    assert (answers().given, answers().skipped) == (1, 0)


def test_a_number_without_a_value_is_refused_in_one_line() -> None:
    with pytest.raises(ValueError, match=r"reveal\('lesson.size', value\)"):
        reveal("lesson.size")


@pytest.mark.parametrize("name", ["lesson.whihc", "lesson", "other.which", "lesson.", "../lesson.which"])
def test_a_name_that_is_not_there_is_refused_in_one_line(name: str) -> None:
    with pytest.raises(UnknownQuestionError) as refused:
        ask(name)
    assert str(refused.value).startswith(f"There is no question {name!r}")
    assert "\n" not in str(refused.value)
    with pytest.raises(UnknownQuestionError):
        reveal(name)


def test_a_misspelt_name_is_answered_with_the_one_that_was_meant() -> None:
    with pytest.raises(UnknownQuestionError, match=r"did you mean 'lesson\.which'"):
        ask("lesson.whihc")


def test_in_a_headless_run_a_card_is_a_picture_and_a_text_and_a_recalled_one_hides_its_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(HEADLESS, "1")
    data, _ = ask("lesson.which")._repr_mimebundle_()
    assert set(data) == {"text/plain", "image/png"}
    data, _ = ask("lesson.again")._repr_mimebundle_()
    assert set(data) == {"text/plain", "image/png", "text/html"}
    assert "6" not in data["text/plain"]
    assert "<details><summary>The answer</summary><p>6</p><p>Six.</p></details>" in data["text/html"]


def test_the_markdown_of_a_reveal_shows_what_a_learner_typed_and_runs_none_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ask("lesson.bytes").do_commit("<script>*a*</script>")
    bundle = reveal("lesson.bytes", b"\x00")._repr_mimebundle_()
    assert "<script>" not in bundle["text/markdown"]
    assert "\\*a\\*" in bundle["text/markdown"]
    begin("zh")
    assert "答案：00" in reveal("lesson.bytes", b"\x00")._repr_mimebundle_()["text/markdown"]


def test_signs_of_markdown_in_a_value_are_shown_as_they_are() -> None:
    from wsedu.course.told import _safe

    assert _safe("1000 -> <1120> #2 *a* `x > y`") == "1000 -&#62; &#60;1120&#62; \\#2 \\*a\\* `x > y`"


def test_an_address_in_a_value_is_no_link() -> None:
    from wsedu.course.told import _safe

    assert _safe("['http://shop.example/a']") == "\\['http&#58;//shop.example/a'\\]"
