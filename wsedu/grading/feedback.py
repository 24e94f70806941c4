"""What a learner is told of a report: which steps are right, and the first thing that is wrong, so that it teaches.

The order is that of the examination: a file that does not load is never told about masking. A message shows the
input, both answers and where they part; it never shows the text of a test.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..explain.catalogue import Catalogue, part_catalogue
from ..views.answers import Beside, Drawn, Line, Part, plain_lines
from .difference import Difference, first_difference
from .examine import Failure, Report
from .exercise import Exercise
from .outcome import Outcome
from .said import called, place, value_shown
from .stumbles import loading, missing_name, no_answer, source_line

PRINTED_LINES = 5
"""Lines of what the learner's code printed that are shown."""


def feedback(report: Report, language: str, *, source: str = "", printed: bytes = b"") -> list[Part]:
    """What to tell, in order; `wsedu.views.answers` shows it.

    Arguments:
        report: of an examination.
        language: `en` or `zh`.
        source: the learner's file, for the line that stopped it and for names that are near.
        printed: what the learner's code printed.
    """
    words = part_catalogue("feedback", language)
    parts: list[Part] = [_title(report, words)]
    failed = [] if report.failure is None else list(_failed(report, report.failure, source, words))
    steps = list(_steps(report, words))
    before = 1 + next((number for number, step in enumerate(report.steps) if _is_first(report, step.name)), -1)
    parts += [*steps[:before], *failed, *steps[before:], *_printed(printed, words)]
    space = [] if report.passed else [Line("")]
    return [*parts, *space, _verdict(report, words)]


def feedback_lines(report: Report, language: str, *, source: str = "", printed: bytes = b"") -> list[str]:
    """The same as plain lines; see `feedback`."""
    return plain_lines(feedback(report, language, source=source, printed=printed))


def verdict_line(report: Report, language: str) -> str:
    """The verdict alone: `All public checks passed (7 of 7)`, or how many."""
    return _verdict(report, part_catalogue("feedback", language)).text


def step_title(report: Report, name: str, language: str) -> str:
    """The title of a step in the exercise's own texts; its name where they have none."""
    return str(report.exercise.text(language).get("steps", {}).get(name, name))


def _title(report: Report, words: Catalogue) -> Line:
    exercise = report.exercise
    title = exercise.text(words.language)["title"]
    return Line(words.say("told.title", number=f"{exercise.number:02}", title=title, name=exercise.name), "strong")


def _steps(report: Report, words: Catalogue) -> Iterator[Line]:
    if report.failure is not None and not report.failure.step:
        return
    later = False
    for number, step in enumerate(report.steps, 1):
        title = step_title(report, step.name, words.language)
        told = words.say("told.step", number=number, title=title)
        first = _is_first(report, step.name)
        # A cross is for what is told: of several steps that are wrong it is the first.
        dash = not step.passed and not first
        later = later or dash
        yield Line(told, "strong" if first else "plain", step.passed, 1, later=dash)
    if later:
        yield Line(words.say("told.later"), "muted", indent=1, later=True)


def _is_first(report: Report, name: str) -> bool:
    """Whether this step is the first one that fails."""
    return report.failure is not None and name == report.failure.step


def _verdict(report: Report, words: Catalogue) -> Line:
    shown = report.steps
    key = "some" if not report.passed else "public" if report.hidden else "all"
    told = words.say(f"told.{key}", right=report.right, count=len(shown))
    return Line(told, "good" if report.passed else "strong", report.passed)


def _printed(printed: bytes, words: Catalogue) -> Iterator[Line]:
    lines = printed.decode("utf-8", "replace").splitlines()
    if lines:
        yield Line(words.say("told.printed"), "muted", indent=1)
        for line in lines[:PRINTED_LINES]:
            yield Line(value_shown(line)[1:-1], indent=2, code=True)
        if len(lines) > PRINTED_LINES:
            yield Line(words.say("told.more_lines", count=len(lines) - PRINTED_LINES), "muted", indent=2)


# --- The first thing that is wrong ---


def _failed(report: Report, failure: Failure, source: str, words: Catalogue) -> Iterator[Part]:
    exercise = report.exercise
    if failure.stage == "load":
        yield from _indented(loading(exercise, failure.outcome, source, words))
        return
    if failure.stage == "missing":
        yield from _indented([missing_name(exercise, failure.name, source, words)])
        return
    shown = called(failure.case, words) if failure.case is not None else []
    yield from _indented(shown)
    key = _unwritten(exercise, failure)
    if key:
        yield Line(words.say(key, name=_name(failure)), indent=2)
    elif failure.stage == "type" and exercise.kind != "data":
        yield Line(_type_sentence(failure, words), indent=2)
    else:
        yield from _different(report, failure, source, words)
    if report.idea:
        yield from _idea(report, words)
    yield from _drawn(failure, words)
    rfc = words.say("told.rfc", sections=_listed(_sections(report, words), words))
    yield Line(rfc, "muted", indent=2)


