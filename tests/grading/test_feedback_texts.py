"""The texts of feedback, of the exercises' commands and of a learner's folder: both languages have the same."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

import wsedu
from wsedu.explain.catalogue import part_catalogue

PARTS = ("feedback", "exercises", "line_order")
CODE = "\n".join(
    path.read_text(encoding="utf-8")
    for folder in ("grading", "cli", "widgets", "views", "widgets/static")
    for path in (Path(wsedu.__file__).parent / folder).glob("*.*")
)


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("part", PARTS)
def test_both_languages_have_the_same_keys_and_placeholders(part: str) -> None:
    english, chinese = (part_catalogue(part, language).texts for language in ("en", "zh"))
    assert set(english) == set(chinese)
    for key, text in english.items():
        assert placeholders(text) == placeholders(chinese[key]), key


@pytest.mark.parametrize("part", PARTS)
def test_chinese_texts_are_chinese_with_its_own_marks(part: str) -> None:
    for key, text in part_catalogue(part, "zh").texts.items():
        bare = re.sub(r"\{[^}]*\}|`[^`]*`|https?:\S+", "", text)
        if re.search("[a-zA-Z]{3}", bare) and not re.search("[\u4e00-\u9fff]", bare):
            assert re.fullmatch(r"[\sA-Za-z0-9 .,§()（）/]*", bare), key
        assert not re.search("[\u4e00-\u9fff][,;!?]", bare), key


@pytest.mark.parametrize("part", PARTS)
def test_every_text_is_said_somewhere(part: str) -> None:
    for key in part_catalogue(part, "en").texts:
        section, _, name = key.partition(".")
        known = f'"{key}"' in CODE or f'"{section}.' in CODE or f'"{name}"' in CODE or f"`{section}." in CODE
        assert known, key
