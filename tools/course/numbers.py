"""Numbers that somebody typed into a text of a lesson or of a question, where a program should have put them."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jupytext

from wsedu.course.question import FOLDER

from .shown import shown
from .source import EXPRESSION, LANGUAGES, SOURCES

_LESSON = r"(?:10|\d)(?![\d.,]*\d)"
NAMES = re.compile(
    r"(?:"
    r"RFC \d{4}|(?:erratum|勘误) \d{4}|§§? ?(?:1[0-4]|[1-9])(?:\.\d{1,2})*|RSV[1-3]|"
    r"(?:opcodes? |操作码 ?)(?:1[0-5]|\d)|"
    r"SHA-(?:1|256)|UTF-(?:8|16|32)|HTTP/(?:1\.[01]|[23])|TLS 1\.[0-3]|base64|Python 3\.\d+|"
    rf"lessons? {_LESSON}(?:(?:, | and | to |–){_LESSON})*|第 ?{_LESSON}(?: ?[、到至和–] ?(?:第 ?)?{_LESSON})* ?课"
    r")(?![\d.,]*\d)",
    re.IGNORECASE,
)
"""Digits that are a name: of a standard, a section, an opcode, a lesson."""

DIGITS = re.compile(r"\d+(?:[,._]\d+)*")
ITEM = re.compile(r"(?m)^[ >]*(\d+)[.)] ")
_BUILT_IN = {"int", "str", "float", "range", "len", "max", "min", "sum", "round", "abs", "format"}
FENCED = re.compile(r"(?ms)^```.*?^```")


@cache
def listed(table: str) -> dict[str, Any]:
    """A table of numbers.toml: `numbers` that may be typed into lessons, or those of `questions`."""
    return dict(tomllib.loads((SOURCES / "numbers.toml").read_text(encoding="utf-8"))[table])


def prose(text: str) -> str:
    """The words that a text in Markdown shows, outside of code, on one line, its expressions taken out."""
    return " ".join(shown(EXPRESSION.sub("…", text)).prose.split())


def digits(words: str) -> list[str]:
    """The numbers among words that are no names."""
    return DIGITS.findall(NAMES.sub(" ", words))


def typed_numbers(text: str, lesson: int | None = None) -> list[str]:
    """Numbers that somebody typed into a text of a lesson, outside of code, and of names.

    Arguments:
        text: of a cell of a source, its expressions not yet filled in.
        lesson: the number of the lesson, which its title says.
    """
    rest = prose(re.sub(rf"\A# {lesson} · ", "# ", text))
    for pattern in listed("numbers"):
        rest = re.sub(pattern, " ", rest)
    return [*digits(rest), *_misplaced(text), *_dressed(text)]


def _misplaced(text: str) -> Iterator[str]:
    """Numbers that would be lost, as Markdown takes them for those of a list."""
    before = 0
    for found in ITEM.findall(FENCED.sub("", text)):
        if int(found) not in (1, before + 1):
            yield found
        before = int(found)


def _dressed(text: str) -> Iterator[str]:
    """Expressions that compute nothing: digits without a name of the lesson's, or within the words of an f-string."""
    for found in EXPRESSION.finditer(text):
        call = ast.parse(f"format({found[1].strip()})", mode="eval").body
        assert isinstance(call, ast.Call)
        value = call.args[0]
        nodes = list(ast.walk(value))
        names = {node.id for node in nodes if isinstance(node, ast.Name)} - _BUILT_IN
        specs = [node.format_spec for node in nodes if isinstance(node, ast.FormattedValue)]
        worded = [node for node in nodes if isinstance(node, ast.JoinedStr) and node not in specs]
        words = [part for node in worded for part in node.values]
        if _has_digits(words) or (_has_digits(nodes) and not names):
            yield found[0]


def _has_digits(nodes: Iterable[ast.AST]) -> bool:
    return any(isinstance(node, ast.Constant) and DIGITS.search(repr(node.value)) for node in nodes)


def numbers_in(source: Path) -> Iterator[str]:
    """The typed numbers of a source, each with its cell."""
    read = jupytext.reads(source.read_text(encoding="utf-8"), fmt="py:percent")
    for place, cell in enumerate(read.cells, 1):
        if cell.cell_type == "markdown":
            for number in typed_numbers(cell.source, int(source.stem[:2])):
                yield f"{source.name}, cell {place}: {number} is typed; let an {{{{expression}}}} compute it"


# --- Questions ---


def asked_numbers(facts: dict[str, Any], language: str) -> list[str]:
    """Numbers in what a question asks and explains; its options, right and wrong, are data."""
    return [number for part in ("ask", "because") for number in digits(prose(facts[language].get(part, "")))]


def numbers_asked(part: str) -> Iterator[str]:
    """Numbers in a file of questions that its entry in numbers.toml does not have, and entries that nothing needs."""
    file = tomllib.loads((FOLDER / f"{part}.toml").read_text(encoding="utf-8"))
    for key, facts in file.items():
        known, found = set(listed("questions").get(f"{part}.{key}", {})), set[str]()
        for language in LANGUAGES:
            asked = set(asked_numbers(facts, language))
            yield from (
                f"{part}.{key} ({language}): {one} is typed; numbers.toml has no reason" for one in asked - known
            )
            found |= asked
        yield from (f"{part}.{key}: {one} stands in numbers.toml only" for one in known - found)
