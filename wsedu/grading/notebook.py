"""`wsedu.check`: the same check in a cell of a notebook, for what is defined in it; text first, then a picture.

Where a notebook is made to be read without a kernel, it is said once: one bundle, the text first, then the picture.
"""

from __future__ import annotations

import base64
import re
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Literal

from ..explain.catalogue import choose_language, part_catalogue
from ..explain.near import nearest
from ..extras import MissingExtraError
from ..views.answers import Line, Part, plain_lines
from ..views.answers_svg import parts_svg
from ..views.headless import headless
from ..views.png import MissingFontError, PictureTooLargeError, svg_to_png
from ..views.svg_theme import ThemeName
from .afterwards import solution_parts
from .examine import Report, examine, examine_loaded
from .exercise import Exercise, exercises, find_exercise
from .feedback import feedback, verdict_line
from .ordering import VARIABLE, player_for
from .outcome import Outcome
from .stumbles import USES_REFERENCE
from .timed import TakenPlayer, TimedPlayer

_WIDTH = re.compile(r'<svg [^>]*?width="([\d.]+)"')


class Verdict:
    """What came of a check; shown as a picture where there is one, and its `repr` is the same as text.

    Arguments:
        report: of the examination.
        language: `en` or `zh`.
    """

    def __init__(self, report: Report, language: str) -> None:
        self.report, self.language = report, language
        self.passed = report.passed
        self._parts: list[Part] = feedback(report, language)
        if report.passed:
            self._parts += [Line(""), *solution_parts(report.exercise, language, following=False)]

    def __repr__(self) -> str:
        return self.to_text().rstrip("\n")

    def __bool__(self) -> bool:
        return self.passed

    def to_text(self) -> str:
        """What there is to say, as lines that end with a line end."""
        return "".join(f"{line}\n" for line in plain_lines(self._parts))

    def to_svg(self, *, theme: ThemeName = "auto") -> str:
        """The same as a picture that stays sharp at any size.

        Arguments:
            theme: `light`, `dark`, or `auto` for that of whoever looks at it.
        """
        return parts_svg(self._parts, language=self.language, theme=theme)

    def to_png(self, *, scale: float = 2, theme: Literal["light", "dark"] = "light") -> bytes:
        """The same as a picture in pixels.

        Arguments:
            scale: pixels of the PNG for a pixel of the SVG.
            theme: `light` or `dark`.

        Raises:
            MissingExtraError: the extra `image` is not installed.
            MissingFontError: this machine has no font for its text.
        """
        return svg_to_png(self.to_svg(theme=theme), scale=scale, theme=theme)

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """The text together with the picture, as the widgets' static forms have it."""
        bundle: dict[str, Any] = {"text/plain": repr(self)}
        metadata: dict[str, Any] = {}
        svg = self.to_svg(theme="light")
        try:
            png = svg_to_png(svg, scale=1)
        except (MissingExtraError, MissingFontError, PictureTooLargeError):
            return bundle, metadata
        found = _WIDTH.search(svg)
        bundle["image/png"] = base64.b64encode(png).decode("ascii")
        alt = f"{plain_lines(self._parts[:1])[0]} · {verdict_line(self.report, self.language)}"
        metadata["image/png"] = {"alt": alt, "width": round(float(found[1])) if found else 0}
        return bundle, metadata


def check(what: Any, /, *answers: Any, language: str | None = None, seed: int = 0) -> Verdict:
    """Check an exercise that is answered in a notebook or at a Python prompt.

    Arguments:
        what: a function or a class, whose name says which exercise it is for, or the exercise's name or number.
        answers: after a name: a function, a class, a dict of answers or a list of letters; left out, what the
            exercise asks for is taken by its name from the notebook.
        language: `en` or `zh`; None for that of WSEDU_LANG or the locale.
        seed: of the random inputs.

    Returns:
        What there is to say, as text and as a picture. Whatever the code does, it comes within some seconds.

    Raises:
        ValueError: there is no such exercise.
        TypeError: what is given is nothing that this exercise asks for.
    """
    language = choose_language(language)
    exercise, taken = _wanted(what, answers, language)
    report = _examined(exercise, taken, seed)
    verdict = Verdict(report, language)
    if _in_kernel() and not headless():
        # At once, and readable by everyone, then the picture. Where nothing runs, what the cell shows has both.
        sys.stdout.write(verdict.to_text())
        sys.stdout.flush()
    return verdict


