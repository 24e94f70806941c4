"""The views say what the catalogues have for them, and the catalogues have nothing for them that they do not say."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

import wsedu.explain.catalogue
import wsedu.views
from tests.views.printing import LANGUAGES
from wsedu.explain.catalogue import catalogue

HAN = "[\u4e00-\u9fff]"


def keys(language: str) -> set[str]:
    every: frozenset[str] = catalogue(language).keys()
    return {key for key in every if key.startswith("view.")}


def said() -> list[re.Pattern[str]]:
    """The keys in the sources of the views; what a key is put together from may be anything."""
    found = set()
    for path in Path(wsedu.views.__file__).parent.glob("*.py"):
        found |= set(re.findall(r'"(view\.[^"]+)"', path.read_text(encoding="utf-8")))
    return [re.compile(".+".join(re.escape(part) for part in re.split(r"\{[^}]*\}", key))) for key in found]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_key_is_there_and_none_is_idle(language: str) -> None:
    patterns = said()
    assert [key for key in keys(language) if not any(pattern.fullmatch(key) for pattern in patterns)] == []
    idle = [pattern.pattern for pattern in patterns if not any(pattern.fullmatch(key) for key in keys(language))]
    assert idle == []


def test_chinese_has_its_own_punctuation() -> None:
    path = Path(wsedu.explain.catalogue.__file__).with_name("zh.toml")
    texts = tomllib.loads(path.read_text(encoding="utf-8"))["view"]
    wrong = {key: text for key, text in texts.items() if re.search(rf"{HAN}[,;:!?()]|[,;:!?()]{HAN}", text)}
    assert wrong == {}
