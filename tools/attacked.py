"""The two processes around an attack: the server, which counts what it holds, and the honest clients.

    python tools/attacked.py server '{"opening": 10}' [--traced]
    python tools/attacked.py clients ws://127.0.0.1:8000/ 20 6455

Each answers every line on its standard input with a line of JSON, and ends with the input.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import logging
import os
import random
import sys
import time
import tracemalloc
from pathlib import Path
from typing import Any

from wsedu.loopback import Endpoint, Server, connect, serve
from wsedu.protocol.deflate import PerMessageDeflateFactory
from wsedu.protocol.types import Timeouts

SIZES = (0, 16, 125, 126, 5000, 70_000)
"""Bytes of the messages of an honest client."""

PATIENCE = 60.0
"""Seconds that an honest client waits for a message; then it counts as lost."""

REST = 0.02
"""Seconds between the messages of an honest client."""


async def echo(endpoint: Endpoint) -> None:
    """The server's handler."""
    async for message in endpoint:
        await endpoint.send(message)


def held(server: Server, *, collect: bool) -> dict[str, int]:
    """What the server's process holds now: of memory, sockets and tasks.

    Arguments:
        collect: collect garbage first, which takes its time.
    """
    if collect:
        gc.collect()
    memory = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    now, peak = tracemalloc.get_traced_memory()
    return {
        "rss": int(memory["VmRSS"].split()[0]) << 10,
        "rss_peak": int(memory["VmHWM"].split()[0]) << 10,
        "traced": now,
        "traced_peak": peak,
        "descriptors": len(os.listdir("/proc/self/fd")),
        "tasks": len(asyncio.all_tasks()),
        "connections": len(server.connections),
    }


async def run_server(timeouts: Timeouts, *, traced: bool) -> None:
    """Serve with the library's own limits until the input ends.

    Arguments:
        timeouts: deadlines in seconds.
        traced: follow every allocation, which makes everything slower.
    """
    logging.getLogger("wsedu").setLevel(logging.CRITICAL)
    if traced:
        tracemalloc.start()
    async with serve(echo, trace=False, timeouts=timeouts, extensions=[PerMessageDeflateFactory()]) as server:
        tell({"uri": server.uri, "port": server.port})
        while line := await asyncio.to_thread(sys.stdin.readline):
            tell(held(server, collect=line.strip() == "at rest"))


async def run_clients(uri: str, count: int, seed: int) -> None:
    """Say when all have got their first answer; talk until a line comes; tell how that went, and end.

    Arguments:
        uri: of the server.
        count: of clients.
        seed: of their messages.
    """
    stop = asyncio.Event()
    talks = [Talk(uri, seed + number, stop) for number in range(count)]
    async with asyncio.TaskGroup() as group:
        for talk in talks:
            group.create_task(talk.run())
        for talk in talks:
            await talk.begun.wait()
        tell({"talking": count})
        await asyncio.to_thread(sys.stdin.readline)
        stop.set()
    waits = [wait for talk in talks for wait in talk.waits]
    tell({"waits": waits, "wrong": [talk.wrong for talk in talks if talk.wrong]})


class Talk:
    """One client: sends messages of all sizes; every one has to come back before the next one is sent.

    Arguments:
        uri: of the server.
        seed: of its messages; odd ones ask for compression.
        stop: set when it is to end.

    Attributes:
        begun: set when its first message has come back, or will not.
        waits: seconds from sending to receiving, for each of the others.
        wrong: what it found wrong; empty if nothing.
    """

    def __init__(self, uri: str, seed: int, stop: asyncio.Event) -> None:
        self._connecting = connect(uri, trace=False, extensions=[PerMessageDeflateFactory()] if seed % 2 else [])
        self._source = random.Random(seed)
        self._stop = stop
        self.begun = asyncio.Event()
        self.waits: list[float] = []
        self.wrong = ""

    async def run(self) -> None:
        """From the opening handshake to the closing one."""
        try:
            async with self._connecting as client:
                await self._exchange(client)
                self.begun.set()
                while not self._stop.is_set():
                    self.waits.append(await self._exchange(client))
                    await asyncio.sleep(REST)
        except Exception as error:
            self.wrong = f"an honest client failed: {error!r}"
        finally:
            self.begun.set()

    async def _exchange(self, client: Endpoint) -> float:
        message = self._source.randbytes(self._source.choice(SIZES))
        start = time.perf_counter()
        async with asyncio.timeout(PATIENCE):
            await client.send(message)
            if await client.recv() != message:
                raise ValueError("another message came back than was sent")
        return time.perf_counter() - start


def tell(value: dict[str, Any]) -> None:
    """A line of JSON."""
    print(json.dumps(value), flush=True)


def main() -> None:
    """Read the options and do it."""
    parser = argparse.ArgumentParser(description="The processes around tools/attack.py.")
    kinds = parser.add_subparsers(dest="kind", required=True)
    server = kinds.add_parser("server")
    server.add_argument("timeouts", type=json.loads)
    server.add_argument("--traced", action="store_true")
    clients = kinds.add_parser("clients")
    clients.add_argument("uri")
    clients.add_argument("count", type=int)
    clients.add_argument("seed", type=int)
    arguments = parser.parse_args()
    if arguments.kind == "server":
        asyncio.run(run_server(Timeouts(**arguments.timeouts), traced=arguments.traced))
    else:
        asyncio.run(run_clients(arguments.uri, arguments.count, arguments.seed))


if __name__ == "__main__":
    main()
