"""The source of a notebook: one file in jupytext's percent format for both languages.

A text cell says its language in its mark: `# %% [markdown] lang="en"`. Code cells are shared; `{language}` in
them becomes the language. A code cell whose only line is `# exercise: NAME` becomes the statement of that
exercise and its stub, or its solution in a copy for teachers. A text may hold `{{expression}}`, which the kernel fills
in when it has run all cells, and links `[text](link:name)`, whose addresses stand in `links.toml`.

`measured="zlib"` in the mark of a cell says that its numbers are those of this machine's zlib; another one may give
others, so they are not compared.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from textwrap import dedent

import jupytext
import nbformat

from wsedu.grading.exercise import find_exercise

FOLDER = Path(__file__).parents[2] / "notebooks"
SOURCES = FOLDER / "source"
LANGUAGES = ("en", "zh")

EXERCISE = re.compile(r"^# exercise: (\w+)$")
TAG = "exercise:"
"""What the tag of such a cell begins with; the name of the exercise follows."""

EXPRESSION = re.compile(r"\{\{(.+?)\}\}", re.DOTALL)
LINK = re.compile(r"\]\(link:([\w.-]+)\)")
_WIDE = r"[\u2014\u201c\u201d\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]"
_MARK = r"[\u3001\u3002\uff01\uff08\uff09\uff0c\uff1a\uff1b\uff1f]"
_BEGINS = r"\n|[-*+] |\d+\. |[#>|]"
"""What begins another line: an empty one, an item, a heading, a quotation, a row."""
WRAPPED = re.compile(rf"(?<={_WIDE})\n *(?={_WIDE})|(?<={_MARK})\n *(?! |{_BEGINS})|(?<=[^\n])\n *(?={_MARK})")
"""A line end within a Chinese paragraph, or beside a full-width mark, which Markdown would show as a space."""
FENCED = re.compile(r"(```.*?```)", re.DOTALL)
INDENTED = re.compile(r"(?<=\n\n)(?: {4}.*(?:\n|$)|\n(?= {4}))+")
"""Code of a statement: after an item of a list, Markdown would take it for more of the item."""


def sources() -> list[Path]:
    """The sources, in the order of the lessons."""
    return sorted(SOURCES.glob("[0-9][0-9]_*.py"))


def target(source: Path, language: str) -> Path:
    """The notebook that is made of a source."""
    folder = FOLDER if language == "en" else FOLDER / language
    return folder / f"{source.stem}.ipynb"


def links() -> dict[str, str]:
    """The addresses outside of the course, by name."""
    return dict(tomllib.loads((SOURCES / "links.toml").read_text(encoding="utf-8"))["links"])


def notebook(source: Path, language: str, *, solutions: bool = False) -> nbformat.NotebookNode:
    """The notebook of a source in one language, not yet run.

    Arguments:
        source: the file.
        language: `en` or `zh`.
        solutions: whether exercises are solved.

    Raises:
        ValueError: a text cell without a language, an unknown exercise or link.
    """
    read = jupytext.reads(source.read_text(encoding="utf-8"), fmt="py:percent")
    cells = []
    for number, cell in enumerate(read.cells, 1):
        if cell.cell_type == "markdown":
            spoken = cell.metadata.get("lang")
            if spoken not in LANGUAGES:
                raise ValueError(f'{source.name}: text cell {number} must say lang="en" or lang="zh"')
            if spoken != language:
                continue
            made = nbformat.v4.new_markdown_cell(joined(_linked(cell.source, source)))
        else:
            found = EXERCISE.match(cell.source.strip())
            if found:
                cells.append(_statement(found[1], language))
            made = nbformat.v4.new_code_cell(_code(cell.source, language, solutions))
            made.metadata = {"tags": [f"{TAG}{found[1]}"]} if found else {}
        if "measured" in cell.metadata:
            made.metadata["measured"] = cell.metadata["measured"]
        cells.append(made)
    for place, made in enumerate(cells, 1):
        made.id = f"{source.stem.replace('_', '-')}-{place}"
    whole = nbformat.v4.new_notebook(cells=cells)
    whole.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
        "wsedu": {"lesson": source.stem, "language": language},
    }
    return whole


def joined(text: str) -> str:
    """A text in Markdown whose Chinese paragraphs have no line ends that would show; code stays as it is."""
    return "".join(part if part.startswith("```") else WRAPPED.sub("", part) for part in FENCED.split(text))


def _linked(text: str, source: Path) -> str:
    table = links()

    def address(found: re.Match[str]) -> str:
        if found[1] not in table:
            raise ValueError(f"{source.name}: links.toml has no {found[1]}")
        return f"]({table[found[1]]})"

    return LINK.sub(address, text)


def _code(text: str, language: str, solutions: bool) -> str:
    found = EXERCISE.match(text.strip())
    if found:
        exercise = find_exercise(found[1])
        return (exercise.solution if solutions else exercise.stub).rstrip("\n")
    return text.replace("{language}", language)


def _statement(name: str, language: str) -> nbformat.NotebookNode:
    """What an exercise asks for, as a text."""
    text = find_exercise(name).text(language)
    statement = INDENTED.sub(lambda found: f"```\n{dedent(found[0]).rstrip()}\n```\n", text["statement"].strip())
    return nbformat.v4.new_markdown_cell(joined(f"### {text['title']}\n\n{statement}"))
