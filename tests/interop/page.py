"""docs/interop.md: the matrix as a table, from the results of a test run.

WSEDU_INTEROP_PAGE=docs/interop.md python -m pytest tests/interop/test_matrix.py
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from .cases import COLUMNS
from .ends import CLIENT, REFUSAL, SERVER, Peer
from .matrix import FAILED, NOT_APPLICABLE, OTHERWISE, PASSED, PEERS, Row, rows

VARIABLE = "WSEDU_INTEROP_PAGE"
"""Names the environment variable with the file to write."""

HEAD = f"""\
# Interop

Every cell is a connection on a real socket between wsedu and another implementation. This page is written by the
tests that make them:

```
{VARIABLE}=docs/interop.md python -m pytest tests/interop/test_matrix.py
```

{PASSED} works, {OTHERWISE} works, with something else asserted than elsewhere (below), {FAILED} does not work,
{NOT_APPLICABLE} does not apply, for a reason below. "deflate" is permessage-deflate (RFC 7692), which both ends then
use; without it, neither does. A size in bytes is tried as binary and as text, in both directions, and so are text,
binary and empty messages. Chromium accepts the throw-away certificate by option; nginx stands between wsedu and the
peer that is named with it, ends TLS, and talks to the server behind it without.

When wsedu closes first, the peer gets code and reason, and wsedu gets the code back; when the peer closes first, the
other way round. When both close at once, each gets the code that the other has chosen by itself: the Close frames have
crossed, for an answer would have had the code of what it answers. A handshake is refused with {REFUSAL}, and the client
says so.
"""

Results = Mapping[str, Sequence[str]]
"""The cells of each line, by the line's name."""


def cells(row: Row, wrong: Mapping[str, BaseException]) -> list[str]:
    """What the page says of a line."""
    return [_cell(row.peer, name, failed=name in wrong) for name in COLUMNS]


def _cell(peer: Peer, name: str, *, failed: bool) -> str:
    if failed:
        return FAILED
    if name in peer.cannot:
        return NOT_APPLICABLE
    return OTHERWISE if name in peer.differs else PASSED


def page(results: Results) -> str:
    """The page for these results; a line without a result is left out."""
    parts = [HEAD, "## Tested against\n", *_versions(), "", "## The matrix\n"]
    parts += _table(results)
    parts += ["", "## What does not apply\n"]
    parts += [f"- {peer}, {_words(case)}: {why}." for peer in PEERS for case, why in peer.cannot.items()]
    parts += ["", "## What is asserted in another way\n"]
    parts += [f"- {peer}, {case}: {what}." for peer in PEERS for case, what in peer.differs.items()]
    return "\n".join([*parts, ""])


def _versions() -> list[str]:
    """One line for each program; what is beyond nginx has its line already."""
    return list(dict.fromkeys(f"- {peer.name.partition(', ')[0]} {peer.version()}" for peer in PEERS))


def _words(case: str) -> str:
    return f"wsedu as the {case}" if case in (CLIENT, SERVER) else case


def _table(results: Results) -> list[str]:
    lines = [
        f"| peer | wsedu is the | over | {' | '.join(COLUMNS)} |",
        f"| --- | --- | --- |{' :-: |' * len(COLUMNS)}",
    ]
    for row in rows():
        if str(row) in results:
            over = f"{row.manner.scheme}{', deflate' if row.manner.compress else ''}"
            lines.append(f"| {row.peer} | {row.we} | {over} | {' | '.join(results[str(row)])} |")
    return lines


def without_versions(text: str) -> str:
    """The page without what differs from machine to machine."""
    return re.sub(r"(?m)^(- .*?) [\d.]+$", r"\1", text)
