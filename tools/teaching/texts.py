"""Texts of the guide: labels of the widgets and numbers are filled in, and a number that was typed is refused.

In a text, `[[part:key]]` is what the catalogue `part` says for `key`, such as the label of a button, and
`{{expression}}` is what Python makes of it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import wsedu
from tools.course.numbers import digits, prose
from tools.course.source import EXPRESSION, FOLDER
from wsedu.explain.catalogue import part_catalogue
from wsedu.protocol import closing

GUIDE = FOLDER.parent / "docs" / "teaching"
SOURCES = GUIDE / "source"

LABEL = re.compile(r"\[\[(\w+):([\w.-]+)\]\]")
NAMED = re.compile(r"\b[MX]\d\d\b|\b\d\d_\w+")
KNOWN = {"wsedu": wsedu, "Frame": wsedu.Frame, "encode_frame": wsedu.encode_frame, "closing": closing}


HAN = "[\\u3000-\\u9fff\\uff00-\\uffef]"


def one_line(text: str) -> str:
    """A text without its line ends; between Chinese characters they are no spaces."""
    return re.sub(f"(?<={HAN}) (?={HAN})", "", " ".join(text.split()))


@cache
def source(name: str) -> dict[str, Any]:
    """A file of docs/teaching/source."""
    return tomllib.loads((SOURCES / f"{name}.toml").read_text(encoding="utf-8"))


def say(key: str, language: str, /, **facts: object) -> str:
    """A text of the guide itself.

    Arguments:
        key: in words.toml.
        language: `en` or `zh`.
        facts: by name.
    """
    return str(source("words")[language][key]).format_map(facts)


def filled(text: str, language: str) -> str:
    """A text with its labels and expressions filled in, on one line.

    Arguments:
        text: of a file in docs/teaching/source.
        language: `en` or `zh`.

    Raises:
        ValueError: a label that no catalogue has, or an expression that fails.
    """

    def label(found: re.Match[str]) -> str:
        catalogue = part_catalogue(found[1], language)
        if not catalogue.has(found[2]):
            raise ValueError(f"{found[0]}: the catalogue {found[1]} has no {found[2]}")
        return f"**{catalogue.say(found[2])}**"

    def value(found: re.Match[str]) -> str:
        try:
            return str(eval(found[1], dict(KNOWN)))
        except Exception as error:
            raise ValueError(f"{found[0]}: {error}") from error

    return EXPRESSION.sub(value, LABEL.sub(label, one_line(text)))


def typed_numbers(text: str) -> list[str]:
    """Numbers that were typed into a text, outside of code, sections, ids, names of standards and of lessons.

    Arguments:
        text: before it is filled in.
    """
    rest = NAMED.sub(" ", prose(LABEL.sub(" ", text)))
    constants = source("words")["numbers"]
    for number in sorted(constants, key=len, reverse=True):
        rest = re.sub(rf"(?<!\d){re.escape(number)}(?!\d)", " ", rest)
    return digits(rest)


def texts(value: object) -> Iterator[str]:
    """Every text in a value of a TOML file."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from texts(one)


def wrong_texts() -> Iterator[str]:
    """What is wrong with the texts of docs/teaching/source, a line each."""
    for path in sorted(SOURCES.glob("*.toml")):
        if path.stem != "words":
            for text in texts(source(path.stem)):
                for number in typed_numbers(text):
                    yield f"{path.name}: {number} is typed; write it as {{{{expression}}}}: {text[:60]}"


def row(*cells: object) -> str:
    """A row of a table in Markdown."""
    return f"| {' | '.join(str(cell).replace('|', chr(92) + '|') for cell in cells)} |"


def table(head: list[str], rows: list[str]) -> list[str]:
    """A table in Markdown; an empty head is a column without a name."""
    return [row(*head), f"|{' --- |' * len(head)}", *rows]


def folder(language: str) -> Path:
    """Where the pages of a language are."""
    return GUIDE if language == "en" else GUIDE / language


def up(language: str) -> str:
    """The way from a page of the guide to the root of the repository."""
    return "../.." if language == "en" else "../../.."
