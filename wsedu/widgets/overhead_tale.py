"""Where a learner is in the story of the overhead lab: what was answered, what is open, what was revealed."""

from __future__ import annotations

import math
from typing import Any

from ..explain.catalogue import part_catalogue
from ..overhead.setting import Setting
from ..views.overhead_picture import OWN
from ..views.overhead_story import Chapter, article_heads, chapters, said_text, shown_setting
from .base import BadInput


class Tale:
    """A way through the story.

    Arguments:
        language: `en` or `zh`.
    """

    def __init__(self, language: str) -> None:
        self._language = language
        self._say = part_catalogue(OWN, language).say
        self._chapters = chapters(language)
        self._done: list[dict[str, Any]] = []

    def answer(self, said: Any) -> dict[str, Any]:
        """Answer the open question, or skip it with None.

        Arguments:
            said: a number as it was typed, the value of a choice, or a list of values.

        Returns:
            What is kept of it: `question`, `said`, `answer`, `right`, `skipped`.

        Raises:
            BadInput: there is none, or this is no answer to it.
        """
        if len(self._done) == len(self._chapters):
            raise BadInput(self._say("why.answered"))
        chapter = self._chapters[len(self._done)]
        value = None if said is None else self._value(chapter, said)
        kept = {
            "question": chapter.key,
            "said": value,
            "answer": chapter.answer,
            "right": value is not None and bool(chapter.right(value)),
            "skipped": value is None,
        }
        self._done.append(kept)
        return dict(kept)

    def _value(self, chapter: Chapter, said: Any) -> Any:
        if chapter.kind == "number":
            text = "".join(str(said).split()).replace(",", "")
            if not text:
                raise BadInput(self._say("why.empty"))
            try:
                number = float(text)
            except ValueError:
                number = math.nan
            if not math.isfinite(number):
                raise BadInput(self._say("why.number", text=str(said).strip()[:40]))
            return int(number) if number == int(number) else number
        known = [value for value, _ in chapter.options]
        chosen = [said] if chapter.kind == "choice" else list(said)
        if not any(chosen):
            raise BadInput(self._say(f"why.{chapter.kind}"))
        for one in chosen:
            if one not in known:
                raise BadInput(self._say("why.name", name=one))
        return said if chapter.kind == "choice" else chosen

    def setting(self, number: int, setting: Setting) -> Setting:
        """A setting in which the charts show what an answered chapter is about.

        Raises:
            BadInput: it has not been answered.
        """
        if not 0 <= number < len(self._done):
            raise BadInput(self._say("why.answered"))
        return shown_setting(self._chapters[number], setting)

    def state(self) -> dict[str, Any]:
        """What a page may know: answers of answered questions, and of the open one only the question."""
        number, count = len(self._done), len(self._chapters)
        made: dict[str, Any] = {
            "done": [self._told(chapter, kept) for chapter, kept in zip(self._chapters, self._done, strict=False)],
            "open": None,
            "over": "",
        }
        if number < count:
            chapter = self._chapters[number]
            made["open"] = {
                "number": number,
                "place": self._say("story.place", number=number + 1, count=count),
                "title": chapter.title(self._language),
                "question": chapter.question(self._language),
                "kind": chapter.kind,
                "options": list(chapter.options),
                "heads": list(article_heads()) if chapter.key == "count" else [],
            }
        else:
            right, skipped = (sum(kept[name] for kept in self._done) for name in ("right", "skipped"))
            made["over"] = self._say("story.over", right=right, count=count, skipped=skipped)
        return made

    def _told(self, chapter: Chapter, kept: dict[str, Any]) -> dict[str, Any]:
        key = "skipped" if kept["skipped"] else "right" if kept["right"] else "wrong"
        said = "" if kept["skipped"] else said_text(chapter, kept["said"])
        idea = (
            "" if kept["right"] or kept["skipped"] or chapter.kind != "number" else chapter.ideas.get(kept["said"], "")
        )
        return {
            "title": chapter.title(self._language),
            "said": self._say(f"story.said.{key}", said=said, answer=chapter.answer),
            "idea": idea,
            "reveal": list(chapter.reveal),
            "right": kept["right"],
            "show": bool(chapter.show),
        }
