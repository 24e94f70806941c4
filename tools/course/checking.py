"""What must be so of every notebook: the same outputs as before, no typed number, no dead link, not too large."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import jupytext
import nbformat

from .source import EXPRESSION, SOURCES

LARGEST = 1_000_000
"""How large a notebook may be (bytes)."""

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


def normal(text: str) -> str:
    """A text without what may differ from run to run."""
    for pattern, instead, _ in NORMAL:
        text = pattern.sub(instead, text)
    return text


MEASURED = re.compile(r"(?<![\w.]) *\d[\d,.]*")
"""A number that another machine may measure otherwise, with the blanks that set it flush right."""


def outputs(whole: nbformat.NotebookNode) -> list[str]:
    """All texts that the cells gave, pictures left out, a line each; of cells that measure, without the numbers."""
    lines: list[str] = []
    for cell in whole.cells:
        lines.append(f"-- {cell.id}")
        texts = [cell.source] if cell.cell_type == "markdown" else []
        texts += [
            output.get("text") or output.get("data", {}).get("text/plain", "") for output in cell.get("outputs", ())
        ]
        for text in map(normal, texts):
            lines += (MEASURED.sub(" N", text) if "measured" in cell.metadata else text).splitlines()
    return lines


def differences(old: nbformat.NotebookNode, new: nbformat.NotebookNode) -> list[str]:
    """Where the texts of two runs differ, as lines of a diff."""
    return list(difflib.unified_diff(outputs(old), outputs(new), "kept", "now", lineterm="", n=1))


# --- Numbers in the text ---

CODE = re.compile(r"```.*?```|`[^`\n]*`|<[^>]+>|\]\([^)]*\)|!\[[^\]]*\]", re.DOTALL)
CITED = re.compile(
    r"(?:[Ll]essons? |opcodes? |Opcodes? |操作码 ?|(?m:^#+ )|RSV|RFC|§§?|erratum|勘误|ISO|UTF-|SHA-|HTTP/|TLS|Base|base|Python|第)\s?\d+(?:\.\d+)*|https?://\S+"
)
DIGITS = re.compile(r"\d[\d,._]*")


def allowed() -> dict[str, str]:
    """Numbers that may be typed, each with the reason."""
    return dict(tomllib.loads((SOURCES / "numbers.toml").read_text(encoding="utf-8"))["numbers"])


def typed_numbers(text: str) -> list[str]:
    """Numbers that somebody typed into a text, outside of code, of sections of the RFC and of names.

    Arguments:
        text: of a cell of a source, its expressions not yet filled in.
    """
    rest = CITED.sub(" ", CODE.sub(" ", EXPRESSION.sub(" ", text)))
    names = allowed()
    for name in sorted(names, key=len, reverse=True):
        rest = re.sub(rf"(?<!\d){re.escape(name)}(?!\d)", " ", rest)
    return DIGITS.findall(re.sub(r"(?m)^\s*\d+\.\s", " ", rest))


def numbers_in(source: Path) -> Iterator[str]:
    """The typed numbers of a source, each with its cell."""
    read = jupytext.reads(source.read_text(encoding="utf-8"), fmt="py:percent")
    for place, cell in enumerate(read.cells, 1):
        if cell.cell_type == "markdown":
            for number in typed_numbers(cell.source):
                yield f"{source.name}, cell {place}: {number} is typed; write it as {{{{expression}}}}"


# --- Links and size ---

INTERNAL = re.compile(r"\]\((?!https?:|link:)([^)#\s]*)(?:#([^)\s]+))?\)")
REMOTE = re.compile(r"(?:src|href)\s*=\s*[\"']?https?://|!\[[^\]]*\]\(https?://|@import\s+url", re.IGNORECASE)


def anchors(whole: nbformat.NotebookNode) -> set[str]:
    """The anchors of a notebook's headings, as JupyterLab makes them, and those of `<a id>`."""
    found: set[str] = set()
    for cell in whole.cells:
        if cell.cell_type == "markdown":
            text = re.sub(r"```.*?```", "", cell.source, flags=re.DOTALL)
            found.update(name.strip().replace(" ", "-") for name in re.findall(r"(?m)^#+\s+(.+)$", text))
            found.update(re.findall(r"<a id=[\"']([^\"']+)", text))
    return found


def dead_links(path: Path) -> Iterator[str]:
    """Links of a notebook to files or anchors that are not there, and what it would load from elsewhere."""
    whole = nbformat.read(path, as_version=4)
    for cell in whole.cells:
        if cell.cell_type != "markdown":
            continue
        for file, anchor in INTERNAL.findall(cell.source):
            goal = (path.parent / file).resolve() if file else path
            if not goal.exists():
                yield f"{path.name}: {file} is not there"
            elif anchor and goal.suffix == ".ipynb" and anchor not in anchors(nbformat.read(goal, as_version=4)):
                yield f"{path.name}: {file}#{anchor} is not there"
        if REMOTE.search(cell.source):
            yield f"{path.name}: cell {cell.id} would load something from elsewhere"
    if path.stat().st_size > LARGEST:
        yield f"{path.name} has {path.stat().st_size:,} bytes, more than {LARGEST:,}"


def unknown_links(source: Path) -> Iterator[str]:
    """Addresses that stand in a source itself instead of in `links.toml`."""
    for found in re.findall(r"\]\((https?://[^)]+)\)", source.read_text(encoding="utf-8")):
        yield f"{source.name}: {found} belongs into links.toml"
