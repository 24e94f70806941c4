"""What must be so of a notebook that is kept: made of its source as it is now, showing what its cells show now."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from pathlib import Path

import nbformat

from .source import EXPRESSION, notebook

NORMAL = (
    (re.compile(r"(127\.0\.0\.1|localhost|\[::1\]):\d+"), r"\1:PORT", "a free port is another one each time"),
    (
        re.compile(r"\b\d+(?:\.\d+)?(?:e-?\d+)?\s?(?:µs|ms|s|seconds?|milliseconds?|毫秒|微秒|秒)\b"),
        "TIME",
        "a clock ran",
    ),
    (
        re.compile(r"(?m)^ *\d+ +[\d,]+\.\d{3}  .*(?:  Bytes (?:sent|received)|  (?:发出|收到)字节) · .*\n"),
        "",
        "how a film's bytes were cut into chunks, and keys that were drawn; its frames stay",
    ),
    (
        re.compile(r"(?m)^ *\d+ +[\d,]+\.\d{3}  "),
        "STEP TIME  ",
        "when each row of a film was, and how many chunks before",
    ),
    (
        re.compile(r"(?m)^ *(?:step|步) +(?:ms|毫秒)  "),
        "STEP TIME  ",
        "the heads of these columns are as wide as the longest number",
    ),
    (
        re.compile(r"\b(wsedu|websockets|wsproto|aiohttp|tornado) \d+(?:\.\w+)+"),
        r"\1 VERSION",
        "what is installed here",
    ),
    (
        re.compile(r"\b\d+ (header fields?|个首部字段)"),
        r"COUNT \1",
        "how many a library sends, which its versions change",
    ),
    (re.compile(r"0x[0-9a-f]{6,}"), "ADDRESS", "where an object lies in memory"),
    (re.compile(r"/(?:tmp|home|root|work|Users)/[^\s'\"]+"), "PATH", "whose machine it is"),
)
"""What is taken out of two outputs before they are compared: the pattern, what stands there instead, why."""

COMPARED = ("text/html", "text/markdown", "image/svg+xml", "text/plain")
"""Outputs whose text is compared; of every other, such as a picture, only that it is there."""


def normal(text: str) -> str:
    """A text without what may differ from run to run."""
    for pattern, instead, _ in NORMAL:
        text = pattern.sub(instead, text)
    return text


MEASURED = re.compile(r"(?<![\w.]) *\d[\d,.]*")
"""A number that another machine may measure otherwise, with the blanks that set it flush right."""


def outputs(whole: nbformat.NotebookNode) -> list[str]:
    """All cells and the texts that they gave, a line each; of a picture, that there is one.

    Of cells that measure, the numbers in texts and outputs are left out.
    """
    lines: list[str] = []
    for cell in whole.cells:
        lines.append(f"-- {cell.id}: {cell.cell_type} {cell.metadata.get('tags', '')}")
        if cell.cell_type == "code":
            lines += cell.source.splitlines()
        for text in map(normal, _told(cell)):
            lines += (MEASURED.sub(" N", text) if "measured" in cell.metadata else text).splitlines()
    return lines


def _told(cell: nbformat.NotebookNode) -> Iterator[str]:
    """What a learner reads: the text itself; or of each output its kinds, and what these say."""
    if cell.cell_type == "markdown":
        yield cell.source
    for output in cell.get("outputs", ()):
        data = output.get("data", {})
        kinds = ", ".join(sorted(kind for kind in data if data[kind]))
        yield f"-> {output.output_type} {output.get('name', '')} {kinds}"
        yield output.get("text", "")
        yield from (data[kind] for kind in COMPARED if kind in data)


def differences(old: nbformat.NotebookNode, new: nbformat.NotebookNode) -> list[str]:
    """Where the cells and texts of two runs differ, as lines of a diff."""
    return list(difflib.unified_diff(outputs(old), outputs(new), "kept", "now", lineterm="", n=1))


def out_of_date(kept: nbformat.NotebookNode, source: Path, language: str) -> Iterator[str]:
    """Cells of a notebook that are not as its source and its exercises say; nothing is run.

    Arguments:
        kept: the notebook.
        source: what it is made of.
        language: `en` or `zh`.
    """
    made = notebook(source, language)
    if len(kept.cells) != len(made.cells):
        yield f"{source.name} ({language}): it has {len(kept.cells)} cells, its source makes {len(made.cells)}"
    for old, new in zip(kept.cells, made.cells, strict=False):
        if not _as_made(old, new):
            yield f"{source.name} ({language}): cell {old.id} is not as its source says; make the notebook again"


def _as_made(old: nbformat.NotebookNode, new: nbformat.NotebookNode) -> bool:
    """Whether a cell is what its source makes; an expression may have become any text on one line."""
    if (old.cell_type, old.id, old.metadata) != (new.cell_type, new.id, new.metadata):
        return False
    if new.cell_type == "code":
        return bool(old.source == new.source)
    parts = [re.escape(part) for part in EXPRESSION.split(new.source)[::2]]
    return re.fullmatch(".+?".join(parts), old.source) is not None
