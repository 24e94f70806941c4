"""What an exercise asks for, as a cell of a lesson."""

from __future__ import annotations

import re
from textwrap import dedent

import pytest

from tools.course.shown import shown
from tools.course.source import LANGUAGES, _statement, sources
from wsedu.grading.exercise import find_exercise

STATED = sorted(
    {
        name
        for source in sources()
        for name in re.findall(r"(?m)^# exercise: (\w+)$", source.read_text(encoding="utf-8"))
    }
)
BLOCK = re.compile(r"(?:(?<=\n\n)|\A)(?:(?: {4}.*)?\n)* {4}.*")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", STATED)
def test_each_block_of_code_of_a_statement_is_shown_as_one(name: str, language: str) -> None:
    """After a list, too, where Markdown would take an indented block for more of its last item."""
    statement = find_exercise(name).text(language)["statement"].strip()
    page = shown(_statement(name, language).source)
    blocks = BLOCK.findall(statement)
    assert page.tags.count("pre") == len(blocks)
    for block in blocks:
        assert dedent(block).strip() in page.code
