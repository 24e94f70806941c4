"""What is said where there is no answer to compare: the file does not load, a name is missing, the code stops."""

from __future__ import annotations

import ast
import re
import sys

from ..explain.catalogue import Catalogue
from ..explain.near import nearest
from ..views.answers import Line
from .exercise import Exercise
from .outcome import Outcome
from .said import value_shown

USES_REFERENCE = "UsesReference"
"""Among the families of what is raised by code that uses wsedu."""

_WSEDU = re.compile(r"wsedu\S* cannot be used in an exercise")
_MODULE = re.compile(r"No module named '([\w.]+)'")
_POSITION = re.compile(r" \([^()]*, line \d+\)$")


def loading(exercise: Exercise, outcome: Outcome, source: str, words: Catalogue) -> list[Line]:
    """Why a file did not load."""
    if exercise.kind == "order" and outcome.raised("SyntaxError") and _parses(source):
        # The file itself is in order: it is the program of its lines that is not.
        return [Line(words.say("load.order", text=value_shown(_POSITION.sub("", outcome.text))[1:-1]))]
    if outcome.kind != "raised":
        key = f"load.{outcome.kind.replace(' ', '_')}"
        return [Line(words.say(key, got=outcome.text))]
    module = _MODULE.search(outcome.text)
    text = value_shown(_POSITION.sub("", outcome.text))[1:-1]
    facts = {"line": outcome.line, "error": outcome.families[0] if outcome.families else "?", "text": text}
    if USES_REFERENCE in outcome.families or _WSEDU.search(outcome.text):
        told = words.say("load.wsedu", **facts)
    elif module is not None:
        near = nearest(module[1], sys.stdlib_module_names, 0.75)
        told = words.say("load.import_near" if near else "load.import", module=module[1], near=near, **facts)
    elif outcome.raised("SyntaxError"):
        told = words.say("load.syntax" if outcome.line else "load.encoding", **facts)
    else:
        told = words.say("load.raised" if outcome.line else "load.raised_nowhere", **facts)
    return [Line(told), *source_line(source, outcome.line, words)]


def _parses(source: str) -> bool:
    try:
        ast.parse(source)
    except (SyntaxError, ValueError):
        return False
    return True


def missing_name(exercise: Exercise, name: str, source: str, words: Catalogue) -> Line:
    """A name that the file does not have, and the one in it that was probably meant."""
    near = nearest(name, sorted(names_in(source) - set(exercise.names)), 0.6)
    key = "missing.variable" if exercise.kind in ("data", "order") else "missing.name"
    return Line(words.say(f"{key}_near" if near else key, name=name, near=near))


def names_in(source: str) -> set[str]:
    """The names that a file defines at its top."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return set()
    found = set()
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.add(node.name)
        elif isinstance(node, ast.Assign):
            found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return found


def no_answer(outcome: Outcome, name: str, source: str, words: Catalogue) -> list[Line]:
    """Why a call gave no answer: it raised, took too long, ended its process."""
    if outcome.kind != "raised":
        return [Line(words.say(f"stopped.{outcome.kind.replace(' ', '_')}", name=name, got=outcome.text))]
    error = outcome.families[0] if outcome.families else "?"
    text = value_shown(outcome.text)[1:-1]
    key = "stopped.raised" if outcome.line else "stopped.raised_nowhere"
    told = words.say(key if text else f"{key}_bare", error=error, text=text, line=outcome.line)
    return [Line(told), *source_line(source, outcome.line, words)]


def source_line(source: str, number: int, words: Catalogue) -> list[Line]:
    """A line of the learner's file, with its number."""
    lines = source.splitlines()
    if not 0 < number <= len(lines) or not lines[number - 1].strip():
        return []
    shown = value_shown(lines[number - 1].strip())
    text = lines[number - 1].strip() if lines[number - 1].isprintable() and len(shown) < 80 else shown[1:-1]
    return [Line(words.say("told.source", line=number, text=text), "strong", code=True, indent=1)]
