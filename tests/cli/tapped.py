"""`tap` in a process of its own, ended by the Ctrl-C of a user."""

from __future__ import annotations

import asyncio
import itertools
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.cli.talking import environment

HOST = "127.0.0.1"


class Tapped:
    """A tap in a process of its own: the address for clients, and, once it is over, what it said."""

    uri = ""
    output = ""
    errors = ""
    status = -1


@asynccontextmanager
async def tapped(port: int, *options: str) -> AsyncIterator[Tapped]:
    """`python -m wsedu tap` before a server on that port, ended by Ctrl-C."""
    command = [sys.executable, "-m", "wsedu", "tap", "--lang", "en", "--to", f"ws://{HOST}:{port}/chat", *options]
    process = await asyncio.create_subprocess_exec(
        *command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()
    )
    assert process.stdout is not None
    assert process.stderr is not None
    tap = Tapped()
    try:
        said = await (process.stderr if "--json" in options else process.stdout).readline()
        found = re.search(r"wss?://127\.0\.0\.1:\d+/chat", said.decode())
        assert found, said
        tap.uri = found[0]
        yield tap
        process.send_signal(signal.SIGINT)
        output, errors = await process.communicate()
        tap.output, tap.errors, tap.status = output.decode(), errors.decode(), process.returncode or 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


def run(main: Any) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(45):
            await main

    asyncio.run(bounded())


def paragraphs(output: str) -> list[str]:
    """The output, and its last three sentences each for itself, however they were folded."""
    head, _, totals = output.rstrip().rpartition("\n\n")
    marks = [match.start() for match in re.finditer(r"^(broken by the|客户端违反|服务器违反)", totals, re.MULTILINE)]
    ends = [0, *marks, len(totals)]
    return [head, *(" ".join(totals[one:other].split()) for one, other in itertools.pairwise(ends))]
