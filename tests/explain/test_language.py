"""Which language is spoken: the one asked for, else WSEDU_LANG, else the locale, else English."""

from __future__ import annotations

import locale
import subprocess
import sys

import pytest

from wsedu.explain.catalogue import LANGUAGES, choose_language

VARIABLES = ("WSEDU_LANG", "LC_ALL", "LC_MESSAGES", "LANG")


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(locale, "getlocale", lambda: (None, None))


@pytest.mark.parametrize(
    ("wanted", "chosen"), [("en", "en"), ("zh", "zh"), ("ZH", "zh"), ("zh-CN", "zh"), ("en_GB.UTF-8", "en")]
)
def test_what_is_asked_for_wins(wanted: str, chosen: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WSEDU_LANG", "en" if chosen == "zh" else "zh")
    monkeypatch.setenv("LC_ALL", "en_US" if chosen == "zh" else "zh_CN")
    assert choose_language(wanted) == chosen


def test_the_variable_wins_over_the_locale(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WSEDU_LANG", "zh")
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    assert choose_language() == "zh"


@pytest.mark.parametrize("name", ["LC_ALL", "LC_MESSAGES", "LANG"])
@pytest.mark.parametrize(
    ("value", "chosen"),
    [("zh_CN.UTF-8", "zh"), ("zh", "zh"), ("Chinese_China.936", "zh"), ("de_DE.UTF-8", "en"), ("C", "en")],
)
def test_the_locale_decides_where_nobody_asks(
    name: str, value: str, chosen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    assert choose_language() == chosen


def test_the_first_variable_of_the_locale_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert choose_language() == "en"
    monkeypatch.setenv("LC_ALL", "")
    assert choose_language() == "zh"


def test_the_system_decides_without_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    assert choose_language() == "en"
    monkeypatch.setattr(locale, "getlocale", lambda: ("Chinese (Simplified)_China", "936"))
    assert choose_language() == "zh"


def test_a_locale_without_a_name_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown() -> tuple[None, None]:
        raise ValueError("unknown locale")

    monkeypatch.setattr(locale, "getlocale", unknown)
    assert choose_language() == "en"


@pytest.mark.parametrize("wanted", ["fr", "", "english", "zhuang"])
def test_an_unknown_language_is_refused_with_the_choices(wanted: str) -> None:
    with pytest.raises(ValueError, match=", ".join(LANGUAGES)):
        choose_language(wanted)


def test_an_unknown_language_in_the_variable_is_refused_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WSEDU_LANG", "fr")
    with pytest.raises(ValueError, match=r"WSEDU_LANG 'fr'.*en, zh"):
        choose_language()
    monkeypatch.setenv("WSEDU_LANG", "")
    assert choose_language() == "en"


def test_no_catalogue_is_read_before_a_sentence_is_wanted() -> None:
    program = """
import sys
import wsedu.explain.words
assert "tomllib" not in sys.modules
from wsedu.explain.catalogue import catalogue
assert catalogue("zh") is catalogue("zh")
assert "tomllib" in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=30)
