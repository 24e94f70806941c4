"""Grades as JUnit XML: a suite for each student, a case for each step."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from ..exercise import find_exercise
from ..results import Grades, Mark, Result
from .words import mark_line, one_line, problem_line, step_title, told

_ILLEGAL = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML may hold, also not escaped."""


def as_junit(grades: Grades, language: str) -> str:
    """The grades as one document."""
    top = ElementTree.Element("testsuites", name="wsedu")
    for result in grades.results:
        _suite(top, result, language)
    cases = sum(int(suite.get("tests", "0")) for suite in top)
    failures = sum(int(suite.get("failures", "0")) + int(suite.get("errors", "0")) for suite in top)
    top.set("tests", str(cases))
    top.set("failures", str(failures))
    ElementTree.indent(top)
    return "<?xml version='1.0' encoding='utf-8'?>\n" + ElementTree.tostring(top, encoding="unicode") + "\n"


def _suite(top: ElementTree.Element, result: Result, language: str) -> None:
    suite = ElementTree.SubElement(top, "testsuite", name=legal(one_line(result.student)), time=f"{result.seconds:.3f}")
    properties = ElementTree.SubElement(suite, "properties")
    ElementTree.SubElement(properties, "property", name="seed", value=str(result.seed))
    for mark in result.marks:
        _cases(suite, mark, result.student, language)
    kinds = {"failures": suite.findall("testcase/failure"), "errors": suite.findall("testcase/error")}
    suite.set("tests", str(len(suite.findall("testcase"))))
    for kind, found in kinds.items():
        suite.set(kind, str(len(found)))
    if result.problems:
        out = ElementTree.SubElement(suite, "system-out")
        out.text = legal("\n".join(problem_line(problem, language) for problem in result.problems))


def _cases(suite: ElementTree.Element, mark: Mark, student: str, language: str) -> None:
    place = f"{one_line(student)}.{find_exercise(mark.exercise).folder.name}"
    text = told(mark, language)
    for step in mark.steps:
        title = step_title(mark.exercise, step.name, language)
        facts = {"classname": legal(place), "name": legal(title), "time": f"{mark.seconds / len(mark.steps):.4f}"}
        case = ElementTree.SubElement(suite, "testcase", facts)
        if not step.passed:
            kind = "error" if mark.state in ("lost", "waiting") else "failure"
            wrong = ElementTree.SubElement(case, kind, message=legal(mark_line(mark, language)), type=mark.state)
            wrong.text, text = legal(text), ""  # the feedback is about the first one


def legal(text: str) -> str:
    """A text that XML may hold."""
    return _ILLEGAL.sub("�", text)
