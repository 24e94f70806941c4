"""Known wrong ideas: what each is called, and which misconception of the course's inventory it is."""

from __future__ import annotations

from collections.abc import Iterable

from ..explain.catalogue import part_catalogue

IDEAS: dict[str, str] = {
    # Answers to questions about a film.
    "early": "X47",
    "ok": "M08",
    "header": "",
    "two": "X62",
    "mask": "M27",
    "unmasked": "",
    "length": "M24",
    "fin": "",
    "order": "M16",
    "closed": "M37",
    "torn": "M37",
    "nocode": "",
    "end": "X58",
    "pong": "M36",
    "reported": "M38",
    # What a learner sends as a server.
    "masks": "M27",
    "decoded": "M01",
    "hexdigest": "M02",
    "guid": "M03",
    "hash": "M05",
    "lines": "M11",
    "counts": "M24",
    "bare": "",
    "textual": "M35",
    "body": "M39",
    "tcp": "M37",
}
"""The ideas that can be named, each with the id of its misconception; empty for one that the inventory has not.

An idea is named only for an answer that it alone explains, of all that are known.
"""


def idea_sentence(idea: str, language: str) -> str:
    """What to say of an idea: what is so instead, and where the RFC says it; empty for no idea."""
    return part_catalogue("film_panels", language).say(f"idea.{idea}") if idea else ""


def misconception(idea: str) -> str:
    """The id of an idea's misconception; empty for none."""
    return IDEAS.get(idea, "")


def certain(found: Iterable[tuple[str, str]], answer: str) -> dict[str, str]:
    """Answers and the idea behind each; an answer that is right, or that two ideas explain, is left out.

    Arguments:
        found: answers with the idea that gives them.
        answer: the right one.
    """
    ideas: dict[str, set[str]] = {}
    for said, idea in found:
        ideas.setdefault(said, set()).add(idea)
    return {said: one.pop() for said, one in ideas.items() if said != answer and len(one) == 1}
