"""Make the notebooks of the course from their sources, or check that they are as their sources say.

python tools/notebooks.py [--check] [--lang en|zh] [LESSON…]

`--check` runs them again and says where what they show no longer matches; it changes nothing.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import nbformat

sys.path.insert(0, str(Path(__file__).parents[1]))

from tools.course.checking import dead_links, differences, numbers_in, unknown_links
from tools.course.running import RunError, run
from tools.course.source import FOLDER, LANGUAGES, notebook, sources, target
from wsedu.trace.files import write_whole


def main() -> int:
    """Make or check what is named, or everything; 1 if something is not as it should be."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lessons", metavar="LESSON", nargs="*", help="a number or a part of a name")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--lang", choices=LANGUAGES)
    arguments = parser.parse_args()
    wanted = [source for source in sources() if _named(source, arguments.lessons)]
    languages = [arguments.lang] if arguments.lang else list(LANGUAGES)
    wrong = 0
    for source in wanted:
        for problem in (*numbers_in(source), *unknown_links(source)):
            wrong += 1
            print(problem)
        for language in languages:
            for problem in _one(source, language, arguments.check):
                wrong += 1
                print(problem)
    for source in wanted:
        for language in languages:
            if target(source, language).exists():
                for problem in dead_links(target(source, language)):
                    wrong += 1
                    print(problem)
    return 1 if wrong else 0


def _named(source: Path, lessons: list[str]) -> bool:
    return not lessons or any(source.stem.startswith(f"{name:0>2}_") or name in source.stem for name in lessons)


def _one(source: Path, language: str, check: bool) -> Iterator[str]:
    """Make or check one notebook; what is wrong with it."""
    goal = target(source, language)
    try:
        with tempfile.TemporaryDirectory() as folder:
            made = run(notebook(source, language), folder)
    except (RunError, ValueError) as error:
        yield f"{source.name} ({language}): {error}"
        return
    if check:
        yield from differences(nbformat.read(goal, as_version=4), made)
        return
    goal.parent.mkdir(exist_ok=True)
    write_whole(goal, nbformat.writes(made).encode() + b"\n")
    print(f"{goal.relative_to(FOLDER.parent)}: {goal.stat().st_size:,} bytes")


if __name__ == "__main__":
    raise SystemExit(main())
