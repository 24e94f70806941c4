"""The catalogues: every sentence by its key, one file per language (`en.toml`, `zh.toml`).

A text is a template of `str.format` with named placeholders. A whole number may ask for its noun:
`{length:byte|bytes}` gives `1 byte` or `14,330 bytes`; everything else in a placeholder is as Python has it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES = ("en", "zh")
"""The languages that there is a catalogue for; the first is taken where nothing else is known."""

VARIABLE = "WSEDU_LANG"
"""The environment variable that chooses a language."""

_LOCALE_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")


PARTS = Path(__file__).with_name("parts")
"""The folder of the texts that only one part of wsedu needs."""


class Count(int):
    """A whole number that can be formatted together with its noun: `{n:byte|bytes}`."""

    def __format__(self, spec: str) -> str:
        one, bar, many = spec.partition("|")
        if not bar:
            return int.__format__(self, spec)
        return f"{int(self):,} {one if self == 1 else many}"


class Catalogue:
    """The sentences of one language.

    Arguments:
        language: one of `LANGUAGES`.
        texts: templates by key.
    """

    def __init__(self, language: str, texts: Mapping[str, str]) -> None:
        self.language = language
        self._texts = texts

    def has(self, key: str) -> bool:
        """Whether there is a text of that key."""
        return key in self._texts

    def keys(self) -> frozenset[str]:
        """Every key."""
        return frozenset(self._texts)

    @property
    def texts(self) -> dict[str, str]:
        """The templates as they are, by key, for a page that puts the facts in itself."""
        return dict(self._texts)

    def say(self, key: str, /, **facts: Any) -> str:
        """The text of a key with its facts put in.

        Arguments:
            key: such as `step.ping.answered`.
            facts: by name; those that the text does not use are left out.

        Raises:
            KeyError: there is no such key, or the text needs a fact that was not given.
        """
        counted = {name: _counted(value) for name, value in facts.items()}
        if self.language == "zh":
            return _set_apart(self._texts[key], counted)
        return self._texts[key].format_map(counted)


def _set_apart(template: str, facts: Mapping[str, Any]) -> str:
    """A Chinese text with its facts, where a Latin word or a number beside a Chinese character has a space of its own.

    Whether a fact is Latin, such as WebSocket, or Chinese, such as 轮询, the template cannot know.
    """
    text = ""
    for literal, name, spec, conversion in _pieces(template):
        text = _joined(text, literal)
        if name is not None:
            fact = repr(facts[name]) if conversion == "r" else facts[name]
            text = _joined(text, format(fact, spec or ""))
    return text


@cache
def _pieces(template: str) -> tuple[tuple[str, str | None, str | None, str | None], ...]:
    from string import Formatter

    return tuple(Formatter().parse(template))


def _joined(text: str, more: str) -> str:
    if not text or not more:
        return text + more
    last, first = text[-1], more[0]
    beside = (_han(last) and _latin(first)) or (_latin(last) and _han(first))
    return f"{text} {more}" if beside else text + more


def _han(character: str) -> bool:
    return "\u4e00" <= character <= "\u9fff"


def _latin(character: str) -> bool:
    return character.isascii() and character.isalnum()


def _counted(value: Any) -> Any:
    return Count(value) if isinstance(value, int) and not isinstance(value, bool) else value


@cache
def catalogue(language: str) -> Catalogue:
    """The catalogue of a language, read when it is first asked for.

    Arguments:
        language: one of `LANGUAGES`.

    Raises:
        ValueError: there is no catalogue of that language.
    """
    if language not in LANGUAGES:
        raise ValueError(_no_such(language, "language"))
    return Catalogue(language, _texts(Path(__file__).with_name(f"{language}.toml")))


@cache
def part_catalogue(part: str, language: str) -> Catalogue:
    """The texts that only one part of wsedu needs, such as a widget, so that nobody else has to read them.

    Arguments:
        part: the name of a file in the folder `parts`, before the language.
        language: one of `LANGUAGES`.

    Raises:
        ValueError: there is no catalogue of that language.
    """
    if language not in LANGUAGES:
        raise ValueError(_no_such(language, "language"))
    return Catalogue(language, _texts(PARTS / f"{part}.{language}.toml"))


def _texts(path: Path) -> dict[str, str]:
    import tomllib

    sections = tomllib.loads(path.read_text(encoding="utf-8"))
    return {f"{section}.{key}": text for section, entries in sections.items() for key, text in entries.items()}


# --- Which language ---


def choose_language(wanted: str | None = None) -> str:
    """The language to speak: the one wanted, else that of WSEDU_LANG, else that of the locale, else English.

    Arguments:
        wanted: a language such as `zh`; a region or script after it (`zh-CN`, `en_GB.UTF-8`) does not count.

    Raises:
        ValueError: there is no catalogue of the language that was wanted, here or in WSEDU_LANG.
    """
    if wanted is not None:
        return _named(wanted, "language")
    variable = os.environ.get(VARIABLE, "").strip()
    if variable:
        return _named(variable, VARIABLE)
    name = _locale_name().lower()
    return "zh" if name.startswith(("zh", "chinese")) else LANGUAGES[0]


def language_tag(language: str) -> str:
    """The language of a page or of a part of one, as HTML and SVG name it.

    Arguments:
        language: `en` or `zh`.
    """
    return "zh-Hans" if language == "zh" else language


def _named(name: str, source: str) -> str:
    primary = name.strip().lower().replace("_", "-").partition(".")[0].partition("-")[0]
    if primary not in LANGUAGES:
        raise ValueError(_no_such(name, source))
    return primary


def _no_such(name: str, source: str) -> str:
    return f"{source} {name!r} is not one of: {', '.join(LANGUAGES)}"


def _locale_name() -> str:
    """The name of the locale of messages: the first of the three variables that is set, else the system's."""
    for variable in _LOCALE_VARIABLES:
        value = os.environ.get(variable)
        if value:
            return value
    import locale

    try:
        return locale.getlocale()[0] or ""
    except ValueError:
        # A locale that Python cannot name.
        return ""
