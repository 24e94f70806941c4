"""The sheet of some bytes as plain text and as a page without a script: the static twins of the frame builder."""

from __future__ import annotations

from collections.abc import Sequence

from ..explain.catalogue import part_catalogue
from ..explain.words import bytes_hex
from ..protocol.dissection import dissect
from ..protocol.types import Role
from .figure import figure
from .html_page import Section, code, page, paragraph, scrolling, section, table
from .sheet import DRAWN, Sheet, sheet
from .svg import draw_frames
from .svg_draw import element, escape

_MARKS = {True: "✔", False: "✖"}


def sheet_text(data: bytes, language: str, sender: Role = Role.CLIENT) -> str:
    """Everything that the frame builder says of some bytes, as plain text.

    Arguments:
        data: frames, legal or not, possibly cut short.
        language: `en` or `zh`.
        sender: for whose side the sentence is.
    """
    say = part_catalogue("frame_builder", language).say
    made = sheet(data, language, sender)
    lines = [say("builder.title"), "", bytes_hex(data, 64), ""]
    if data:
        lines += [figure(data, language=language).plain, ""]
    lines += [f"{field['label']} = {field['value']}: {field['meaning']}" for field in made["fields"]]
    lines += ["", made["sentence"], *_verdicts(made), "", made["python"], made["command"]]
    return "\n".join(lines).rstrip() + "\n"


def _verdicts(made: Sheet) -> list[str]:
    return [f"{_MARKS[verdict['legal']]} {verdict['text']}" for verdict in made["verdicts"].values()]


def sheet_html(data: bytes, language: str, sender: Role = Role.CLIENT, more: Sequence[Section] = ()) -> str:
    """The same as a page without a script.

    Arguments:
        data: frames, legal or not, possibly cut short.
        language: `en` or `zh`.
        sender: for whose side the sentence is.
        more: sections that follow.
    """
    say = part_catalogue("frame_builder", language).say
    made = sheet(data, language, sender)
    title = say("builder.title")
    drawn = draw_frames(dissect(data, most=DRAWN), language, None, alone=False)
    rows = [
        [field["label"], code(field["value"]), field["meaning"], f"§{field['section']}"] for field in made["fields"]
    ]
    heads = [say(f"builder.{name}") for name in ("field", "value", "meaning", "section")]
    parts = [
        section("frame", say("builder.figure"), [scrolling(drawn, title)]),
        section("fields", say("builder.fields"), [table(say("builder.fields"), heads, rows, caption_shown=False)]),
        section("verdict", say("builder.verdict"), [paragraph(made["sentence"]), *map(paragraph, _verdicts(made))]),
        section("python", say("builder.python"), [element("pre", escape(made["python"] + "\n" + made["command"]))]),
    ]
    return page(title, language, element("h1", escape(title)), [*parts, *more], escape(bytes_hex(data, 64)))
