"""The gap of an exercise's file: what stands between its two marks is the solution, and what a learner writes."""

from __future__ import annotations

import textwrap

BEGIN, END = "# <gap>", "# </gap>"
"""The marks, each alone on its line; the first one's indentation is that of the gap."""


class GapError(ValueError):
    """A file that does not have exactly one gap."""


def code_with(template: str, filling: str | None = None) -> str:
    """The file with its gap filled.

    Arguments:
        template: a file with both marks.
        filling: code without indentation; None keeps what is there.

    Raises:
        GapError: there is not exactly one gap.
    """
    before, inside, after, indent = _parts(template)
    if filling is not None:
        inside = textwrap.indent(textwrap.dedent(filling).strip("\n") + "\n", indent)
    return before + inside + after


def code_without(template: str, placeholder: str) -> str:
    """The file with `placeholder` in its gap; raises as `code_with`."""
    return code_with(template, placeholder)


def _parts(template: str) -> tuple[str, str, str, str]:
    lines = template.splitlines(keepends=True)
    marks = [[number for number, line in enumerate(lines) if line.strip() == mark] for mark in (BEGIN, END)]
    if [len(found) for found in marks] != [1, 1] or marks[0] > marks[1]:
        raise GapError(f"there must be one {BEGIN} and, after it, one {END}")
    begin, end = marks[0][0], marks[1][0]
    indent = lines[begin][: lines[begin].index("#")]
    return "".join(lines[:begin]), "".join(lines[begin + 1 : end]), "".join(lines[end + 1 :]), indent


def gap_lines(template: str) -> tuple[int, int]:
    """The first and the last line, from 1, of the gap in the file without its marks; raises as `code_with`."""
    before, inside, _, _ = _parts(template)
    first = before.count("\n") + 1
    return first, first + max(inside.count("\n") - 1, 0)
