"""`QuestionCard`: a question, an answer that stays as it was given, and for what was learned before the verdict."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from ..views.headless import headless
from ..views.question import Answer, NoAnswer, Question, answered
from ..views.question_pages import card_html, card_piece, card_svg, card_text, kicker, verdict_of
from ..views.question_told import LETTERS, runs, shown
from .base import BadInput, Widget

if TYPE_CHECKING:
    from ..views.svg_theme import ThemeName


class QuestionCard(Widget):
    """Ask a question, and keep the answer.

    In the course it is made by `wsedu.course.ask`. What was answered is in `.answer`.

    Arguments:
        question: that is asked.
        kept: what was answered before; a question that was skipped is asked again.
        heard: is told of the answer.
        forgotten: is told the question's name when it is asked again; None for an answer that stays as it is.
        language: `en` or `zh`; None for that of WSEDU_LANG or the locale.
    """

    _files: ClassVar[str] = "question_card"

    def __init__(
        self,
        question: Question,
        *,
        kept: Answer | None = None,
        heard: Callable[[Answer], None] | None = None,
        forgotten: Callable[[str], None] | None = None,
        language: str | None = None,
    ) -> None:
        self._question, self._heard, self._forgotten = question, heard, forgotten
        self._answer = None if kept is None or kept.skipped else kept
        super().__init__(language=language)
        self._show()

    @property
    def answer(self) -> Answer | None:
        """What was answered; None so far."""
        return self._answer

    @property
    def question(self) -> Question:
        """What is asked."""
        return self._question

    def do_commit(self, said: Any) -> None:
        """Answer the question: the place of an option from 0, or what was typed."""
        if said is None:
            raise BadInput(self._say.say("why.choice" if self._question.kind == "choice" else "why.empty"))
        self._take(said)

    def do_skip(self) -> None:
        """Skip the question."""
        self._take(None)

    def do_again(self) -> None:
        """Forget the answer and ask once more: for the next class, or after the lesson."""
        if self._forgotten is None:
            raise BadInput(self._say.say("why.kept"))
        self._answer = None
        self._forgotten(self._question.name)
        self._show()

    def _take(self, given: Any) -> None:
        if self._answer is not None:
            raise BadInput(self._say.say("why.kept"))
        try:
            self._answer = answered(self._question, given)
        except NoAnswer as error:
            raise BadInput(self._say.say(error.key, **error.facts)) from None
        if self._heard is not None:
            self._heard(self._answer)
        self._show()

    def judge(self) -> None:
        """Say now whether the answer is right, and which idea a wrong one comes from."""
        self._question = replace(self._question, recall=True, head=self._question.head or "predict")
        self._show()

    # --- What the page draws ---

    def _draw(self) -> dict[str, Any]:
        question, answer = self._question, self._answer
        verdict = verdict_of(question, answer, self.language)
        return {
            "kind": question.kind,
            "kicker": kicker(question, self.language),
            "ask": runs(question.ask),
            "options": [[LETTERS[place], runs(option)] for place, option in enumerate(question.options)],
            "said": None if answer is None else answer.said,
            "typed": "" if answer is None or answer.said is None else shown(answer.said),
            "done": answer is not None,
            "again": answer is not None and self._forgotten is not None,
            "mark": verdict.mark if verdict else "",
            "told": [runs(line) for line in verdict.lines()] if verdict else [],
        }

    # --- Static twins ---

    def to_text(self) -> str:
        return card_text(self._question, self._answer, self.language)

    def to_html(self) -> str:
        return card_html(self._question, self._answer, self.language)

    def to_svg(self, *, theme: ThemeName = "auto") -> str:
        return card_svg(self._question, self._answer, self.language, theme)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """As of every widget; without a kernel a question that is recalled has its answer folded away."""
        bundle, metadata = super()._repr_mimebundle_(**kwargs)
        if self._question.recall and headless():
            bundle["text/html"] = card_piece(self._question, self._answer, self.language)
        return bundle, metadata
