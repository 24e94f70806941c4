"""What a learner does with a film besides watching it: predict, fork, and be the server."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import traitlets

from ..explain.shown import printable
from ..trace.files import write_whole
from ..trace.trace import Record
from ..views.fork_menu import fault_menu
from ..views.ideas import idea_sentence, misconception
from ..views.predictions import Question, judged, plain, questions, unreadable
from .base import BadInput
from .film_forks import FilmForks
from .film_server import BeServer

LONG = 40
"""Characters of an answer that is none which are shown."""

COLUMNS = ("n", "kind", "question", "said", "answer", "right", "skipped", "idea", "misconception")


class FilmActs(FilmForks):
    """The part of `ExchangeFilm` that asks, forks and lets a learner answer."""

    predictions = traitlets.List(traitlets.Dict())
    """What was said, in order: `n`, the step that answers; `kind`, `question`, what was `said`, the `answer`,
    whether it is `right` or was `skipped`, and, where a wrong answer can only come of one known idea, what to say of
    that `idea`, and the id of its `misconception` in the inventory; both empty for none."""

    if TYPE_CHECKING:
        _steps: Sequence[Record]

        def _show(self) -> None: ...

    _asking = False
    _server: BeServer | None = None
    _questions: Sequence[Question] = ()
    _told = ""

    def _acts_begin(self) -> None:
        """Another film: other questions, no fork."""
        self._questions = questions(self._steps, self.language)
        self._answered: set[int] = set()
        self._told = ""
        self.forked = {}

    def _acts_state(self) -> dict[str, Any]:
        """What the panels show."""
        said = [entry for entry in self.predictions if not entry["skipped"]]
        right = sum(entry["right"] for entry in said)
        facts = {
            "asked": len(self.predictions),
            "right": right,
            "wrong": len(said) - right,
            "skipped": len(self.predictions) - len(said),
        }
        return {
            "asking": self._asking,
            "questions": [question.asked() for question in self._questions if question.n not in self._answered],
            "told": self._told,
            "tally": self._panel_say.say("ask.tally", **facts) if self.predictions else "",
            "exported": self._exported() if self.predictions else {},
            "faults": fault_menu(self._panel_say),
            "server": None if self._server is None else self._server.state(),
        }

    # --- Predictions ---

    @property
    def asking(self) -> bool:
        """Whether the film stops at its questions until each is answered or skipped."""
        return self._asking

    @asking.setter
    def asking(self, on: bool) -> None:
        self._asking = bool(on)
        self._answered = set()
        self._told = ""
        self._show()

    def do_ask(self, on: bool) -> None:
        """Begin or end the questions."""
        self.asking = on

    def do_predict(self, n: int, said: str = "", *, skipped: bool = False) -> None:
        """Commit to an answer, or skip the question."""
        say = self._panel_say.say
        open_ones = [question for question in self._questions if question.n == n and n not in self._answered]
        if not open_ones:
            raise BadInput(say("ask.none", n=n))
        question = open_ones[0]
        if not skipped and not said.strip():
            raise BadInput(say("ask.empty"))
        if not skipped and (why := unreadable(question, said)):
            raise BadInput(say(f"ask.no.{why}", said=printable(said.strip())[:LONG]))
        right = not skipped and judged(question, said)
        idea = "" if right or skipped else question.ideas.get(plain(question, said), "")
        sentence = idea_sentence(idea, self.language)
        entry = {
            "n": n,
            "kind": question.kind,
            "question": question.text,
            "said": "" if skipped else said.strip(),
            "answer": question.answer,
            "right": right,
            "skipped": skipped,
            "idea": sentence,
            "misconception": misconception(idea),
        }
        self._answered.add(n)
        self.predictions = [*self.predictions, entry]
        outcome = "skipped" if skipped else "right" if right else "wrong"
        shown = dict(question.options).get(question.answer, question.answer)
        parts = [say(f"ask.is.{outcome}", answer=shown), sentence, question.reason]
        self._told = " ".join(part for part in parts if part)

    def export_predictions(self, path: str | os.PathLike[str]) -> None:
        """Write the predictions; the file is written whole or not at all.

        Arguments:
            path: ends in `.csv` for a table; anything else becomes JSON.

        Raises:
            OSError: it cannot be written.
        """
        target = Path(path)
        form = "csv" if target.suffix.lower() == ".csv" else "json"
        write_whole(target, self._exported()[form].encode())

    def _exported(self) -> dict[str, str]:
        """The predictions as a table and as JSON."""
        table = io.StringIO()
        writer = csv.DictWriter(table, COLUMNS)
        writer.writeheader()
        writer.writerows(self.predictions)
        return {
            "csv": table.getvalue(),
            "json": json.dumps(self.predictions, ensure_ascii=False, indent=1) + "\n",
        }

    # --- Be the server ---

    def do_server(self, choice: str = "", text: str = "") -> None:
        """Answer as the server: a choice, or bytes in hex; without either, begin anew."""
        if not (choice or text) or self._server is None:
            self._server = BeServer(self.language)
        elif choice:
            self._server.answer(choice)
        else:
            self._server.type(text)

    def do_server_end(self) -> None:
        """Put the client away."""
        self._server = None
