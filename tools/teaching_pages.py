"""Make the pages of the teacher's guide in docs/teaching, or check that they are as their sources say.

python tools/teaching_pages.py [--check]

Run sheets, plans and the article's table are made whole, from docs/teaching/source, the notebooks' sources, questions
and exercises; the concept inventory is what `wsedu quiz --export` writes. Of README.md the parts between marks are
made; the rest is written by hand.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))

from _measure import with_section

from tools.course.source import LANGUAGES
from tools.teaching.index import article, keys_table, lessons_table
from tools.teaching.lessons import lessons
from tools.teaching.sheets import plans, sheet, sheet_name, sheets_given
from tools.teaching.texts import GUIDE, folder, wrong_texts
from wsedu.course.export import SUFFIXES, export
from wsedu.course.inventory import inventory
from wsedu.trace.files import write_whole

LINK = re.compile(r"\]\((?!https?:)([^)#\s]+)(?:#[^)]*)?\)")


def pages() -> Iterator[tuple[Path, bytes]]:
    """Every page that is made, and what belongs into it."""
    for language in LANGUAGES:
        into = folder(language)
        for number in sheets_given():
            if number in lessons(language):
                yield into / sheet_name(number), sheet(number, language).encode()
        yield into / "plans.md", plans(language).encode()
        yield into / "article.md", article(language).encode()
        yield into / "README.md", _index(into / "README.md", language).encode()
        yield from _inventory(into, language)


def _index(path: Path, language: str) -> str:
    page = with_section(path.read_text(encoding="utf-8"), "lessons", lessons_table(language))
    return with_section(page, "keys", keys_table(language))


def _inventory(into: Path, language: str) -> Iterator[tuple[Path, bytes]]:
    with TemporaryDirectory() as work:
        for suffix in SUFFIXES:
            made = Path(work) / f"inventory{suffix}"
            export(inventory(language), made, language)
            yield into / made.name, made.read_bytes()


def problems() -> Iterator[str]:
    """What is not as it should be, a line each."""
    yield from wrong_texts()
    yield from (f"lesson {one} has no run sheet in docs/teaching/source" for one in _without_sheet())
    for path, content in pages():
        if not path.exists() or path.read_bytes() != content:
            yield f"{path.relative_to(GUIDE)} is not as its sources say: run python tools/teaching_pages.py"
    for path in sorted(GUIDE.rglob("*.md")):
        for goal in LINK.findall(path.read_text(encoding="utf-8")):
            if not (path.parent / goal).exists():
                yield f"{path.relative_to(GUIDE)}: {goal} is not there"


def _without_sheet() -> list[int]:
    return sorted(set(lessons("en")) - set(sheets_given()))


def main() -> int:
    """Make the pages, or check them; 1 if something is not as it should be."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    if not parser.parse_args().check:
        for path, content in pages():
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.exists() or path.read_bytes() != content:
                write_whole(path, content)
                print(path.relative_to(GUIDE))
    found = list(problems())
    print(*found, sep="\n", end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
