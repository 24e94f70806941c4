"""Where libraries disagree: the same bytes sent to a server of each over a real socket, and what each answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, NamedTuple

from ..explain.catalogue import choose_language, part_catalogue
from ..loopback.record import run_anywhere
from ..protocol.frame import Frame
from ..protocol.frames import FrameDecoder, encode_frame
from ..protocol.masking import apply_mask
from ..protocol.types import Opcode, Role
from ..protocol.uri import parse_uri
from .libraries import HOST, SERVERS, Server, installed

PATIENCE = 5.0
"""Seconds that a server has for an answer."""

KEY = bytes.fromhex("37fa213d")
REQUEST = {
    "Host": HOST,
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
}
LINE = "GET / HTTP/1.1"
END = b"\r\n\r\n"

REFUSED = {"1002", "1003", "1007", "1009", "TCP"}
"""Answers to frames that say that something is wrong; with HTTP it is every status from 400 on."""

ROUNDS = 3
"""Pings, one after the other: some libraries answer a Ping before their application has looked at what came first."""

TAKEN, ENDED, WAITS = "✔", "TCP", "…"
"""It goes on as if nothing were wrong; it ends TCP without a word; it does not answer."""


class Case(NamedTuple):
    """What is sent.

    Arguments:
        frames: hex of frames without a mask, which are sent masked; for a request, none.
        line: of a request.
        fields: of a request that are other than those of `REQUEST`; None leaves one out.
        masked: whether the frames are sent masked.
    """

    frames: tuple[str, ...] = ()
    line: str = LINE
    fields: dict[str, str | None] = {}  # noqa: RUF012
    masked: bool = True


FRAMES = {
    "rsv": Case(("c1 01 61",)),
    "opcode": Case(("83 00",)),
    "unmasked": Case(("81 01 61",), masked=False),
    "long_form": Case(("81 7e 00 01 61",)),
    "ping_cut": Case(("09 00",)),
    "continuation": Case(("80 01 61",)),
    "interleaved": Case(("01 01 61", "81 01 62")),
    "utf8": Case(("81 01 ff",)),
    "surrogate": Case(("81 03 ed a0 80",)),
    "close_between": Case(("01 01 61", "88 02 03 e8")),
    "close_half": Case(("88 01 03",)),
    "close_1005": Case(("88 02 03 ed",)),
    "close_1014": Case(("88 02 03 f6",)),
    "close_4000": Case(("88 02 0f a0",)),
}
"""Frames by the name of the case."""

REQUESTS = {
    "post": Case(line="POST / HTTP/1.1"),
    "old_http": Case(line="GET / HTTP/1.0"),
    "no_host": Case(fields={"Host": None}),
    "two_upgrades": Case(fields={"Upgrade": "h2c, websocket"}),
    "short_key": Case(fields={"Sec-WebSocket-Key": "c2hvcnQ="}),
    "version_8": Case(fields={"Sec-WebSocket-Version": "8"}),
    "no_version": Case(fields={"Sec-WebSocket-Version": None}),
    "fragment": Case(line="GET /#top HTTP/1.1"),
}
"""Requests by the name of the case."""


class Differences:
    """What each library answers to each case.

    Arguments:
        found: answers by library, by case.
        versions: of the libraries.
        missing: names of those that are not installed.
        language: `en` or `zh`.
    """

    def __init__(
        self, found: dict[str, dict[str, str]], versions: dict[str, str], missing: Sequence[str], language: str
    ) -> None:
        self.found, self.versions, self.missing = found, versions, tuple(missing)
        self._words = part_catalogue("differing", language)

    @property
    def disputed(self) -> list[str]:
        """The cases that some refuse and others do not."""
        return [case for case, answers in self.found.items() if len({*map(_refuses, answers.values())}) > 1]

    def _rows(self) -> list[list[str]]:
        head = [
            self._words.say("table.case"),
            *(f"{name} {version}".strip() for name, version in self.versions.items()),
        ]
        rows = [
            [self._words.say(f"case.{case}"), *(answers[name] for name in self.versions)]
            for case, answers in self.found.items()
        ]
        return [head, *rows]

    def _notes(self) -> list[str]:
        lines = [self._words.say("table.signs", taken=TAKEN, ended=ENDED, waits=WAITS)]
        if self.missing:
            lines.append(self._words.say("table.missing", names=", ".join(self.missing)))
        return lines

    def _reasons(self, mark: str = "") -> list[str]:
        """A line for each disputed case, whose name stands between marks."""
        names = {case: f"{mark}{self._words.say(f'case.{case}')}{mark}" for case in self.disputed}
        whys = {case: self._words.say(f"why.{case}") for case in names}
        return ["- " + self._words.say("table.reason", case=name, why=whys[case]) for case, name in names.items()]

    def __repr__(self) -> str:
        lines = [" | ".join(row) for row in self._rows()]
        return "\n".join([*lines, "", *self._notes(), "", *self._reasons()])

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        head, *rows = ([_plain(cell) for cell in row] for row in self._rows())
        marks = ["---", *(":-:" for _ in head[1:])]
        table = [f"| {' | '.join(row)} |" for row in (head, marks)]
        for case, row in zip(self.found, rows, strict=True):
            strong = case in self.disputed
            table.append(f"| {' | '.join([f'**{row[0]}**' if strong else row[0], *row[1:]])} |")
        told = "\n".join([*table, "", *(line + "\n" for line in self._notes()), *self._reasons("**")])
        return {"text/plain": repr(self), "text/markdown": told}


def differences(
    cases: dict[str, Case], *, also: Mapping[str, str] | None = None, language: str | None = None
) -> Differences:
    """Send each case to a server of each library that is installed.

    Arguments:
        cases: such as `FRAMES` or `REQUESTS`.
        also: addresses of further servers, by a name for each.
        language: `en` or `zh`; None for that of WSEDU_LANG or the locale.
    """
    versions = installed()
    servers = {name: SERVERS[name] for name in versions}
    for name, uri in (also or {}).items():
        versions[name] = ""
        servers[name] = partial(_there, uri)
    answers = run_anywhere(lambda: _all(servers, cases))
    found = {case: {name: answers[name][case] for name in versions} for case in cases}
    return Differences(found, versions, [name for name in SERVERS if name not in versions], choose_language(language))


@asynccontextmanager
async def _there(uri: str) -> AsyncIterator[int]:
    """A server that listens already."""
    yield parse_uri(uri).port


async def _all(servers: dict[str, Server], cases: dict[str, Case]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for name, server in servers.items():
        async with server() as port:
            told = await asyncio.gather(*(_asked(port, case) for case in cases.values()))
            found[name] = dict(zip(cases, told, strict=True))
    return found


async def _asked(port: int, case: Case) -> str:
    reader, writer = await asyncio.open_connection(HOST, port)
    try:
        async with asyncio.timeout(PATIENCE):
            writer.write(_request(case))
            status = (await reader.readuntil(END)).split(b" ", 2)[1].decode()
            return await _frames(case, reader, writer) if case.frames else status
    except TimeoutError:
        return WAITS
    except (OSError, EOFError):
        return ENDED
    finally:
        writer.close()


def _request(case: Case) -> bytes:
    fields = [f"{name}: {value}" for name, value in {**REQUEST, **case.fields}.items() if value is not None]
    return "\r\n".join([case.line, *fields, "", ""]).encode()


async def _frames(case: Case, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> str:
    """Send the frames and Pings; the Pongs say that they were taken, a Close frame with which code they were not."""
    frames = [bytes.fromhex(text) for text in case.frames]
    sent = b"".join(_masked(frame) if case.masked else frame for frame in frames)
    writer.write(sent + encode_frame(Frame.ping(b"?", masking_key=KEY)))
    decoder = FrameDecoder(role=Role.CLIENT)
    rounds = 0
    while data := await reader.read(1 << 16):
        for frame in decoder.feed(data):
            if frame.opcode == Opcode.PONG:
                rounds += 1
                if rounds == ROUNDS:
                    return TAKEN
                writer.write(encode_frame(Frame.ping(b"?", masking_key=KEY)))
            if frame.opcode == Opcode.CLOSE:
                return str(int.from_bytes(frame.payload[:2], "big")) if frame.payload else "—"
    return ENDED


def _plain(cell: str) -> str:
    """A cell that Markdown leaves as it is."""
    return cell.replace("|", "\\|").replace("_", "\\_")


def _refuses(answer: str) -> bool:
    """Whether an answer says that something is wrong."""
    return answer in REFUSED or (len(answer) == 3 and answer >= "400")


def _masked(frame: bytes) -> bytes:
    """The same frame, masked; it is short, or has a length of 16 bits."""
    header = 4 if frame[1] == 126 else 2
    return bytes([frame[0], frame[1] | 0x80]) + frame[2:header] + KEY + apply_mask(frame[header:], KEY)
