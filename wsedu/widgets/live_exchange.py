"""`LiveExchange`: an exchange on real sockets while it happens, moved by buttons."""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable
from dataclasses import replace
from ssl import SSLContext
from typing import TYPE_CHECKING, Any, ClassVar

from ..explain.catalogue import part_catalogue
from ..explain.words import violation_sentence
from ..loopback import HandshakeFailed
from ..protocol.connection import Connection
from ..protocol.rules import LocalViolation
from ..protocol.steps import BytesReceived, Level
from ..protocol.types import Role, State
from ..protocol.uri import parse_uri
from ..trace.hexinput import HexError, read_hex
from ..trace.trace import Record, Trace
from ..views.film import looks
from ..views.film_twins import film_text, key_part
from ..views.html import trace_html
from ..views.ladder import ladder_svg
from ..views.live_reel import LiveReel
from .base import BadInput, Widget
from .live_apps import APPS, Handler
from .live_failures import BEGINNING, FullError, why
from .live_frames import ILLEGAL, broken_rule, illegal_frames
from .live_session import BEAT, HOST, GoneError, LiveSession, Peer

if TYPE_CHECKING:
    from ..views.svg_theme import ThemeName
    from .exchange_film import ExchangeFilm

INTERVAL = 1 / 64
"""Seconds between two messages to the page, at least."""

MOST = 1_000_000
"""Steps that are recorded; then the connection is ended, before the notebook's memory is."""

SCHEMES = ("ws://", "wss://")

TYPED = 1 << 20
"""Bytes that can be sent by a button."""

ADDRESS = 2000
"""Characters of an address that can be typed."""

FILMED = 100_000
"""Steps that a film made by a button may have."""


