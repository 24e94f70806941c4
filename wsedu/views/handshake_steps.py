"""A handshake gone through check by check: what is revealed after so many steps, and what may be predicted before."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from ..explain.catalogue import part_catalogue
from ..explain.words import check_words
from ..protocol.request import REQUEST_CHECKS
from ..protocol.response import RESPONSE_CHECKS
from .handshake_model import HEAD_RULES, OPENS, Sheet

MADE = ("passed", "failed")
"""What becomes of a check that is made; those behind one that failed are not."""


def reached(sheet: Sheet, side: str) -> int:
    """How many checks a side's reader makes.

    Arguments:
        sheet: from `handshake`.
        side: `request` or `response`.
    """
    return sum(1 for check in sheet[side]["checks"] if check["state"] in MADE)


def last_step(sheet: Sheet) -> int:
    """The number of the last step: one for each check that is made, and one for each verdict."""
    return reached(sheet, "request") + 1 + reached(sheet, "response") + 1


def next_stop(sheet: Sheet, at: int) -> int:
    """The step where something new is asked, or where the last verdict is: the next verdict in either case.

    Arguments:
        sheet: from `handshake`.
        at: how many steps were taken.
    """
    first = reached(sheet, "request") + 1
    return first if at < first else last_step(sheet)


def asked(sheet: Sheet, at: int) -> str:
    """Whose outcome may be predicted at a step: `request`, `response`, or nobody's, which is empty.

    Arguments:
        sheet: from `handshake`.
        at: how many steps were taken.
    """
    if at < reached(sheet, "request") + 1:
        return "request" if sheet["request"]["ends"] else ""
    return "response" if at < last_step(sheet) and sheet["response"]["ends"] else ""


def veiled(sheet: Sheet, at: int, language: str) -> Sheet:
    """A sheet without what is not revealed after so many steps.

    Arguments:
        sheet: from `handshake`.
        at: how many steps were taken.
        language: `en` or `zh`.
    """
    first = reached(sheet, "request") + 1
    request = _veiled(sheet["request"], at, at >= first, language)
    response = _veiled(sheet["response"], at - first, at >= last_step(sheet), language)
    if at < first:
        # The answer would tell.
        response |= {"lines": [], "raw": "", "rest": "", "rest_size": 0, "size": 0, "checks": [], "veiled": True}
    return sheet | {"request": request, "response": response, "key": sheet["key"] if at >= last_step(sheet) else None}


def _veiled(side: Sheet, shown: int, told: bool, language: str) -> Sheet:
    if told:
        return side
    checks: list[dict[str, Any]] = []
    for place, check in enumerate(side["checks"]):
        checks.append(check if place < shown else check | {"state": "hidden", "found": None})
    lines = [line | {"mark": ""} for line in side["lines"]]
    verdict = part_catalogue("handshake_stepper", language).say("stepper.veiled")
    return side | {"checks": checks, "lines": lines, "verdict": verdict, "ends": "", "rule": None}


def options(side: str, language: str) -> list[tuple[str, str]]:
    """Every way in which a side's reader can end, with its words.

    Arguments:
        side: `request` or `response`.
        language: `en` or `zh`.
    """
    say = part_catalogue("handshake_stepper", language).say
    if side == "request":
        found = {rule.status for rule in HEAD_RULES} | {check.rule.status for check in REQUEST_CHECKS}
        statuses = sorted(status for status in found if status is not None)
        refusals = [
            (str(code), say("stepper.option.status", status=str(code), reason=HTTPStatus(code).phrase))
            for code in statuses
        ]
        return [("101", say("stepper.option.101")), *refusals]
    rules = [check.rule.name for check in RESPONSE_CHECKS]
    words = [(name, say("stepper.option.rule", rule=name, words=check_words(name, language))) for name in rules]
    return [(OPENS, say("stepper.option.opens")), *words]
