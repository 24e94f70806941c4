"""Make the notebooks of the course from their sources, or check that they are as their sources say.

python tools/notebooks.py [--check | --cells] [--lang en|zh] [LESSON…]

`--check` runs them again and says where what they show no longer matches; `--cells` runs nothing and says which cells
are not as their source says, which takes seconds. Both change nothing.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat

sys.path.insert(0, str(Path(__file__).parents[1]))

from tools.course.checking import differences, out_of_date
from tools.course.links import dead_links, unknown_links
from tools.course.numbers import numbers_asked, numbers_in
from tools.course.running import RunError, run
from tools.course.source import FOLDER, LANGUAGES, notebook, sources, target
from wsedu.course.question import parts
from wsedu.trace.files import write_whole


def main() -> int:
    """Make or check what is named, or everything; 1 if something is not as it should be."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lessons", metavar="LESSON", nargs="*", help="a number or a part of a name")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--check", dest="do", action="store_const", const=_check, default=_make)
    how.add_argument("--cells", dest="do", action="store_const", const=_cells)
    parser.add_argument("--lang", choices=LANGUAGES)
    arguments = parser.parse_args()
    wanted = [source for source in sources() if _named(source, arguments.lessons)]
    languages = [arguments.lang] if arguments.lang else list(LANGUAGES)
    wrong = 0
    for problem in _problems(wanted, languages, arguments.do):
        wrong += 1
        print(problem)
    return 1 if wrong else 0


def _named(source: Path, lessons: list[str]) -> bool:
    return not lessons or any(source.stem.startswith(f"{name:0>2}_") or name in source.stem for name in lessons)


def _problems(wanted: list[Path], languages: list[str], do: Callable[[Path, str], Iterator[str]]) -> Iterator[str]:
    for source in wanted:
        yield from (*numbers_in(source), *unknown_links(source), *_asked(source))
        for language in languages:
            try:
                yield from do(source, language)
            except (RunError, ValueError, FileNotFoundError) as error:
                yield f"{source.name} ({language}): {error}"
    for source in wanted:  # when all are made: one may lead to another
        for language in languages:
            if target(source, language).exists():
                yield from dead_links(target(source, language))


def _asked(source: Path) -> Iterator[str]:
    """Numbers in the questions of a lesson."""
    part = source.stem[3:]
    return numbers_asked(part) if part in parts() else iter(())


def _make(source: Path, language: str) -> Iterator[str]:
    goal = target(source, language)
    goal.parent.mkdir(exist_ok=True)
    write_whole(goal, nbformat.writes(_run(source, language)).encode() + b"\n")
    print(f"{goal.relative_to(FOLDER.parent)}: {goal.stat().st_size:,} bytes")
    return iter(())


def _check(source: Path, language: str) -> Iterator[str]:
    yield from _cells(source, language)
    yield from differences(_kept(source, language), _run(source, language))


def _cells(source: Path, language: str) -> Iterator[str]:
    return out_of_date(_kept(source, language), source, language)


def _kept(source: Path, language: str) -> nbformat.NotebookNode:
    return nbformat.read(target(source, language), as_version=4)


def _run(source: Path, language: str) -> nbformat.NotebookNode:
    with tempfile.TemporaryDirectory() as folder:
        return run(notebook(source, language), folder)


if __name__ == "__main__":
    raise SystemExit(main())