class LiveExchange(Widget):
    """Watch a connection while it lives, and move it: connect, send, Ping, close, cut TCP, send illegal frames.

        live = LiveExchange()                   with a server of its own; press Connect
        LiveExchange("ws://127.0.0.1:8000")     with another one
        live.film()                             what has been recorded, as an `ExchangeFilm`

    Nothing happens before `connect`; `close` ends the connection, the server and their thread.

    Arguments:
        url: of a server, such as `ws://127.0.0.1:8000/chat`; only the client's side of it is seen. None for a server
            of the widget's own on a free port of 127.0.0.1, whose side is seen as well. The page has a field for
            another one.
        app: what that server does: `echo`, `silence`, or a coroutine function that is called with each `Endpoint`.
        compress: offer permessage-deflate (RFC 7692), and have the own server agree.
        tls: have the own server speak TLS, with a certificate made on the spot.
        ssl: for a URL with wss, a context other than Python's default one.
        level: how fine the recorded steps are; `Level.CORE` for peers that send thousands of messages a second.
        language: `en` or `zh`; None for that of WSEDU_LANG or the locale.

    Attributes:
        trace: everything that has been recorded, each connection with a number of its own.

    Raises:
        LocalViolation: the URL is wrong behind its scheme.
        ValueError: the URL does not begin with ws:// or wss://; there is no such app, or it or `tls` was given
            together with a URL.
        MissingExtraError: TLS needs a package that is not installed.
    """

    _files: ClassVar[str] = "live_exchange"
    _sheets: ClassVar[tuple[str, ...]] = ("exchange_film.css",)

    def __init__(
        self,
        url: str | None = None,
        *,
        app: str | Handler = "echo",
        compress: bool = False,
        tls: bool = False,
        ssl: SSLContext | None = None,
        level: Level = Level.BASE,
        language: str | None = None,
    ) -> None:
        peer = _peer(url, app, compress, tls, ssl)
        self.trace = Trace(level=level)
        news = weakref.WeakMethod(self._news)

        def changed(_record: Record | None = None) -> None:
            # The thread must not keep a widget alive that nobody has any more.
            told = news()
            if told is not None:
                told()

        self._peer = peer
        self._session = LiveSession(peer, self.trace, changed)
        self._telling = threading.Lock()
        self._greeted = self._due = False
        self._since = self._next = self._begun = 0.0
        self._seen = 0
        self._shown: int | None = None
        self._film: ExchangeFilm | None = None
        super().__init__(language=language)
        self.words = {**part_catalogue("exchange_film", self.language).texts, **self.words}
        self._reel = LiveReel(self.language)
        self.trace.subscribe(changed)
        # When the widget is closed or forgotten, and when the kernel ends.
        self._end = weakref.finalize(self, self._session.stop)
        self._show()

    def close(self) -> None:
        """End the connection, the server, the thread, and the views."""
        # ipywidgets calls this also for a widget that could not be made.
        if "_end" in self.__dict__:
            self._end()
            self._drop_film()
        super().close()

    def _drop_film(self) -> None:
        """Forget the film that a button has opened."""
        if self._film is not None:
            self._film.close()
            self._film = None

    def film(self) -> ExchangeFilm:
        """What has been recorded of the last connection, as a film.

        Raises:
            ValueError: nothing has been recorded.
        """
        from .exchange_film import ExchangeFilm

        trace = self._current()
        if not trace.records:
            raise ValueError(self._say.say("why.nothing"))
        return ExchangeFilm(trace, language=self.language)

    def _current(self) -> Trace:
        """The last connection as it is now."""
        return self.trace.filter(connection=self._session.number) if self._session.number else Trace()

    # --- What is done by buttons ---

    def do_hello(self, view: str) -> None:
        """A page has been opened: tell it what has been so far."""
        with self._telling:
            self._greeted = True
            self._take()
            self._tell(self._reel.anew(), time.time())

    def do_connect(self, url: str | None = None) -> None:
        """Connect; a connection that there is lives on until another server has accepted.

        Arguments:
            url: of a server; empty for the widget's own, None for the same as before.
        """
        if url is None:
            self._ask(self._session.connect)
            return
        address = url.strip()
        if len(address) > ADDRESS:
            raise BadInput(self._say.say("why.address", size=len(address), most=ADDRESS))

        def connect() -> None:
            if address:
                parse_uri(address)
            self._session.connect(replace(self._peer, uri=address or None))

        self._ask(connect)

    def do_send(self, who: str, kind: str, data: str) -> None:
        """Send a message: `text`, or `binary` given in hex."""
        if len(data) > TYPED:
            raise BadInput(self._say.say("why.long", size=len(data), most=TYPED))
        if kind == "text":
            self._act(who, lambda connection: connection.send_text(data))
            return
        if kind != "binary":
            raise BadInput(self._shared.say("shared.unknown", name=kind))
        try:
            payload = read_hex(data)
        except HexError:
            raise BadInput(self._say.say("why.hex")) from None
        if data.strip() and not payload:
            raise BadInput(self._say.say("why.hex"))
        self._act(who, lambda connection: connection.send_binary(payload))

    def do_ping(self, who: str, data: str) -> None:
        """Send a Ping with a text."""
        try:
            payload = data.encode()
        except UnicodeEncodeError as error:
            raise BadInput(self._say.say("why.surrogate", place=error.start + 1)) from None
        self._act(who, lambda connection: connection.send_ping(payload))

    def do_close(self, who: str, code: str, reason: str) -> None:
        """Begin the closing handshake; without a code the Close frame is empty."""
        text = code.strip()
        if text and not (text.isdecimal() and text.isascii()):
            raise BadInput(self._say.say("why.code", text=text))
        self._act(who, lambda connection: connection.close(int(text) if text else None, reason))

    def do_cut(self, who: str) -> None:
        """End TCP without a word."""
        role = self._role(who, State.CONNECTING, State.OPEN, State.CLOSING)
        self._ask(lambda: self._session.cut(role))

    def do_illegal(self, who: str, name: str) -> None:
        """Send what no endpoint may send."""
        if name not in ILLEGAL:
            raise BadInput(self._shared.say("shared.unknown", name=name))

        def send(connection: Connection) -> None:
            for frame in illegal_frames(name, connection.role):
                connection.send_frame(frame)

        self._act(who, send)

    def do_film(self) -> None:
        """Show what has been recorded below, as a film."""
        count = sum(record.connection == self._session.number for record in self.trace.records)
        if count > FILMED:
            raise BadInput(self._say.say("why.film", count=count, most=FILMED))
        try:
            made = self.film()
        except ValueError as error:
            raise BadInput(str(error)) from None
        self._drop_film()
        self._film = made

    def _act(self, who: str, what: Callable[[Connection], None]) -> None:
        role = self._role(who, State.OPEN)
        self._ask(lambda: self._session.act(role, what))

    def _role(self, who: str, *states: State) -> Role:
        """An endpoint that is in one of these states."""
        role = Role(who)
        if role is Role.SERVER and not self._session.own:
            raise BadInput(self._say.say("why.foreign"))
        if self._session.state(role) not in states:
            raise BadInput(self._say.say("why.closed", who=self._say.say(f"live.who.{who}")))
        return role

    def _ask(self, what: Callable[[], None]) -> None:
        try:
            what()
        except LocalViolation as violation:
            raise BadInput(violation_sentence(violation, self.language)) from None
        except GoneError:
            raise BadInput(self._say.say("why.ended")) from None

    # --- What the page is told, from the session's thread ---

    def _news(self) -> None:
        """Something has happened: tell the page of it soon, together with what else happens until then."""
        if not self._due:
            self._due = True
            self._since = time.time()
            now = time.monotonic()
            # From when it was due, not from when it came about: lateness does not add up.
            self._next = max(now, self._next + INTERVAL)
            self._session.later(self._next - now, self._develop)

    def _develop(self) -> None:
        self._due = False
        now = time.monotonic()
        if len(self.trace) >= MOST and self._session.running:
            self._session.give_up(FullError(MOST))
        # While a cell keeps the kernel busy no page can say hello: until one has, the film begins anew now and then.
        anew = not self._greeted and now - self._begun >= BEAT
        with self._telling:
            self._take()
            if anew:
                self._begun = now
            self._tell(self._reel.anew() if anew else self._reel.portion(), self._since)

    def _take(self) -> None:
        """Hand over what has been recorded since the last time."""
        number = self._session.number
        records = self.trace.records[self._seen :]
        self._seen += len(records)
        if number != self._shown:
            self._shown = number
            self._reel = LiveReel(self.language, self._reel.number)
            # It may have begun while another connection was still shown.
            records = self.trace.records[: self._seen]
        self._reel.take(record for record in records if record.connection == number)

    def _tell(self, portion: dict[str, Any], since: float) -> None:
        self.send({"kind": "portion", **portion, "since": since, "status": self._status()})

    def _status(self) -> dict[str, Any]:
        session = self._session
        ends = {role: session.state(role) for role in Role}
        return {
            "uri": session.uri or "",
            "own": session.own,
            "opening": session.opening,
            "states": [None if state is None else state.name for state in ends.values()],
            "failure": self._failure(),
            "steps": len(self.trace),
            "beat": BEAT if session.running else 0,
        }

    def _failure(self) -> str:
        """Why there is no connection; empty where there is nothing to say."""
        failure = self._session.failure
        if failure is None:
            return ""
        told = why(failure, self._say, self._heard() if isinstance(failure, HandshakeFailed) else b"")
        kept = self._session.tried != self._session.number
        return self._say.say("why.kept", why=told) if kept else told

    def _heard(self) -> bytes:
        """The first bytes that came from the server at the last attempt to connect."""
        chunks = (
            record.step.data
            for record in self.trace.filter(connection=self._session.tried)
            if isinstance(record.step, BytesReceived) and record.step.endpoint is Role.CLIENT
        )
        return b"".join(chunks)[: BEGINNING + 1]

    def _draw(self) -> dict[str, Any]:
        return {
            "address": self._peer.uri or "",
            "menu": {role.value: [[name, broken_rule(name, role).name] for name in ILLEGAL] for role in Role},
            "looks": looks(),
            "film": None if self._film is None else self._film.model_id,
        }

    # --- Static twins ---

    def _about(self) -> str:
        """A line on what this is, and how it stands."""
        status = self._status()
        about = self._say.say("live.about", uri=status["uri"], steps=status["steps"])
        parts = [self._say.say("live.title"), about if self.trace.records else self._say.say("live.nothing")]
        return " · ".join([*parts, *([status["failure"]] if status["failure"] else [])])

    def to_text(self) -> str:
        """See `Twins.to_text`: a table with a row for each step of the last connection."""
        return film_text(self._current(), self._about(), self.language)

    def to_svg(self, *, theme: ThemeName = "auto") -> str:
        """See `Twins.to_svg`: the ladder of the last connection, of a long one its beginning."""
        return ladder_svg(key_part(self._current()), language=self.language, theme=theme)

    def to_html(self) -> str:
        """See `Twins.to_html`: the page of the last connection."""
        whole = self._current()
        part = key_part(whole)
        return trace_html(part, language=self.language, left=len(whole) - len(part))


def _peer(url: str | None, app: str | Handler, compress: bool, tls: bool, ssl: SSLContext | None) -> Peer:
    if url is not None:
        if tls or app != "echo":
            raise ValueError("app and tls are for the server of the widget's own: leave them out, or the URL")
        if not url.lower().startswith(SCHEMES):
            rest = url.rpartition("://")[2] or "127.0.0.1:8000"
            raise ValueError(f"{url!r} is no address of a WebSocket: give it as ws:// or wss://, such as 'ws://{rest}'")
        parse_uri(url)
    if isinstance(app, str) and app not in APPS:
        raise ValueError(f"there is no app {app!r}: it is one of {', '.join(APPS)}, or a coroutine function")
    handler = APPS[app] if isinstance(app, str) else app
    extensions = _extensions(compress)
    if url is not None or not tls:
        return Peer(url, handler, extensions, ssl)
    from ..loopback.tls import throwaway_contexts

    contexts = throwaway_contexts(HOST)
    return Peer(None, handler, extensions, ssl, contexts.server, contexts.client)


def _extensions(compress: bool) -> tuple[Any, ...]:
    if not compress:
        return ()
    from ..protocol.deflate import PerMessageDeflateFactory

    return (PerMessageDeflateFactory(),)
