"""The mutator: what it changes, and that each change is one."""

from __future__ import annotations

import ast

import pytest

from wsedu.grading.exercise import Exercise, exercises
from wsedu.grading.gap import GapError, code_with, gap_lines
from wsedu.grading.mutating import mutants_of


def changes(body: str) -> set[str]:
    """What becomes of the lines of a function's body."""
    template = f"def f(a, b):\n    # <gap>\n    {body}\n    # </gap>\n"
    return {mutant.change.partition("→")[2].strip() for mutant in mutants_of(template, code_with(template))}


@pytest.mark.parametrize(
    ("body", "some"),
    [
        ("return a < 126", {"return a <= 126", "return a > 126", "return a < 125", "return a < 127", "return a < 0"}),
        ("return a & 15", {"return a | 15", "return a & 14", "return a & 16"}),
        ("return a << 8", {"return a >> 8", "return a << 7", "return a << 9"}),
        ("return a and b", {"return a or b", "return a", "return b"}),
        ("return not a", {"return a"}),
        ("return a[1:4]", {"return a[:4]", "return a[1:]", "return a[2:4]", "return a[1:3]"}),
        ("return b'ab'", {"return b'b'", "return b'abx'"}),
        ("return 'Ab'", {"return 'b'", "return 'Abx'", "return 'aB'"}),
        ("return True", {"return False"}),
        ("a += 1", {"a -= 1", "a += 2", "a += 0", "pass"}),
        ("return bytes(a)", {"return a"}),
        ("return a if b else 1", {"return a if True else 1", "return a if False else 1"}),
        ("raise ValueError('x')", {"pass"}),
    ],
)
def test_what_is_changed(body: str, some: set[str]) -> None:
    assert some <= changes(body)


def test_only_the_gap_is_changed() -> None:
    template = "LIMIT = 125\ndef f(a):\n    # <gap>\n    return a\n    # </gap>\ndef g():\n    return 7\n"
    sources = [mutant.source for mutant in mutants_of(template, code_with(template))]
    assert sources
    assert all("LIMIT = 125" in source and "return 7" in source for source in sources)


@pytest.mark.parametrize("exercise", exercises(), ids=lambda exercise: exercise.name)
def test_every_mutant_is_another_program(exercise: Exercise) -> None:
    solution = ast.unparse(ast.parse(exercise.solution))
    sources = [mutant.source for mutant in mutants_of(exercise.template, exercise.solution)]
    assert len(set(sources)) == len(sources) > 0
    assert solution not in sources


@pytest.mark.parametrize("template", ["x = 1\n", "# <gap>\n", "# </gap>\n# <gap>\n", "# <gap>\n# <gap>\n# </gap>\n"])
def test_a_file_without_one_gap_is_refused(template: str) -> None:
    with pytest.raises(GapError):
        code_with(template)
    with pytest.raises(GapError):
        gap_lines(template)
