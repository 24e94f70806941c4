"""Extensions (RFC 6455 §9): their header, and the seam at which an extension such as permessage-deflate fits in.

An `ExtensionFactory` negotiates; the `Extension` that it gives works on frames: on the way out in the order of
the server's list, on the way in the other way round (§9.1).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from .frame import Frame
from .steps import Tracer

Parameters = tuple[tuple[str, str | None], ...]


class ExtensionOffer(NamedTuple):
    """One element of Sec-WebSocket-Extensions: a name and its parameters, None for one without a value."""

    name: str
    parameters: Parameters = ()

    def __str__(self) -> str:
        return "; ".join(
            [self.name, *(name if value is None else f"{name}={value}" for name, value in self.parameters)]
        )


class Extension(Protocol):
    """An extension in use on one connection, at one endpoint."""

    @property
    def name(self) -> str:
        """The registered name."""

    def claims(self, opcode: int, fin: bool) -> int:
        """The reserved bits, of 0x70, that may be set on such a frame."""

    def attach(self, tracer: Tracer | None) -> None:
        """Tell a tracer of what is done to frames."""

    def encode(self, frame: Frame) -> Frame:
        """A frame on its way out, before it is masked."""

    def decode(self, frame: Frame, *, max_size: int) -> Frame:
        """A frame on its way in, after it was unmasked; `max_size` bytes of payload at most.

        Raises:
            ProtocolViolation: what the extension's definition forbids.
        """


class ExtensionFactory(Protocol):
    """An extension that can be negotiated."""

    @property
    def name(self) -> str:
        """The registered name."""

    @property
    def required(self) -> bool:
        """Whether a connection without it is of no use: a client closes it with 1010, a server refuses it."""

    def offers(self) -> Sequence[Parameters]:
        """What a client offers, most preferred first."""

    def accept(self, parameters: Parameters) -> tuple[Parameters, Extension] | None:
        """A server's answer to an offer, or None to decline it."""

    def accepted(self, parameters: Parameters) -> Extension | None:
        """What a client makes of a server's answer, or None if that is not a legal one."""


_LEXEME = re.compile(
    r"""[ \t]*(?:(?P<token>[!#$%&'*+.^_`|~0-9A-Za-z-]+)|"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<mark>[;,=]))[ \t]*"""
)
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


class MalformedExtensionsError(ValueError):
    """A value breaks the grammar of §9.1; `index` is that of the first wrong character."""

    def __init__(self, index: int) -> None:
        super().__init__(index)
        self.index = index


def parse_extensions(value: str) -> list[ExtensionOffer]:
    """Read the value of Sec-WebSocket-Extensions (RFC 6455 §4.3, §9.1).

    Empty list elements are left out, as RFC 9110 §5.6.1 tells recipients.

    Raises:
        MalformedExtensionsError: the value breaks the grammar.
    """
    lexemes = _Lexemes(value)
    offers: list[ExtensionOffer] = []
    while not lexemes.at_end():
        if lexemes.take_mark(","):
            continue
        offers.append(_parse_offer(lexemes))
        if not lexemes.at_end() and not lexemes.take_mark(","):
            raise MalformedExtensionsError(lexemes.position)
    return offers


def _parse_offer(lexemes: _Lexemes) -> ExtensionOffer:
    name = lexemes.take_token()
    parameters: list[tuple[str, str | None]] = []
    while lexemes.take_mark(";"):
        parameter = lexemes.take_token()
        value = lexemes.take_value() if lexemes.take_mark("=") else None
        parameters.append((parameter, value))
    return ExtensionOffer(name, tuple(parameters))


class _Lexemes:
    """Tokens, quoted strings and the marks between them, one after the other."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.position = len(text) - len(text.lstrip(" \t"))

    def at_end(self) -> bool:
        return self.position == len(self._text)

    def take_mark(self, mark: str) -> bool:
        found = _LEXEME.match(self._text, self.position)
        if found is None or found["mark"] != mark:
            return False
        self.position = found.end()
        return True

    def take_token(self) -> str:
        found = _LEXEME.match(self._text, self.position)
        if found is None or found["token"] is None:
            raise MalformedExtensionsError(self.position)
        self.position = found.end()
        return found["token"]

    def take_value(self) -> str:
        """A token, or a quoted string that is a token once it is unquoted (§9.1)."""
        found = _LEXEME.match(self._text, self.position)
        if found is not None and found["quoted"] is not None:
            plain = re.sub(r"\\(.)", r"\1", found["quoted"])
            if _TOKEN.fullmatch(plain):
                self.position = found.end()
                return plain
        return self.take_token()


def format_extensions(offers: Iterable[ExtensionOffer]) -> str:
    """The value of Sec-WebSocket-Extensions for a list of extensions."""
    return ", ".join(str(offer) for offer in offers)


RSV1 = 0x40
_FRAMES = [(opcode, fin) for opcode in range(16) for fin in (False, True)]


def compatible(in_use: Sequence[Extension]) -> bool:
    """Whether these can be used together: no two claim the same bit, and compression comes first (RFC 7692 §5).

    What claims RSV1 is compression (RFC 7692 §6); behind an extension with reserved bits of its own it
    would have to keep them frame by frame, and it works on whole messages.

    Arguments:
        in_use: in the order of the server's list.
    """
    claimed = 0
    for extension in in_use:
        claims = 0
        for opcode, fin in _FRAMES:
            claims |= extension.claims(opcode, fin)
        if claims & claimed or (claims & RSV1 and claimed):
            return False
        claimed |= claims
    return True


def negotiate(
    offers: Iterable[ExtensionOffer], factories: Sequence[ExtensionFactory]
) -> tuple[list[ExtensionOffer], list[Extension]]:
    """A server's choice among a client's offers, in the client's order; each extension is used at most once.

    What cannot be used together with an earlier choice is declined: see `compatible`.

    Returns:
        The elements of the response's header, and the extensions behind them.
    """
    chosen: list[ExtensionOffer] = []
    in_use: list[Extension] = []
    for offer in offers:
        if any(offer.name == element.name for element in chosen):
            continue
        answer = _accept(factories, offer)
        if answer is not None and compatible([*in_use, answer[1]]):
            chosen.append(ExtensionOffer(offer.name, answer[0]))
            in_use.append(answer[1])
    return chosen, in_use


def _accept(factories: Sequence[ExtensionFactory], offer: ExtensionOffer) -> tuple[Parameters, Extension] | None:
    for factory in factories:
        answer = factory.accept(offer.parameters) if factory.name == offer.name else None
        if answer is not None:
            return answer
    return None
