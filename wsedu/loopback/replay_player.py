"""`Player`: sends what a script says over a connection, and compares what comes, up to the first difference."""

from __future__ import annotations

import asyncio
import contextlib
import os
from dataclasses import dataclass, field

from ..protocol.closing import CloseCode
from ..protocol.frame import Frame
from ..protocol.frames import encode_frame
from ..protocol.http import HeadReader, Request, Response
from ..protocol.rules import ProtocolViolation
from ..protocol.types import Limits, Opcode, Role
from .replay_compare import Difference, DiffersError, compare, frame_excerpt
from .replay_handshake import ClientHandshake, ServerHandshake
from .replay_messages import Messages, inflater
from .replay_script import Awaited, Script, frame_of, frame_places

CHUNK = 1 << 16

MAX_BUFFERED = 1 << 26
"""Bytes of one frame that are waited for; a peer that announces more is not read any further."""


@dataclass
class Outcome:
    """What came of a replay.

    Arguments:
        sent: frames, or other pieces, that were played.
        compared: frames of the peer that came as recorded.
        difference: the first one; None if everything came as recorded.
    """

    sent: int = 0
    compared: int = 0
    difference: Difference | None = None

    @property
    def same(self) -> bool:
        """Whether everything came back as recorded."""
        return self.difference is None


