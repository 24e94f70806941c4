"""In which lesson an idea is dealt with, so that a learner knows where to look again."""

from __future__ import annotations

_IDEAS: dict[int, str] = {
    1: "X41 X43 X45 X61 X62 X63",
    2: "M01 M02 M03 M04 M05 M06 M07 M08 M09 M10 M11 M12 M13 M14 M15 X42 X47 X48 X49 X50",
    3: "M16 M17 M18 M19 M20 M21 M22 M23 M24 X51 X52 X53 X54",
    4: "M25 M26 M27 M28 M29 M30",
    5: "M31 M32 M33 M34 M40 X55 X56 X59",
    6: "M35 M36 X46 X57 X64",
    7: "M37 M38 M39 X58",
    8: "X44 X60",
}

LESSONS: dict[str, int] = {idea: number for number, ideas in _IDEAS.items() for idea in ideas.split()}
"""The number of the lesson, by the id of a misconception."""
