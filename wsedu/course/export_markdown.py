"""Questions in Markdown: first all questions, as for a sheet of paper, then the answers with their misconceptions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .. import __version__
from ..explain.catalogue import part_catalogue
from ..views.question import RIGHT, Question
from ..views.question_told import LETTERS, section_of
from .lessons import LESSONS


def markdown(asked: Sequence[Question], language: str) -> str:
    """The questions and their answers.

    Arguments:
        asked: the questions, each a choice.
        language: `en` or `zh`.
    """
    say = part_catalogue("quiz", language).say
    lines = [f"# {say('quiz.title')}", "", say("export.lead"), ""]
    for number, question in enumerate(asked, 1):
        lines += [f"## {number}. {question.ask}", ""]
        lines += [f"- {LETTERS[place]}. {option}" for place, option in enumerate(question.options)]
        lines.append("")
    lines += [f"## {say('export.answers')}", "", *_key(asked, language), ""]
    lines += [f"<!-- {say('export.made', version=__version__)} -->", ""]
    return "\n".join(lines)


def _key(asked: Sequence[Question], language: str) -> Iterator[str]:
    say, words = part_catalogue("quiz", language).say, part_catalogue("misconceptions", language)
    head = [say(f"export.{name}") for name in ("question", "option", "idea", "section", "revisit")]
    yield _row(head)
    yield _row(["---"] * len(head))
    for number, question in enumerate(asked, 1):
        for place, idea in enumerate(question.ideas):
            if idea == RIGHT:
                cells = [f"**{say('export.right')}**: {question.because}", "", ""]
            else:
                named = f"{idea}: {words.say(f'name.{idea}')}"
                cells = [named, section_of(idea, language), str(LESSONS[idea])]
            yield _row([str(number), LETTERS[place], *cells])


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