def _unwritten(exercise: Exercise, failure: Failure) -> str:
    """The key of what to say where there is nothing yet; empty where there is something."""
    outcome = failure.outcome
    if exercise.kind == "data":
        return "silent.data" if outcome.returned and _blank(outcome.value) else ""
    if exercise.kind == "order" and outcome.raised("KeyError") and outcome.text == repr(_name(failure)):
        return "silent.program"
    if failure.stage != "silent":
        return ""
    if exercise.kind == "order":
        return "silent.order"
    return "silent.function.written" if outcome.kind == "raised" else "silent.function.returns"


def _blank(value: object) -> bool:
    """Whether an answer has not been filled in: None or nothing, or a dict of nothing else."""
    if isinstance(value, dict):
        return all(_blank(item) for item in value.values())
    return value is None or value == ""


def _indented(lines: list[Line]) -> Iterator[Line]:
    for line in lines:
        yield line._replace(indent=line.indent + 2)


def _name(failure: Failure) -> str:
    return failure.case.calls[-1].name if failure.case is not None else failure.name


def _type_sentence(failure: Failure, words: Catalogue) -> str:
    difference, outcome = failure.difference, failure.outcome
    expected = difference.expected if difference is not None else None
    wanted = "" if expected is None else _type_name(type(expected).__name__, words)
    if outcome.kind == "not plain":
        key = f"type.{outcome.text.replace(' ', '_')}" if outcome.text in ("deep", "huge int", "long") else "type.plain"
        return words.say(key, name=_name(failure), got=_type_name(outcome.text, words))
    got = _type_name(type(outcome.value).__name__, words)
    return words.say("type.other", name=_name(failure), got=got, wanted=wanted)


def _type_name(name: str, words: Catalogue) -> str:
    return words.say(f"types.{name}") if words.has(f"types.{name}") else name


def _different(report: Report, failure: Failure, source: str, words: Catalogue) -> Iterator[Part]:
    """An answer that is of the right type and wrong, or none."""
    difference, outcome = failure.difference, failure.outcome
    assert difference is not None
    rules = report.exercise.text(words.language).get("rules", {})
    if difference.rule:
        rule = rules.get(difference.rule, difference.rule)
        yield Line(words.say("told.rule", rule=rule), indent=2)
    if difference.what == "should_raise":
        if report.exercise.kind == "tests" and outcome.returned:
            yield Line(words.say("raise.mutant", error=difference.expected), indent=2)
            return
        yield from _indented(_should_raise(str(difference.expected), outcome, source, words))
        return
    if not outcome.returned:
        yield from _indented(no_answer(outcome, _name(failure), source, words))
        return
    if report.exercise.kind == "data":
        yield from _wrong_answer(difference, words)
        return
    yield from _values(difference, outcome.value, words)


def _wrong_answer(difference: Difference, words: Catalogue) -> Iterator[Line]:
    """An answer that is looked up and not written: it is wrong, and the right one would be the end of the exercise."""
    assert difference.outcome is not None
    got = difference.outcome.value
    inner = difference.at if difference.what == "item" and isinstance(got, (dict, list, tuple)) else None
    key = "told.wrong" if inner is None else "told.wrong_at"
    yield Line(words.say(key, item=value_shown(inner)), indent=2)
    found = (got,) if inner is None else _at(got, inner)
    shown = words.say("told.none") if found is None else value_shown(found[0])
    yield Line(words.say("told.pair", label=words.say("told.got"), value=shown), indent=2, code=True)


def _drawn(failure: Failure, words: Catalogue) -> Iterator[Drawn]:
    """The frame that the learner made, if the answer is one."""
    made = failure.outcome.value
    if failure.difference is not None and failure.difference.kind == "frame" and type(made) is bytes and made:
        yield Drawn(made, words.say("told.drawn"), words.language)