def _examined(exercise: Exercise, taken: Mapping[str, Any], seed: int) -> Report:
    player = TakenPlayer()
    player.take(**taken)
    if any(str(getattr(value, "__module__", "")).partition(".")[0] == "wsedu" for value in taken.values()):
        refused = Outcome("raised", None, (USES_REFERENCE, "ImportError"))
        return examine_loaded(exercise, player, refused, seed=seed)
    return examine(exercise, "", TimedPlayer(player_for(exercise, player)), seed=seed)


def lines_of(name: str, language: str | None = None) -> dict[str, str]:
    """The lines of an exercise of lines in order, by their letters.

    Arguments:
        name: of the exercise.
        language: of what is said if there is no such exercise; None for that of WSEDU_LANG or the locale.

    Raises:
        ValueError: there is no such exercise, or it has no lines.
    """
    language = choose_language(language)
    exercise = _named(name, language)
    if exercise.kind != "order":
        raise ValueError(_say("notebook.lines", language, name=exercise.name))
    return dict(exercise.checks.LINES)


# --- Which exercise, and with what ---


def _wanted(what: Any, answers: tuple[Any, ...], language: str) -> tuple[Exercise, dict[str, Any]]:
    if isinstance(what, (str, int)) and not isinstance(what, bool):
        exercise = _named(str(what), language)
        return exercise, _taken(exercise, answers, language) if answers else _from_notebook(exercise)
    name = getattr(what, "__name__", "")
    if not callable(what):
        raise TypeError(_say("notebook.kind", language, found=type(what).__name__))
    return _asking_for(name, language), {name: what}


def _named(name: str, language: str) -> Exercise:
    with suppress(KeyError):
        return find_exercise(name)
    return _asking_for(name, language)


def _asking_for(name: str, language: str) -> Exercise:
    """The exercise that is called so, or that asks for this name."""
    for exercise in exercises():
        if name == exercise.name:
            return exercise
    for exercise in exercises():
        if name in exercise.names:
            return exercise
    near = nearest(name, [known for exercise in exercises() for known in (exercise.name, *exercise.names)])
    raise ValueError(_say("notebook.unknown_near" if near else "notebook.unknown", language, name=name, near=near))


def _taken(exercise: Exercise, answers: tuple[Any, ...], language: str) -> dict[str, Any]:
    """What was given, by the names that the exercise asks for."""
    taken = {}
    for value in answers:
        name = getattr(value, "__name__", "") if callable(value) else ""
        if name not in exercise.names:
            name = VARIABLE if exercise.kind == "order" else exercise.names[0]
            value = list(getattr(value, VARIABLE, value)) if exercise.kind == "order" else value
        if name in taken:
            raise TypeError(_say("notebook.many", language, name=exercise.name, count=len(exercise.names)))
        taken[name] = value
    return taken


def _from_notebook(exercise: Exercise) -> dict[str, Any]:
    """What the notebook has under the names that the exercise asks for."""
    found = vars(sys.modules["__main__"])
    names = (*exercise.names, VARIABLE) if exercise.kind == "order" else exercise.names
    return {name: found[name] for name in names if name in found}


def _say(key: str, language: str, **facts: Any) -> str:
    return part_catalogue("exercises", language).say(key, **facts)


def _in_kernel() -> bool:
    """Whether this is a notebook, which shows the object that is returned as a picture."""
    asked: Callable[[], Any] | None = getattr(sys.modules.get("IPython"), "get_ipython", None)
    shell = asked() if asked is not None else None
    return getattr(shell, "kernel", None) is not None
