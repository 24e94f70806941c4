"""Why `connect` has no connection, in words that say what to do about it."""

from __future__ import annotations

import errno
import os
import socket
import ssl
from typing import TYPE_CHECKING

from ..explain.shown import printable, quoted
from ..explain.words import violation_sentence

if TYPE_CHECKING:
    from ..loopback import HandshakeFailed
    from ..protocol.http import Response
    from .context import Context

BEGINNING = 40
"""Bytes of an answer that is no HTTP which are shown."""


def why_refused(error: HandshakeFailed, heard: bytes, context: Context) -> str:
    """Why the opening handshake failed: what the server answered, else which rule its answer breaks.

    Arguments:
        error: as `wsedu.loopback.connect` raised it.
        heard: the first bytes that came from the server.
        context: for the language.
    """
    if error.response is not None and error.response.status != 101:
        return _status(error.response, context)
    if error.violation is not None:
        return violation_sentence(error.violation, context.language)
    if heard:
        return context.say("cli.connect.no_answer.other", text=quoted(heard, BEGINNING))
    return context.say("cli.connect.no_answer")


def _status(response: Response, context: Context) -> str:
    """The status line, and what that status usually comes from."""
    answered = context.say("cli.connect.status", line=printable(response.line))
    location = response.headers.get("Location")
    if 300 <= response.status < 400 and location is not None:
        return answered + context.say("cli.connect.status.redirect", location=quoted(location))
    hint = _HINTS.get(response.status)
    return answered if hint is None else answered + context.say(f"cli.connect.status.{hint}")


_HINTS = {200: "page", 400: "request", 401: "login", 403: "forbidden", 404: "path", 421: "host", 426: "request"}
"""The keys of what a status usually comes from."""


def why_unreachable(error: OSError, context: Context) -> str:
    """Why there is no TCP or no TLS connection."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return context.say("cli.connect.tls.distrust", problem=error.verify_message)
    if isinstance(error, ssl.SSLError):
        plain = error.reason in ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG")
        key = "cli.connect.tls.plain" if plain else "cli.connect.tls.wrong"
        return context.say(key, problem=error.reason or str(error))
    if isinstance(error, socket.gaierror):
        return context.say("cli.connect.no_host", problem=error.strerror or str(error))
    if error.errno == errno.ECONNREFUSED or _all_refused(error):
        return context.say("cli.connect.nobody")
    if error.errno is None:
        return str(error)
    return os.strerror(error.errno)


def _all_refused(error: OSError) -> bool:
    """Whether asyncio tried several addresses of one host, and none of them took the connection."""
    return error.errno is None and str(error).count("[Errno ") == str(error).count(f"[Errno {errno.ECONNREFUSED}]") > 0