def _should_raise(error: str, outcome: Outcome, source: str, words: Catalogue) -> list[Line]:
    if outcome.returned:
        return [Line(words.say("raise.returned", error=error, value=value_shown(outcome.value)))]
    if outcome.kind != "raised":
        return [Line(words.say("raise.must", error=error)), *no_answer(outcome, "", source, words)]
    found = outcome.families[0] if outcome.families else "?"
    lines = [Line(words.say("raise.other", error=error, found=found, text=value_shown(outcome.text)[1:-1]))]
    return lines + source_line(source, outcome.line, words)


SHORT = 20
"""Characters of a text that is written beside another one instead of above it, if they have no beginning in common."""


def _values(difference: Difference, got: object, words: Catalogue) -> Iterator[Part]:
    """Both values: bytes and text side by side, of a list the item that differs, everything else as it is written."""
    expected, at = difference.expected, difference.at
    if isinstance(expected, (list, tuple, dict)) and type(got) is type(expected) and at is not None:
        yield from _item(expected, got, at, words)
    elif isinstance(expected, (bytes, str)) and type(got) is type(expected) and isinstance(at, int):
        yield from _sides(expected, got, at, words, difference.field, difference.kind)
    else:
        yield from _pair(None if expected is None and difference.rule else (expected,), (got,), words)


def _sides(
    expected: bytes | str, got: object, at: int, words: Catalogue, field: str = "", kind: str = ""
) -> Iterator[Part]:
    assert isinstance(got, (bytes, str))
    if isinstance(expected, str) and at < 2 and len(expected) <= SHORT and not kind:
        yield from _pair((expected,), (got,), words)
        return
    labels = (words.say("told.expected"), words.say("told.got"))
    yield Beside(labels, expected, got, at, place(expected, got, at, field, kind, words))


def _pair(expected: tuple[object] | None, got: tuple[object] | None, words: Catalogue) -> Iterator[Line]:
    """Two values as Python writes them; None for one that there is none of: it is not shown if it is the right one."""
    if expected is not None:
        label, value = words.say("told.expected"), value_shown(expected[0])
        yield Line(words.say("told.pair", label=label, value=value), indent=2, code=True)
    value = words.say("told.none") if got is None else value_shown(got[0])
    yield Line(words.say("told.pair", label=words.say("told.got"), value=value), indent=2, code=True)


def _item(expected: object, got: object, at: object, words: Catalogue) -> Iterator[Part]:
    """The first item of two lists or dicts that is not the same, as deep within them as it lies."""
    path = f"[{value_shown(at)}]"
    one, other = _at(expected, at), _at(got, at)
    while (
        one is not None and other is not None and type(one[0]) is type(other[0]) and isinstance(one[0], (list, tuple))
    ):
        at = first_difference(one[0], other[0])
        path += f"[{at}]"
        one, other = _at(one[0], at), _at(other[0], at)
    yield Line(words.say("told.item", item=path), indent=2)
    if one is None:
        yield Line(words.say("told.too_many"), indent=2)
    elif other is not None and isinstance(one[0], (bytes, str)) and type(one[0]) is type(other[0]):
        yield from _sides(one[0], other[0], first_difference(one[0], other[0]), words)
        return
    yield from _pair(one, other, words)


def _at(values: object, at: object) -> tuple[object] | None:
    """An item of a list or a dict, within a tuple; None where there is none."""
    if isinstance(values, dict):
        return (values[at],) if at in values else None
    assert isinstance(values, (list, tuple))
    return (values[at],) if isinstance(at, int) and at < len(values) else None


# --- The idea behind it ---


def _idea(report: Report, words: Catalogue) -> Iterator[Line]:
    ideas = _ideas(words.language)
    if ideas is None or not ideas.has(f"name.{report.idea}"):
        return
    name, fact = ideas.say(f"name.{report.idea}"), f"fact.{report.idea}"
    yield Line(words.say("told.idea", name=name, id=report.idea), "strong", indent=2)
    if ideas.has(fact):
        yield Line(words.say("told.fact", fact=ideas.say(fact)), indent=2)


def _sections(report: Report, words: Catalogue) -> tuple[str, ...]:
    """The sections of the RFC to read: those of the idea, if there is one, else those of the exercise."""
    ideas, key = _ideas(words.language), f"rfc.{report.idea}"
    if ideas is not None and ideas.has(key):
        return tuple(section.strip() for section in ideas.say(key).split(";"))
    return report.exercise.rfc


def _ideas(language: str) -> Catalogue | None:
    """The names of the misconceptions and the facts against them."""
    try:
        return part_catalogue("misconceptions", language)
    except FileNotFoundError:
        return None


def _listed(names: tuple[str, ...], words: Catalogue) -> str:
    return words.say("told.comma").join(f"§{name}" for name in names)
