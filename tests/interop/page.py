"""docs/interop.md: the matrix as a table, from the results of a test run.

WSEDU_INTEROP_PAGE=docs/interop.md python -m pytest tests/interop/test_matrix.py
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from .cases import COLUMNS
from .matrix import FAILED, NOT_APPLICABLE, PASSED, PEERS, Row, rows

VARIABLE = "WSEDU_INTEROP_PAGE"
"""Names the environment variable with the file to write."""

HEAD = f"""\
# Interop

Every cell is a connection on a real socket between wsedu and another implementation. This page is written by the
tests that make them:

```
{VARIABLE}=docs/interop.md python -m pytest tests/interop/test_matrix.py
```

{PASSED} works, {FAILED} does not, {NOT_APPLICABLE} does not apply, for a reason below. "deflate" is
permessage-deflate (RFC 7692), which both ends then use; without it, neither does. A size in bytes is tried as binary
and as text, in both directions, and so are text, binary and empty messages. Chromium accepts the throw-away
certificate by option; nginx ends TLS, and talks to the server behind it without.
"""

Results = Mapping[str, Sequence[str]]
"""The cells of each line, by the line's name."""


def cells(row: Row, wrong: Mapping[str, BaseException]) -> list[str]:
    """What the page says of a line."""
    return [FAILED if name in wrong else NOT_APPLICABLE if name in row.peer.cannot else PASSED for name in COLUMNS]


def page(results: Results) -> str:
    """The page for these results; a line without a result is left out."""
    parts = [HEAD, "## Tested against\n", *(f"- {peer.name} {peer.version()}" for peer in PEERS), "", "## The matrix\n"]
    parts += _table(results)
    parts += ["", "## What does not apply\n"]
    parts += [f"- {peer.name}, {case}: {why}." for peer in PEERS for case, why in peer.cannot.items()]
    roles = [
        f"- {peer.name} is a {'client' if peer.server is None else 'server'} only."
        for peer in PEERS
        if peer.server is None or peer.client is None
    ]
    return "\n".join([*parts, *roles, ""])


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
