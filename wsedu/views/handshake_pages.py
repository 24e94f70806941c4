"""The handshake stepper as plain text, as a picture and as a page without a script."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..explain.catalogue import Catalogue, part_catalogue
from ..explain.shown import printable
from .handshake_model import OPENS, Sheet
from .html_page import code, page, paragraph, result, section, sentence, table
from .svg_draw import element, escape, line, rect, text
from .svg_text import wrap
from .svg_theme import ThemeName, document, drawing_id

SIDES = ("request", "response")
SIGNS = {"passed": "✔", "failed": "✖", "also": "✖", "later": "·", "hidden": "·"}
"""How the outcome of a check is marked; words tell it too."""

LINES = 24
"""Lines of a head that are shown; those behind them are counted."""

LONG = 240
"""Characters of one text that are shown; those behind them are counted."""

_MARGIN = 24.0
_COLUMN = 440.0
_PITCH = 18.0
_MONO = 11.5


def verdict_line(sheet: Sheet, side: str, language: str) -> str:
    """Who has judged and what: a line that begins with a mark where it is not in order.

    Arguments:
        sheet: from `handshake`.
        side: `request` or `response`.
        language: `en` or `zh`.
    """
    mark = "✖ " if sheet[side]["rule"] is not None else ""
    return f"{mark}{sheet[side]['verdict']}"


def shortened(sheet: Sheet, language: str) -> Sheet:
    """A handshake without what nobody reads: of long heads and values the beginning, and how much more there is.

    Arguments:
        sheet: from `handshake`.
        language: `en` or `zh`.
    """
    words = part_catalogue("handshake_stepper", language)
    sides = {side: sheet[side] | {"lines": _first_lines(sheet[side]["lines"], words)} for side in SIDES}
    short: Sheet = _short(sheet | sides, words)
    return short


def _first_lines(lines: list[Sheet], words: Catalogue) -> list[Sheet]:
    if len(lines) <= LINES:
        return lines
    told = words.say("stepper.more.lines", count=len(lines) - LINES)
    return [*lines[:LINES], lines[0] | {"text": told, "means": "", "section": "", "mark": ""}]


def _short(value: Any, words: Catalogue) -> Any:
    """The same with every long text in it cut."""
    if isinstance(value, dict):
        return {key: _short(part, words) for key, part in value.items()}
    if isinstance(value, list):
        return [_short(part, words) for part in value]
    if isinstance(value, str) and len(value) > LONG:
        return words.say("stepper.more.text", text=value[:LONG], count=len(value) - LONG)
    return value


def _title(sheet: Sheet, side: str, words: Catalogue) -> str:
    return words.say("stepper.response.own" if side == "response" and sheet["own"] else f"stepper.{side}")


def handshake_text(sheet: Sheet, language: str) -> str:
    """A handshake as plain text: both heads, what they are for, every check, and the three steps of the key.

    Arguments:
        sheet: from `handshake`.
        language: `en` or `zh`.
    """
    words = part_catalogue("handshake_stepper", language)
    sheet = shortened(sheet, language)
    lines = [words.say("stepper.title"), ""]
    for side in SIDES:
        lines += [_title(sheet, side, words), ""]
        for one in sheet[side]["lines"]:
            lines += [f"  {printable(one['text'])}".rstrip(), f"      {one['means']} {one['section']}".rstrip()]
        lines += ["", words.say(f"stepper.checks.{side}")]
        lines += [f"  {check}" for check in _check_lines(sheet, side, words)]
        lines += ["", verdict_line(sheet, side, language), ""]
    if sheet["key"] is not None:
        lines += [words.say("stepper.key"), f"  {sheet['key']['key']}"]
        lines += [
            "  "
            + words.say(
                "twin.stage",
                label=stage["label"],
                size=words.say("stepper.size", size=stage["size"]),
                value=stage["text"] or stage["hex"],
            )
            for stage in sheet["key"]["stages"]
        ]
        lines += ["", words.say("stepper.wrong.title")]
        lines += [
            "  " + words.say("twin.way", way=way, value=value, said=said) for way, value, said in _ways(sheet, words)
        ]
    return "\n".join(lines) + "\n"


def _check_lines(sheet: Sheet, side: str, words: Catalogue) -> Iterator[str]:
    for check in sheet[side]["checks"]:
        found = "" if check["found"] is None else f"{check['found']} · "
        facts = {name: check[name] for name in ("field", "rule", "section")}
        facts["state"] = words.say(f"stepper.check.{check['state']}")
        yield f"{SIGNS[check['state']]} {words.say('twin.line', said=found + check['words'], **facts)}"


def _ways(sheet: Sheet, words: Catalogue) -> Iterator[tuple[str, str, str]]:
    for way in sheet["key"]["wrong"]:
        key = "not" if way["value"] is None else "same" if way["rule"] is None else "refused"
        yield way["label"], way["value"] or "", words.say(f"stepper.wrong.{key}", rule=way["rule"] or "")


# --- The page ---


def handshake_html(sheet: Sheet, language: str) -> str:
    """The same as a page without a script.

    Arguments:
        sheet: from `handshake`.
        language: `en` or `zh`.
    """
    words = part_catalogue("handshake_stepper", language)
    sheet = shortened(sheet, language)
    title = words.say("stepper.title")
    heads = [words.say(f"stepper.{name}") for name in ("text", "meaning", "section")]
    columns = [words.say(f"stepper.{name}") for name in ("field", "found", "wanted", "rule", "section", "outcome")]
    parts = []
    for side in SIDES:
        rows = [[code(one["text"]), sentence(one["means"]), one["section"]] for one in sheet[side]["lines"]]
        caption = words.say(f"stepper.checks.{side}")
        checks = table(caption, columns, [_check_cells(check, words) for check in sheet[side]["checks"]])
        told = paragraph(verdict_line(sheet, side, language))
        lines = table(_title(sheet, side, words), heads, rows, caption_shown=False)
        parts.append(section(side, _title(sheet, side, words), [told, lines, checks]))
    if sheet["key"] is not None:
        steps = [
            [stage["label"], code(stage["text"] or stage["hex"]), words.say("stepper.size", size=stage["size"])]
            for stage in sheet["key"]["stages"]
        ]
        names = [words.say(f"stepper.wrong.{name}") for name in ("way", "value", "check")]
        ways = [[way, code(value), said] for way, value, said in _ways(sheet, words)]
        first = table(words.say("stepper.key"), ["", words.say("stepper.found"), ""], steps, caption_shown=False)
        wrong = table(words.say("stepper.wrong.title"), names, ways)
        parts.append(section("key", words.say("stepper.key"), [paragraph(sheet["key"]["key"]), first, wrong]))
    return page(title, language, element("h1", escape(title)), parts, escape(verdict_line(sheet, "response", language)))


def _check_cells(check: Sheet, words: Catalogue) -> list[str]:
    found = words.say("stepper.check.absent") if check["found"] is None else check["found"]
    said = f"{SIGNS[check['state']]} {words.say('stepper.check.' + check['state'])}"
    outcome = result(said, good=True) if check["state"] == "passed" else sentence(said)
    if check["state"] in ("failed", "also"):
        outcome = result(said, good=False)
    return [check["field"], code(found), check["words"], code(check["rule"]), check["section"], outcome]


# --- The picture ---


def handshake_svg(sheet: Sheet, language: str, theme: ThemeName) -> str:
    """Both heads side by side, the checks below them, and the three steps of the key, as an SVG document.

    Arguments:
        sheet: from `handshake`.
        language: `en` or `zh`.
        theme: `light`, `dark`, or `auto` for that of whoever looks at it.
    """
    words = part_catalogue("handshake_stepper", language)
    sheet = shortened(sheet, language)
    body = [text(_MARGIN, 36, words.say("stepper.title"), "ws-t ws-b", size=20)]
    columns = [_Column(_MARGIN + place * (_COLUMN + _MARGIN)) for place, _ in enumerate(SIDES)]
    for column, side in zip(columns, SIDES, strict=True):
        column.write(_title(sheet, side, words), "ws-t ws-b")
        column.y += 4
        for one in sheet[side]["lines"]:
            wrong = one["mark"] in ("failed", "also")
            column.write(printable(one["text"]) or " ", "ws-bad ws-mono ws-b" if wrong else "ws-t ws-mono", mono=True)
    level = max(column.y for column in columns) + 12
    body.append(line(_MARGIN, level - 14, _width() - _MARGIN, level - 14, cls="ws-line"))
    for column, side in zip(columns, SIDES, strict=True):
        column.y = level
        column.write(words.say(f"stepper.checks.{side}"), "ws-t ws-b")
        for check in sheet[side]["checks"]:
            column.check(check, words)
        column.y += 6
        good = sheet[side]["ends"] in ("101", OPENS)
        column.write(verdict_line(sheet, side, language), "ws-good ws-b" if good else "ws-bad ws-b", room=0.85)
    body += [part for column in columns for part in column.body]
    y = max(column.y for column in columns) + 14
    if sheet["key"] is not None:
        key = _Column(_MARGIN, y, _width() - 2 * _MARGIN)
        _draw_key(key, sheet, words)
        body += key.body
        y = key.y
    return document(
        body,
        width=_width(),
        height=y + 8,
        name=drawing_id("handshake", sheet, language),
        title=words.say("stepper.title"),
        description=" ".join(verdict_line(sheet, side, language) for side in SIDES),
        language=language,
        theme=theme,
    )


def _width() -> float:
    return 2 * _COLUMN + 3 * _MARGIN


def _draw_key(column: _Column, sheet: Sheet, words: Catalogue) -> None:
    column.write(words.say("stepper.key"), "ws-t ws-b")
    column.write(sheet["key"]["key"], "ws-t ws-mono", mono=True)
    column.y += 12
    for stage in sheet["key"]["stages"]:
        top = column.y - 6
        size = words.say("stepper.size", size=stage["size"])
        column.write(f"{stage['label']} · {size}", "ws-m")
        column.write(stage["text"] or stage["hex"], "ws-t ws-mono", mono=True)
        column.body.insert(0, rect(column.x - 10, top - 8, column.room + 20, column.y - top + 2, rx=6, cls="ws-box"))
        column.y += 16


class _Column:
    """Lines one below the other.

    Arguments:
        x: their left end.
        y: the middle of the first one.
        room: how wide they may be.
    """

    def __init__(self, x: float, y: float = 70.0, room: float = _COLUMN) -> None:
        self.x, self.y, self.room = x, y, room
        self.body: list[str] = []

    def write(self, content: str, cls: str, *, mono: bool = False, room: float = 1.0, indent: float = 0.0) -> None:
        """A text in as many lines as it needs; `room` is the part of the width that it may take."""
        size = _MONO if mono else 13.0
        for part in wrap(content, (self.room - indent) * room, size, mono=mono):
            self.body.append(text(self.x + indent, self.y, part, cls, size=size))
            self.y += _PITCH

    def check(self, check: Sheet, words: Catalogue) -> None:
        """A check: its mark, its field, what is wanted, its rule and section."""
        failed = check["state"] in ("failed", "also")
        cls = "ws-bad" if failed else "ws-good" if check["state"] == "passed" else "ws-m"
        self.body.append(text(self.x, self.y, SIGNS[check["state"]], f"{cls} ws-b"))
        said = words.say("twin.check", field=check["field"], said=check["words"], section=check["section"])
        self.write(said, cls if failed else "ws-t", indent=20.0)
