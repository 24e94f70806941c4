"""The concept inventory in a notebook: a card for each question, and below them what the answers come to."""

from __future__ import annotations

from typing import Any

from ..explain.catalogue import choose_language, language_tag, part_catalogue
from ..views.headless import headless
from ..views.question import Answer, Question
from ..views.question_pages import card_piece, card_text, marked
from ..views.svg_draw import element
from .inventory import Result, inventory, result, result_lines


class Deck:
    """Cards, whose answers are kept here alone, and a summary that follows them.

    Arguments:
        asked: the questions.
        language: `en` or `zh`.
    """

    def __init__(self, asked: list[Question], language: str) -> None:
        from importlib import import_module

        from ..widgets.question_card import QuestionCard

        # By its name: it brings no types.
        ipywidgets = import_module("ipywidgets")
        self._asked, self._language = asked, language
        self._answers: dict[str, Answer] = {}
        self.cards = [QuestionCard(one, heard=self._heard, language=language) for one in asked]
        self._summary = ipywidgets.HTML(self._told())
        gap = ipywidgets.Layout(grid_gap="0.75rem")
        self._box = ipywidgets.VBox([*self.cards, self._summary], layout=gap)

    @property
    def result(self) -> Result:
        """What the answers come to so far."""
        return result(self._asked, self._answers, self._language)

    def _heard(self, answer: Answer) -> None:
        self._answers[answer.name] = answer
        self._summary.value = self._told()
        if len(self._answers) == len(self._asked):
            for card in self.cards:
                card.judge()

    def _lines(self) -> list[str]:
        """The progress; the result when every question was answered or skipped."""
        done, count = len(self._answers), len(self._asked)
        if done < count:
            return [part_catalogue("quiz", self._language).say("quiz.progress", done=done, count=count)]
        return result_lines(self.result, self._language)

    def _told(self) -> str:
        body, looks = "", "wsedu-card-head"
        for line in self._lines():
            # What follows an empty line begins something.
            body += element("p", marked(line), cls=looks) if line else ""
            looks = "wsedu-card-line" if line else "wsedu-card-head"
        tag = language_tag(self._language)
        return element("div", body, cls="wsedu wsedu-card wsedu-card-summary", role="status", lang=tag)

    def __repr__(self) -> str:
        cards = [card_text(one, self._answers.get(one.name), self._language) for one in self._asked]
        return "\n".join([*cards, *self._lines()])

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        from ..widgets.base import WIDGET_VIEW

        bundle: dict[str, Any] = {"text/plain": repr(self)}
        if not headless():
            live = self._box._repr_mimebundle_(**kwargs)
            data = live[0] if isinstance(live, tuple) else live
            return bundle | {kind: value for kind, value in data.items() if kind == WIDGET_VIEW}
        pieces = [card_piece(one, self._answers.get(one.name), self._language) for one in self._asked]
        return bundle | {"text/html": "<hr>".join(pieces)}


def quiz(*, count: int | None = None, seed: int | None = None) -> Deck:
    """The concept inventory as cards, with a summary at its end: which ideas to look at again.

    Arguments:
        count: how many questions, from all areas; None for all.
        seed: shuffles the questions and their options; None for their own order.

    Raises:
        ValueError: there are not so many questions.
    """
    language = choose_language()
    return Deck(inventory(language, count=count, seed=seed), language)
