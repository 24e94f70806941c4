"""`check --watch`: a verdict after every save, and keys for everything else."""

from __future__ import annotations

import queue
import sys
import time
from typing import TYPE_CHECKING, Any

from ..explain.catalogue import Catalogue
from ..grading.afterwards import solution_parts
from ..grading.checking import Checked
from ..grading.exercise import Exercise, exercises
from ..grading.feedback import feedback
from ..grading.started import BACKUPS, reset
from ..grading.state import State
from ..views.answers import Line, Part
from .check import summary_line
from .check_watch_screen import DrawnScreen, PlainScreen, Screen
from .check_watch_work import BUSY_SECONDS, POLL_SECONDS, Found, Watched, Work
from .exercises_list import table
from .keys import Keys

if TYPE_CHECKING:
    from .context import Context


def watch(state: State, words: Catalogue, context: Context, *, first: Exercise | None, plain: bool) -> int:
    """Stay until q or Ctrl-C.

    Arguments:
        state: what is done so far.
        words: the texts.
        context: of the command.
        first: the exercise to begin with; None for the first that is not done.
        plain: lines, and no drawing.

    Returns:
        0 if the current exercise passes, else 1.
    """
    drawn = not plain and sys.stdout.isatty()
    screen: Screen = DrawnScreen(context, words) if drawn else PlainScreen(context, words)
    watching = Watch(state, words, screen, first or _first_open(state))
    try:
        with Keys() as keys:
            watching.run(keys)
    finally:
        watching.stop()
        if drawn:
            context.write("")
    done = sum(exercise.name in state.done for exercise in exercises())
    context.write(words.say("watch.ended", done=done, count=len(exercises())))
    return 0 if watching.exercise.name in state.done else 1


def _first_open(state: State) -> Exercise:
    """The first exercise that is not done; the last one if all are."""
    return next((exercise for exercise in exercises() if exercise.name not in state.done), exercises()[-1])


