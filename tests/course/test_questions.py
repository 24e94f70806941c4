"""Every file of questions is sound in both languages, and the inventory is what it claims to be."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter

import pytest

import wsedu
from wsedu.course.inventory import inventory
from wsedu.course.lessons import LESSONS
from wsedu.course.question import FOLDER, UNNAMED, parts, question, questions
from wsedu.explain.catalogue import LANGUAGES, part_catalogue
from wsedu.protocol.dissection import dissect
from wsedu.protocol.types import Role
from wsedu.views.question import RIGHT, Question, idea_of, number, taken

IDEAS = {key.removeprefix("name.") for key in part_catalogue("misconceptions", "en").texts if key.startswith("name.")}
ALL = [one.name for part in parts() for one in questions(part, "en")]
LESSON_FILES = (
    *("start", "why", "handshake", "frames", "masking", "messages"),
    *("alive", "closing", "exchange", "peers", "capstone"),
)
HAN = r"[\u4e00-\u9fff]"


@pytest.mark.parametrize("name", ALL)
def test_a_question_is_sound(name: str) -> None:
    one, other = (question(name, language) for language in LANGUAGES)
    for text in (one, other):
        assert text.ask
        assert not re.search(r"\n", text.ask + text.because)
        assert all(words.count("`") % 2 == 0 for words in (text.ask, text.because, *text.options))
        assert len(text.options) == len(text.ideas) == len(set(text.options))
        assert all(idea_of(text, _given(text, said)) == idea.strip(UNNAMED) for said, idea in text.wrong)
        assert {idea for _, idea in text.wrong} <= {UNNAMED, *IDEAS}
    assert len(one.options) == len(other.options)
    if one.kind == "choice":
        assert one.ideas.count(RIGHT) == 1
        assert set(one.ideas) <= {RIGHT, UNNAMED, *IDEAS}
        assert one.answer is None
    else:
        assert not one.options
        assert (one.answer is not None) == one.recall
    for words in (other.ask, other.because, *other.options):
        plain = re.sub(r"`[^`]*`", "`", words)
        assert not re.search(rf"{HAN}[A-Za-z0-9§]|[A-Za-z0-9%]{HAN}|{HAN}[,.;:!?]", plain), words
        assert not re.search(rf"{HAN}`\w|\w`{HAN}", words), words


def _given(one: Question, said: str) -> int | float | str:
    return number(said) if one.kind == "number" else taken(one, said)


def test_the_files_are_those_of_the_lessons() -> None:
    assert set(parts()) <= {*LESSON_FILES, "inventory"}
    assert "inventory" in parts()
    assert FOLDER.is_dir()


# --- The inventory ---


def test_twenty_questions_of_four_options_each_wrong_one_a_misconception_of_its_own() -> None:
    asked = inventory("en")
    assert len(asked) == 20
    for one in asked:
        assert len(one.options) == 4
        wrong = [idea for idea in one.ideas if idea != RIGHT]
        assert len(set(wrong)) == 3
        assert set(wrong) <= IDEAS
        assert one.because
    assert len({idea for one in asked for idea in one.ideas if idea}) >= 40
    assert set(Counter(one.right for one in asked)) == {0, 1, 2, 3}


def test_the_right_option_cannot_be_told_by_its_length() -> None:
    for language in LANGUAGES:
        longest = [max(one.options, key=len) == one.options[one.right] for one in inventory(language)]
        assert sum(longest) <= len(longest) // 2


def test_every_idea_has_its_lesson() -> None:
    assert set(LESSONS) == IDEAS
    assert set(LESSONS.values()) <= set(range(11))


def test_fewer_questions_are_from_all_areas_and_a_seed_shuffles_without_changing_what_is_right() -> None:
    assert [one.name for one in inventory("en", count=4)] == [
        f"inventory.{key}" for key in ("server", "after_head", "length_text", "euro")
    ]
    plain = {one.name: one for one in inventory("en")}
    for seed in range(5):
        shuffled = inventory("en", seed=seed)
        assert [one.name for one in shuffled] != list(plain)
        assert {one.name for one in shuffled} == set(plain)
        assert shuffled == inventory("en", seed=seed)
        for one in shuffled:
            same = plain[one.name]
            assert dict(zip(one.options, one.ideas, strict=True)) == dict(zip(same.options, same.ideas, strict=True))
        zh = inventory("zh", seed=seed)
        assert [(one.name, one.ideas) for one in zh] == [(one.name, one.ideas) for one in shuffled]


@pytest.mark.parametrize("count", [0, 21, -1])
def test_there_are_no_more_and_no_fewer(count: int) -> None:
    with pytest.raises(ValueError, match="1 to 20"):
        inventory("en", count=count)


# --- Its facts, computed ---


def option(key: str, place: int | None = None) -> str:
    one = question(f"inventory.{key}", "en")
    return one.options[one.right if place is None else place].strip("`")


def test_the_lengths_are_those_that_wsedu_writes() -> None:
    def written(payload: bytes) -> str:
        frame = wsedu.encode_frame(wsedu.Frame.binary(payload))
        return frame[1 : len(frame) - len(payload)].hex(" ")

    assert option("length_126") == written(bytes(126))
    assert option("length_text") == written("é€😀".encode())
    assert f"`{written(bytes(40_000))}`" in question("inventory.length_40000", "en").options[0]
    assert question("inventory.length_40000", "en").right == 0


def legal(data: bytes, sender: Role) -> bool:
    """Whether a sender may send these bytes after an opening handshake without extensions."""
    (verdict,) = (one for one in dissect(data).verdicts if one.sender is sender)
    return verdict.legal


def quoted(key: str) -> list[bytes]:
    """The bytes between backticks in a question."""
    return [bytes.fromhex(one) for one in re.findall(r"`([0-9a-f]{2}(?: [0-9a-f]{2})*)`", question(key, "en").ask)]


def test_of_the_closing_frames_only_the_right_one_may_be_sent() -> None:
    one = question("inventory.close_bytes", "en")
    judged = [legal(bytes.fromhex(option("close_bytes", place)), Role.SERVER) for place in range(4)]
    assert [place for place, good in enumerate(judged) if good] == [one.right]


def test_the_reserved_bit_is_illegal_and_the_fragment_is_not_complete() -> None:
    assert not legal(bytes.fromhex("c100"), Role.SERVER)
    (verdict,) = (one for one in dissect(bytes.fromhex("0100")).verdicts if one.sender is Role.SERVER)
    assert verdict.legal
    assert not verdict.complete


@pytest.mark.parametrize(("key", "text"), [("fragments", "Hello"), ("euro", "€"), ("after_head", "Hello")])
def test_the_frames_in_a_question_are_legal_and_make_the_message(key: str, text: str) -> None:
    frames = [frame for frame in quoted(f"inventory.{key}") if len(frame) > 1 and frame[0] & 0x7F <= 9]
    assert legal(b"".join(frames), Role.SERVER)
    said = b"".join(frame[2:] for frame in frames if frame[0] & 0x0F < 8)
    assert said.decode() == text
    assert text in question(f"inventory.{key}", "en").options[question(f"inventory.{key}", "en").right]


def test_the_empty_pong_of_a_client_has_six_bytes() -> None:
    assert legal(bytes.fromhex("8a80") + b"abcd", Role.CLIENT)
    assert not legal(bytes.fromhex("8a00"), Role.CLIENT)


def test_the_ways_to_the_accept_value_are_different_and_the_right_one_is_that_of_wsedu() -> None:
    key, guid = b"dGhlIHNhbXBsZSBub25jZQ==", b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    ways = [
        hashlib.sha1(base64.b64decode(key) + guid).digest(),
        hashlib.sha1(key + guid).hexdigest().encode(),
        hashlib.sha1(guid + key).digest(),
        hashlib.sha1(key + guid).digest(),
    ]
    made = [base64.b64encode(way).decode() for way in ways]
    assert len(set(made)) == 4
    assert made.index(wsedu.accept_key(key.decode())) == question("inventory.accept", "en").right
