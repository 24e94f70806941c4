"""One end of many idle connections, in a process of its own, which says how much memory each of them takes.

    python benchmarks/_idle.py LIBRARY server
    python benchmarks/_idle.py LIBRARY client PORT COUNT

It is talked to by lines. The server prints its port, then, for each line on its standard input, its memory. The
client opens its connections, prints the growth of its memory in bytes for each of them, and waits for a line.
"""

from __future__ import annotations

import asyncio
import gc
import resource
import sys
from pathlib import Path

from _contestants import CONTESTANTS, Contestant

BATCH = 50
"""Connections opened at once: fewer than wait for `accept` in the kernel."""

WARM_UP = 20
"""Connections opened before counting, so that what is made once is not counted."""


def resident() -> int:
    """Bytes of memory that this process occupies, after a collection."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


def raise_limit() -> None:
    """Allow as many open files as the system lets this user have."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


async def read_line() -> str:
    """A line of standard input; the loop goes on meanwhile."""
    return await asyncio.to_thread(sys.stdin.readline)


async def server(contestant: Contestant) -> None:
    """Serve until standard input ends."""
    async with contestant.serve() as port:
        print(port, flush=True)
        while await read_line():
            print(resident(), flush=True)


async def client(contestant: Contestant, port: int, count: int) -> None:
    """Open the connections, say what each of them costs, and keep them until a line comes."""
    ends = [await contestant.open(port) for _ in range(WARM_UP)]
    print("warm", flush=True)
    await read_line()
    before = resident()
    for start in range(0, count, BATCH):
        ends += await asyncio.gather(*(contestant.open(port) for _ in range(min(BATCH, count - start))))
    print((resident() - before) / count, flush=True)
    await read_line()
    await asyncio.gather(*(end.close() for end in ends))


def main() -> None:
    """Be one end."""
    library, role, *numbers = sys.argv[1:]
    raise_limit()
    contestant = CONTESTANTS[library]
    asyncio.run(server(contestant) if role == "server" else client(contestant, *map(int, numbers)))


if __name__ == "__main__":
    main()