class Watch:
    """What is watched, what is running, and what the keys do.

    Arguments:
        state: what is done so far.
        words: the texts.
        screen: to show it on.
        exercise: to begin with.
    """

    def __init__(self, state: State, words: Catalogue, screen: Screen, exercise: Exercise) -> None:
        self._state, self._words, self._screen = state, words, screen
        self.exercise = exercise
        self._watched = Watched(state.folder / exercise.file)
        self._work: Work | None = None
        self._all: list[Found] | None = None
        self._parts: list[Part] = []
        self._asks = self._lists = self._ended = False
        self._hints = 0
        self._do = {
            "r": self._check,
            "n": self._next,
            "h": self._hint,
            "l": self._list,
            "c": self._check_all,
            "x": self._ask_reset,
            "q": self._quit,
        }

    def run(self, keys: Keys) -> None:
        """Go on until q."""
        self._check()
        while not self._ended:
            key = keys.next(BUSY_SECONDS if self._work is not None else POLL_SECONDS)
            if key:
                self._press(key.lower())
            if self._watched.saved():
                self._asks = self._lists = False
                self._check(saved=True)
            self._collect()

    def stop(self) -> None:
        """End what is running."""
        if self._work is not None:
            self._work.stop()

    # --- Keys ---

    def _press(self, key: str) -> None:
        if self._asks:
            self._answer(key)
        elif self._lists and key != "q":
            self._lists = False
            self._show()
        elif key in self._do:
            self._do[key]()

    def _quit(self) -> None:
        self._ended = True

    def _next(self) -> None:
        """Go to the next exercise that is not done, from the first again after the last."""
        every = exercises()
        at = every.index(self.exercise)
        later = [*every[at + 1 :], *every[: at + 1]]
        found = next((exercise for exercise in later if exercise.name not in self._state.done), None)
        if found is None:
            self._note("everything")
            return
        self.exercise = found
        self._watched = Watched(self._state.folder / found.file)
        self._hints = 0
        self._check()

    def _hint(self) -> None:
        """Show the next hint below what is there."""
        hints = self._texts["hints"]
        if self._hints == len(hints):
            self._note("hints_out")
            return
        self._hints += 1
        self._state.hints[self.exercise.name] = max(self._hints, self._state.hints.get(self.exercise.name, 0))
        self._keep()
        say = self._words.say
        title = say("hint.shown", number=self._hints, count=len(hints), title=self._texts["title"])
        hint: list[Part] = [Line(""), Line(title, "strong"), Line(hints[self._hints - 1], indent=1)]
        self._parts += hint
        self._tell_keys()
        self._screen.add(hint)

    def _list(self) -> None:
        self._lists = True
        rows = table(self._words, self._state, self.exercise, cells=self._screen.cells)
        lines: list[Part] = [Line(row, code=True) for row in rows]
        back = Line(self._words.say("watch.back"), "muted")
        self._screen.show([*lines, back], at=exercises().index(self.exercise))

    def _ask_reset(self) -> None:
        self._asks = True
        told = self._words.say("watch.reset", file=self.exercise.file, backups=BACKUPS)
        self._screen.note(told, asks=True)

    def _answer(self, key: str) -> None:
        self._asks = False
        if key != self._words.say("reset.yes"):
            self._note("reset_no")
            return
        try:
            kept = reset(self._state.folder, self.exercise, self._words.language)
        except OSError as error:
            self._note("unwritable", problem=_why(error))
            return
        self._state.mark(self.exercise.name, False)
        key = "reset_done_bare" if kept is None else "reset_done"
        self._watched = Watched(self._watched.path)
        self._check()
        self._note(key, file=self.exercise.file, backup=str(kept))

    # --- Checks ---

    def _check(self, *, saved: bool = False) -> None:
        """Check the current exercise, after whatever is running."""
        if not self._watched.path.exists():
            self._parts = [Line(self._words.say("watch.missing", file=self.exercise.file))]
            self._show()
            return
        if self._work is not None:
            self._work.stop()
        self._all = None
        self._work = Work([self.exercise], self._state.folder, self._state.seed)
        self._tell_keys()
        key = "saved" if saved else "checking"
        self._note(key, time=_clock(), file=self.exercise.file)

    def _check_all(self) -> None:
        there = [exercise for exercise in exercises() if (self._state.folder / exercise.file).exists()]
        if self._work is not None:
            self._work.stop()
        self._all = []
        self._work = Work(there, self._state.folder, self._state.seed)
        if there:
            self._note("all", number=1, count=len(there), file=there[0].file)

    def _collect(self) -> None:
        """Take what a running check has found."""
        while self._work is not None:
            try:
                found = self._work.found.get_nowait()
            except queue.Empty:
                return
            self._found(found, self._work)

    def _found(self, found: Found, work: Work) -> None:
        exercise, checked = found
        if isinstance(checked, Exception) and not isinstance(checked, OSError):
            raise checked
        news = isinstance(checked, Checked) and self._state.mark(exercise.name, checked.report.passed)
        if self._all is None:
            self._found_one(exercise, checked, work)
        else:
            self._found_of_all(found, work)
        if news:
            self._keep()

    def _found_one(self, exercise: Exercise, checked: Checked | Exception, work: Work) -> None:
        self._work = None
        self._tell_keys()
        if isinstance(checked, Checked):
            self._parts = self._verdict(checked)
        else:
            self._parts = [Line(self._summary(exercise, checked))]
        self._show()
        self._tell_seconds(work)

    def _found_of_all(self, found: Found, work: Work) -> None:
        assert self._all is not None
        self._all.append(found)
        number = len(self._all)
        if number < len(work.exercises):
            self._note("all", number=number + 1, count=len(work.exercises), file=work.exercises[number].file)
            return
        self._work = None
        self._tell_keys()
        rows = [(self._summary(exercise, checked), checked) for exercise, checked in self._all]
        right = [isinstance(checked, Checked) and checked.report.passed for _, checked in rows]
        parts: list[Part] = [Line(row) for row, _ in rows]
        self._all = None
        self._lists = True
        told = self._words.say("check.all", passed=sum(right), count=len(rows))
        back = Line(self._words.say("watch.back"), "muted")
        self._screen.show([*parts, Line(told, "strong"), back], at=[*right, False].index(False))
        self._tell_seconds(work)

    def _summary(self, exercise: Exercise, checked: Checked | Exception) -> str:
        if isinstance(checked, Checked):
            return summary_line(checked, self._words)
        return self._words.say("watch.unreadable", file=exercise.file, problem=_why(checked))

    def _verdict(self, checked: Checked) -> list[Part]:
        """The feedback, then what to do, or after success a solution to compare with, the reason, what comes next."""
        report, say = checked.report, self._words.say
        parts = feedback(report, self._words.language, source=checked.source, printed=checked.printed)
        if not report.passed:
            parts.append(Line(say("watch.edit", file=self.exercise.file), "muted"))
            return parts
        return [*parts, Line(""), *solution_parts(self.exercise, self._words.language)]

    # --- Showing it ---

    @property
    def _texts(self) -> dict[str, Any]:
        return dict(self.exercise.text(self._words.language))

    def _show(self) -> None:
        self._tell_keys()
        self._screen.show(self._parts)

    def _note(self, key: str, **facts: object) -> None:
        self._screen.note(self._words.say(f"watch.{key}", **facts))

    def _tell_seconds(self, work: Work) -> None:
        self._note("checked", time=_clock(), seconds=f"{time.monotonic() - work.began:.2f}")

    def _tell_keys(self) -> None:
        done = sum(exercise.name in self._state.done for exercise in exercises())
        key = "watch.keys_done" if self.exercise.name in self._state.done else "watch.keys"
        self._screen.keys(self._words.say(key, hint=self._hints), done, len(exercises()))

    def _keep(self) -> None:
        try:
            self._state.save()
        except OSError as error:
            self._note("unwritable", problem=_why(error))


def _why(error: Exception) -> str:
    """What the system says."""
    return getattr(error, "strerror", None) or str(error)


def _clock() -> str:
    return time.strftime("%H:%M:%S")