@dataclass
class Player:
    """Sends what the script says and compares what comes.

    Arguments:
        script: what to play.
        reader, writer: the connection.
        fast: do not wait for the recorded times.
        patience: seconds that the peer may be slower than in the recording, and that it is listened to at the end.
    """

    script: Script
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    fast: bool
    patience: float
    outcome: Outcome = field(default_factory=Outcome)
    _held: bytes = b""
    _progress: asyncio.Event = field(default_factory=asyncio.Event)
    _closing: bool = False
    _messages: Messages | None = None  # where messages are compared by their plain content
    _message: Frame | None = None  # fragments of a message, where only messages are compared

    async def run(self, handshake: ClientHandshake | ServerHandshake) -> Outcome:
        """Play everything, up to the first difference."""
        try:
            await handshake.run(self)
            if self.script.response is None or self.script.response.status == 101:
                await self._play()
        except DiffersError as end:
            self.outcome.difference = end.difference
        except ConnectionError as error:
            self.outcome.difference = Difference("end", self.outcome.compared + 1, got=str(error))
        finally:
            self.writer.close()
        return self.outcome

    def write(self, data: bytes) -> None:
        """Send bytes; if the peer is gone, reading tells."""
        self.writer.write(data)

    async def _play(self) -> None:
        loop = asyncio.get_running_loop()
        start = loop.time()
        extension = inflater(self.script.response, self.script.role) if self.script.compressed else None
        self._messages = None if extension is None else Messages(extension)
        reading = asyncio.create_task(self._read_all(start))
        try:
            for act in self.script.acts:
                await self._reach(act.after, reading)
                if not self.fast:
                    await self._until(start + act.t, reading)
                self.write(act.data)
                await self.writer.drain()
                self.outcome.sent += 1
            await self._reach(len(self.script.awaited), reading)
            if self.script.own_end is not None and not self.fast:
                await self._until(start + self.script.own_end, reading)
            await self._see_the_end(reading)
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    async def _until(self, when: float, reading: asyncio.Task[None]) -> None:
        """Wait for a time of the recording; a difference ends the wait."""
        delay = when - asyncio.get_running_loop().time()
        if delay > 0:
            await asyncio.wait([reading], timeout=delay)
        if reading.done():
            self._raise_what_reading_found(reading)

    async def _reach(self, count: int, reading: asyncio.Task[None]) -> None:
        """Wait until so many frames of the peer have come."""
        while self.outcome.compared < count:
            if reading.done():
                self._raise_what_reading_found(reading)
                number = self.outcome.compared + 1
                raise DiffersError(Difference("end", number, frame_excerpt(self._awaited(number - 1).frame)))
            self._progress.clear()
            moved = asyncio.create_task(self._progress.wait())
            try:
                await asyncio.wait([moved, reading], return_when=asyncio.FIRST_COMPLETED)
            finally:
                moved.cancel()

    async def _see_the_end(self, reading: asyncio.Task[None]) -> None:
        """Read on to the end of the peer's direction, or as long as patience allows: nothing more may come."""
        if self.script.messages_only and not self._closing and not reading.done():
            # The recording does not say how it was closed; this is how that is done.
            self._closing = True
            self.write(encode_frame(Frame.close(CloseCode.NORMAL_CLOSURE, masking_key=self._key())))
        if self.script.role is Role.SERVER and self._ends_first and self.writer.can_write_eof():
            # A client waits for that (RFC 6455 §7.1.1); what it still sends is read all the same.
            self.writer.write_eof()
        await asyncio.wait([reading], timeout=self.patience)
        if reading.done():
            with contextlib.suppress(ConnectionError):
                # All that was awaited has come: that TCP ends with an error then is no difference.
                self._raise_what_reading_found(reading)

    @property
    def _ends_first(self) -> bool:
        return self.script.own_end is not None or self._closing

    @staticmethod
    def _raise_what_reading_found(reading: asyncio.Task[None]) -> None:
        error = reading.exception()
        if error is not None:
            raise error

    def _awaited(self, index: int) -> Awaited:
        return self.script.awaited[index]

    # --- What comes ---

    async def _read_all(self, start: float) -> None:
        """Compare each frame as it comes, until the peer ends its direction."""
        while True:
            self._take_frames()
            data = await self._read(start)
            if not data:
                return
            self._held += data
            if len(self._held) > MAX_BUFFERED:
                raise DiffersError(Difference("length", self.outcome.compared + 1, got=f"> {MAX_BUFFERED}"))

    async def _read(self, start: float) -> bytes:
        """The next bytes; for a frame that is awaited, only as long as the recording and patience allow."""
        index = self.outcome.compared
        if index >= len(self.script.awaited):
            return await self.reader.read(CHUNK)
        awaited = self._awaited(index)
        now = asyncio.get_running_loop().time()
        wait = max(0.0, start + awaited.t - now) + self.patience
        try:
            async with asyncio.timeout(wait):
                return await self.reader.read(CHUNK)
        except TimeoutError:
            raise DiffersError(Difference("missing", index + 1, frame_excerpt(awaited.frame))) from None

    def _take_frames(self) -> None:
        used = 0
        for begin, end, whole in frame_places(self._held):
            if not whole:
                break
            self._take(frame_of(self._held[begin:end]))
            used = end
        self._held = self._held[used:]

    def _take(self, frame: Frame) -> None:
        if self.script.messages_only:
            whole = self._as_message(frame)
            if whole is not None:
                self._compare(whole)
        else:
            for one in [frame] if self._messages is None else self._messages.take(frame):
                self._compare(one)

    def _compare(self, frame: Frame) -> None:
        number = self.outcome.compared + 1
        if number > len(self.script.awaited):
            raise DiffersError(Difference("extra", number, got=frame_excerpt(frame)))
        expected = self._awaited(number - 1).frame
        difference = compare(expected, frame, number, messages_only=self.script.messages_only)
        if difference is not None:
            raise DiffersError(difference)
        self.outcome.compared = number
        self._progress.set()

    def _as_message(self, frame: Frame) -> Frame | None:
        """The message that a frame ends; control frames are answered, because the recording has none."""
        if frame.is_control:
            self._answer(frame)
            return None
        begun = self._message
        if begun is not None:
            frame = begun._replace(payload=begun.payload + frame.payload, fin=frame.fin)
        self._message = None if frame.fin else frame
        return frame if frame.fin else None

    def _answer(self, frame: Frame) -> None:
        if frame.opcode == Opcode.PING:
            self.write(encode_frame(Frame.pong(frame.payload, masking_key=self._key())))
        elif frame.opcode == Opcode.CLOSE and not self._closing:
            self._closing = True
            self.write(encode_frame(Frame(Opcode.CLOSE, frame.payload[:2], masking_key=self._key())))

    def _key(self) -> bytes | None:
        """A client masks, a server does not (§5.1)."""
        return os.urandom(4) if self.script.role is Role.CLIENT else None

    # --- Heads ---

    async def read_response(self) -> Response:
        """The peer's response head.

        Raises:
            DiffersError: nothing of the kind came.
        """
        head = await self._read_head()
        try:
            return head.response()
        except ProtocolViolation as violation:
            raise DiffersError(Difference("status", 0, self._status, str(violation))) from None

    async def read_request(self) -> Request:
        """The peer's request head; errors as for `read_response`."""
        head = await self._read_head()
        try:
            return head.request()
        except ProtocolViolation as violation:
            raise DiffersError(Difference("target", 0, self.script.request.target, str(violation))) from None

    @property
    def _status(self) -> str:
        return "" if self.script.response is None else str(self.script.response.status)

    async def _read_head(self) -> HeadReader:
        head = HeadReader(Limits())
        try:
            async with asyncio.timeout(self.patience):
                while data := await self.reader.read(CHUNK):
                    used = head.feed(data)
                    if used is not None:
                        self._held = data[used:]
                        return head
        except (TimeoutError, ProtocolViolation) as error:
            raise DiffersError(Difference("status", 0, self._status, str(error) or type(error).__name__)) from None
        raise DiffersError(Difference("end", 0, self._status))
