"""What an exported question says of each of its options."""

from __future__ import annotations

from ..explain.catalogue import part_catalogue
from ..views.question import RIGHT, Question
from ..views.question_told import section_of, without_marks


def feedback(question: Question, place: int, language: str) -> str:
    """Why the right option is right; of a wrong one the misconception, what is so instead, and the section."""
    idea = question.ideas[place]
    if idea == RIGHT:
        return without_marks(question.because)
    words = part_catalogue("misconceptions", language)
    facts = {"idea": words.say(f"name.{idea}"), "fact": words.say(f"fact.{idea}")}
    return part_catalogue("quiz", language).say("export.feedback", **facts, section=section_of(idea, language))
