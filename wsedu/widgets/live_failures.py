"""Why there is no connection, in one line that says what to do about it."""

from __future__ import annotations

import errno
import os
import socket
import ssl

from ..explain.catalogue import Catalogue
from ..explain.shown import printable, quoted
from ..explain.words import violation_sentence
from ..loopback import HandshakeFailed
from ..protocol.rules import ProtocolViolation
from .live_session import LateError

BEGINNING = 40
"""Bytes of an answer that is no HTTP which are shown."""


class FullError(Exception):
    """More has been recorded than a notebook should hold."""


def why(error: BaseException, words: Catalogue, heard: bytes = b"") -> str:
    """What went wrong with a connection.

    Arguments:
        error: that ended the attempt to connect, or the connection.
        words: of the widget.
        heard: the first bytes that came from the server.
    """
    match error:
        case FullError():
            return words.say("why.full", count=error.args[0])
        case HandshakeFailed():
            return words.say("why.refused", why=_refused(error, words, heard))
        case ProtocolViolation():
            return violation_sentence(error, words.language)
        case LateError():
            return words.say("why.late", seconds=error.args[0])
        case OSError():
            return words.say("why.unreachable", why=_unreachable(error, words))
    return words.say("why.app", error=f"{type(error).__name__}: {error}")


def _refused(error: HandshakeFailed, words: Catalogue, heard: bytes) -> str:
    if error.response is not None and error.response.status != 101:
        return words.say("why.status", line=printable(error.response.line))
    if heard and not heard.startswith(b"HTTP/"):
        return words.say("why.no_http", text=quoted(heard, BEGINNING))
    if error.violation is not None:
        return violation_sentence(error.violation, words.language)
    return words.say("why.no_answer")


def _unreachable(error: OSError, words: Catalogue) -> str:
    match error:
        case ssl.SSLCertVerificationError():
            return words.say("why.distrust", problem=error.verify_message)
        case ssl.SSLError():
            return words.say("why.tls", problem=error.reason or str(error))
        case socket.gaierror():
            return words.say("why.no_host", problem=error.strerror or str(error))
    # Where a name has several addresses, asyncio puts what it met at each into one text.
    if error.errno == errno.ECONNREFUSED or f"[Errno {errno.ECONNREFUSED}]" in str(error):
        return words.say("why.nobody")
    return str(error) if error.errno is None else os.strerror(error.errno)
