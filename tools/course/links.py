"""Links of a notebook that lead nowhere, what it would load from elsewhere, and its size."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import jupytext
import nbformat

from .shown import Address, Shown, shown
from .source import EXPRESSION, links

LARGEST = 1_000_000
"""How large a notebook may be (bytes)."""

READ = {"text/html": Shown, "image/svg+xml": Shown, "text/markdown": shown}
PLAIN = ("text/plain", "image/png")
"""Outputs that hold no address; one that is neither of these nor of those above is refused."""

WEB = re.compile(r"https?://([^\s/:\"'`<>)\\]*)", re.IGNORECASE)
EXAMPLES = re.compile(r"127\.0\.0\.1|localhost|[\w.-]+\.example|[\w.-]*example\.(?:com|org|net)", re.IGNORECASE)
"""Hosts that stand for any host; code may name them."""


def dead_links(path: Path) -> Iterator[str]:
    """What is wrong with the addresses of a notebook, in its texts and in its outputs; and whether it is too large."""
    whole = nbformat.read(path, as_version=4)
    for cell in whole.cells:
        for what in _shown(cell):
            if isinstance(what, str):
                yield f"{path.name}: cell {cell.id} has an output {what}, which nobody checks"
                continue
            if "script" in what.tags:
                yield f"{path.name}: cell {cell.id} would run a script"
            for address in what.addresses:
                wrong = _wrong(address, path)
                if wrong:
                    yield f"{path.name}: cell {cell.id}: {address.to[:80]} {wrong}"
    if path.stat().st_size > LARGEST:
        yield f"{path.name} has {path.stat().st_size:,} bytes, more than {LARGEST:,}"


def _shown(cell: nbformat.NotebookNode) -> Iterator[Shown | str]:
    """A text, or each output of code; the type of one that cannot be read."""
    if cell.cell_type == "markdown":
        yield shown(cell.source)
    for output in cell.get("outputs", ()):
        for kind, text in output.get("data", {}).items():
            if kind in READ:
                yield READ[kind](text)
            elif kind not in PLAIN:
                yield str(kind)


def _wrong(address: Address, path: Path) -> str:
    """Why an address in a notebook is none; empty if it is one."""
    parts = urlsplit(address.to)
    if parts.scheme == "data" and not address.goes:
        return ""
    if parts.scheme or parts.netloc:
        return _elsewhere(address)
    goal = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if not goal.exists() or goal.parent != path.parent or goal.suffix != ".ipynb":
        return "is not there"  # a learner has the notebooks of one language, and nothing else of the repository
    if parts.fragment and not (goal.suffix == ".ipynb" and unquote(parts.fragment) in anchors(goal)):
        return "is not there"
    return ""


def _elsewhere(address: Address) -> str:
    if not address.goes:
        return "would be loaded from elsewhere"
    host = WEB.match(address.to)
    known = address.to in links().values() or (host and EXAMPLES.fullmatch(host[1]))
    return "" if known else "belongs into links.toml"


def anchors(path: Path) -> set[str]:
    """The anchors of a notebook: of its headings, as JupyterLab makes them, and those of its texts themselves."""
    cells = nbformat.read(path, as_version=4).cells
    return {anchor for cell in cells if cell.cell_type == "markdown" for anchor in shown(cell.source).anchors}


def unknown_links(source: Path) -> Iterator[str]:
    """Addresses that stand in a source itself instead of in `links.toml`; code may name hosts that are examples."""
    for cell in jupytext.reads(source.read_text(encoding="utf-8"), fmt="py:percent").cells:
        found, code = _addresses(cell.source) if cell.cell_type == "markdown" else ([], cell.source)
        found += [one[0] for one in WEB.finditer(code) if not EXAMPLES.fullmatch(one[1])]
        yield from (f"{source.name}: {address} belongs into links.toml" for address in found)


def _addresses(text: str) -> tuple[list[str], str]:
    """What a text leads to outside of the course, as a link or in its words; and its code."""
    page = shown(EXPRESSION.sub("…", text))
    found = [address.to for address in page.addresses if WEB.match(address.to) or address.to.startswith("//")]
    words = [one[0] for one in WEB.finditer(page.prose)]
    return found + [one for one in words if not any(to.startswith(one) for to in found)], page.code
