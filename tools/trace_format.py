"""Write the tables and the examples of docs/trace-format.md, which come from the code and from a run.

    python tools/trace_format.py            write them
    python tools/trace_format.py --check    exit with 1 if the page is not up to date

The text around them is written by hand; what stands between `<!-- generated: NAME -->` and `<!-- end -->` is not.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, get_type_hints

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from wsedu.loopback import record  # noqa: E402
from wsedu.protocol.frame import Frame  # noqa: E402
from wsedu.protocol.steps import Step, fact_names  # noqa: E402
from wsedu.trace.jsonl import header_line, record_line  # noqa: E402
from wsedu.trace.trace import FORMAT, Trace  # noqa: E402
from wsedu.trace.worldsteps import ALL_KINDS  # noqa: E402

PAGE = ROOT / "docs" / "trace-format.md"
SEED = 6455
LONG = 400
"""Characters beyond which a line is too long for an example."""

TYPES: dict[Any, str] = {
    bool: "true or false",
    bytes: "hex",
    dict[str, Any]: "object",
    float: "number",
    Frame: "frame",
    int: "whole number",
    int | bytes: "whole number or hex",
    int | None: "whole number or null",
    bytes | None: "hex or null",
    bool | None: "true, false or null",
    str: "text",
    str | None: "text or null",
    tuple[str, ...]: "list of texts",
    tuple[tuple[str, str], ...]: "list of [name, value]",
}
"""What a Python type is in a file."""


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table in Markdown."""
    lines = [list(head), *map(list, rows)]
    lines.insert(1, ["---"] * len(lines[0]))
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def first_sentence(kind: type[Any]) -> str:
    """What the docstring of a class says first."""
    return re.split(r"\n\s*\n", (kind.__doc__ or "").strip())[0].replace("\n    ", " ")


def facts(kind: type[Step]) -> str:
    """The facts of a kind of steps with their types."""
    hints = get_type_hints(kind)
    return "<br>".join(f"`{name}`: {TYPES[hints[name]]}" for name in fact_names(kind)) or "none"


def kinds() -> str:
    """Every kind of steps, in the order of the code."""
    rows = (
        (
            f"`{name}`",
            kind.level.name.lower(),
            f"§{kind.section}" if kind.section else "",
            first_sentence(kind),
            facts(kind),
        )
        for name, kind in ALL_KINDS.items()
    )
    return table(("Kind", "Level", "RFC 6455", "What happened", "Facts"), rows)


def frame_keys() -> str:
    """The keys of a frame object."""
    hints = get_type_hints(Frame)
    meanings = dict(re.findall(r"^\s+(\w+): (.+)$", Frame.__doc__ or "", re.MULTILINE))
    rows = ((f"`{name}`", TYPES[hints[name]], meanings[name]) for name in Frame._fields)
    return table(("Key", "Type", "Meaning"), rows)


def version() -> str:
    """The version of the format."""
    return f"This page describes version **{FORMAT}** of the format."


def examples() -> str:
    """One line of most kinds, of a run on a real socket."""
    trace = record("hello", seed=SEED)
    lines = [header_line(trace.header), *first_of_each_kind(trace)]
    lines += first_of_each_kind(record("unmasked", seed=SEED).filter(kind="violation"))
    return "\n".join(["```json", *lines, "```"])


def first_of_each_kind(trace: Trace) -> list[str]:
    """The first line of each kind, but for the long ones and for those that tell of this machine."""
    found: dict[str, str] = {}
    for one in trace.filter(endpoint="client").records + trace.filter(endpoint="server").records:
        line = record_line(one)
        if len(line) <= LONG and one.step.kind != "transport.opened":
            found.setdefault(one.step.kind, line)
    return list(found.values())


SECTIONS: dict[str, Callable[[], str]] = {
    "version": version,
    "kinds": kinds,
    "frame": frame_keys,
    "examples": examples,
}


def page(text: str) -> str:
    """The page with its generated parts made anew."""
    for name, make in SECTIONS.items():
        start, end = f"<!-- generated: {name} -->", "<!-- end -->"
        before, _, rest = text.partition(start)
        _, found, after = rest.partition(end)
        if not found:
            raise SystemExit(f"{PAGE.name} has no part {start} ... {end}")
        text = f"{before}{start}\n{make()}\n{end}{after}"
    return text


def comparable(text: str) -> str:
    """A page without what differs from run to run: numbers and times of steps, and the version of wsedu."""
    return re.sub(r'"(n|t|wsedu)":("[^"]*"|[0-9.e-]+)', r'"\1":0', text)


def main() -> int:
    """Write or check the page; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="change nothing, exit with 1 if the page is out of date")
    options = parser.parse_args()
    text = PAGE.read_text(encoding="utf-8")
    new = page(text)
    if comparable(new) == comparable(text):
        return 0
    if options.check:
        print(f"{PAGE.relative_to(ROOT)} is not up to date: run python tools/trace_format.py", file=sys.stderr)
        return 1
    PAGE.write_text(new, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
