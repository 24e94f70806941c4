"""An exercise, read from its folder: texts, stub, solution, known mistakes, correct ways, checks.

A folder has three files: `exercise.toml` (texts in both languages; each known mistake and each correct way as code for
the gap), `solution.py` (the file of the learner with the solution in its gap) and `checks.py` (the steps).
"""

from __future__ import annotations

import importlib.util
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from random import Random
from types import ModuleType
from typing import Any

from ..explain.catalogue import LANGUAGES
from .gap import GapError, code_with, code_without
from .steps import Step

KINDS = ("function", "order", "data", "tests", "endpoint")
"""What a learner writes: a function or class, the order of given lines, answers, tests that find mistakes, or an
endpoint on a socket."""

_BESIDE = Path(__file__).parents[2] / "exercises"
_WITHIN = Path(__file__).parents[1] / "_exercises"


@dataclass(frozen=True)
class Variant:
    """Another way to fill the gap.

    Arguments:
        way: its name among those of the exercise.
        source: the whole file.
        idea: the id of the misconception; empty for a correct way.
        fails_at: the step that it fails first; empty for a correct way.
    """

    way: str
    source: str
    idea: str = ""
    fails_at: str = ""


class Exercise:
    """One exercise.

    Arguments:
        folder: with its three files; its name is a number of two digits, `_`, and the exercise's name.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.number = int(folder.name[:2])
        self.name = folder.name[3:]

    @cached_property
    def facts(self) -> dict[str, Any]:
        """What `exercise.toml` says."""
        return tomllib.loads((self.folder / "exercise.toml").read_text(encoding="utf-8"))

    @property
    def kind(self) -> str:
        """One of `KINDS`."""
        return str(self.facts.get("kind", "function"))

    @property
    def names(self) -> tuple[str, ...]:
        """The names that the learner's file must have."""
        return tuple(self.facts["names"])

    @property
    def file(self) -> str:
        """The name of the learner's file."""
        return f"{self.folder.name}.py"

    @property
    def rfc(self) -> tuple[str, ...]:
        """The sections of RFC 6455 that it is about."""
        return tuple(self.facts["rfc"])

    @cached_property
    def template(self) -> str:
        """The file with the solution between the marks of its gap."""
        return (self.folder / "solution.py").read_text(encoding="utf-8")

    @property
    def solution(self) -> str:
        """The file with the solution, without marks."""
        return code_with(self.template)

    @property
    def stub(self) -> str:
        """The file with nothing in its gap, without a statement."""
        return code_without(self.template, self.facts.get("stub", "raise NotImplementedError"))

    @cached_property
    def wrong(self) -> tuple[Variant, ...]:
        """The known mistakes."""
        return tuple(
            Variant(entry["way"], self._filled(entry), entry["is"], entry["fails_at"])
            for entry in self.facts.get("wrong", ())
        )

    @cached_property
    def right(self) -> tuple[Variant, ...]:
        """Other correct ways."""
        return tuple(Variant(entry["way"], self._filled(entry)) for entry in self.facts.get("right", ()))

    def _filled(self, entry: Mapping[str, Any]) -> str:
        if "changes" in entry:
            return changed(self.solution, entry["changes"])
        return str(entry["file"]) if "file" in entry else code_with(self.template, entry["code"])

    def text(self, language: str) -> Mapping[str, Any]:
        """The texts of a language: `title`, `statement`, `teaches`, `leaves_out`, `hints` (three), `reason`, `steps`
        and `rules` by name."""
        return dict(self.facts[language if language in LANGUAGES else LANGUAGES[0]])

    @cached_property
    def checks(self) -> ModuleType:
        """The module `checks.py`."""
        path = self.folder / "checks.py"
        spec = importlib.util.spec_from_file_location(f"wsedu_exercise_{self.name}", path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    def steps(self, seed: int) -> list[Step]:
        """The steps of a student.

        Arguments:
            seed: of what is random in their inputs.
        """
        make: Callable[[Random], list[Step]] = self.checks.steps
        return make(Random(seed))


def changed(source: str, changes: Sequence[Sequence[str]]) -> str:
    """A file with some of its passages in another way.

    Arguments:
        source: the file.
        changes: each what stands in it once, and what takes its place.

    Raises:
        GapError: a passage is not there, or more than once.
    """
    for before, after in changes:
        if source.count(before) != 1:
            raise GapError(f"this must be there once: {before}")
        source = source.replace(before, after)
    return source


def exercises_folder() -> Path:
    """Where the exercises are: beside the package in a checkout, within it where it was installed."""
    return _WITHIN if _WITHIN.is_dir() else _BESIDE


@cache
def exercises() -> tuple[Exercise, ...]:
    """All exercises, in their order."""
    folders = sorted(path for path in exercises_folder().glob("[0-9][0-9]_*") if path.is_dir())
    return tuple(Exercise(folder) for folder in folders)


def find_exercise(name: str) -> Exercise:
    """An exercise by its name, its number, or the name of its file.

    Raises:
        KeyError: there is none.
    """
    stem = Path(name).name.removesuffix(".py").removesuffix(".ipynb")
    for exercise in exercises():
        if stem in (exercise.name, exercise.folder.name) or (stem.isdigit() and int(stem) == exercise.number):
            return exercise
    raise KeyError(name)
