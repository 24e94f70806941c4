"""The frames of the menu of illegal frames: each breaks one rule, and an endpoint has to fail the connection for it."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import NamedTuple

from ..protocol import rules
from ..protocol.frame import Frame
from ..protocol.types import Opcode, Role
from ..protocol.writer import MAX_CONTROL

_KEY = 4


class Illegal(NamedTuple):
    """What can be sent although no endpoint may send it.

    Arguments:
        frames: gives them for a masking key, None for a server, which has none.
        rule: that they break when a client sends them.
        server_rule: when a server does; None for the same.
    """

    frames: Callable[[bytes | None], list[Frame]]
    rule: rules.Rule
    server_rule: rules.Rule | None = None


def _text(key: bytes | None) -> Frame:
    return Frame.text("Hello", masking_key=key)


ILLEGAL: dict[str, Illegal] = {
    "mask": Illegal(
        lambda key: [_text(None if key else os.urandom(_KEY))], rules.CLIENT_MUST_MASK, rules.SERVER_MUST_NOT_MASK
    ),
    "opcode": Illegal(lambda key: [_text(key)._replace(opcode=0x3)], rules.OPCODE_RESERVED),
    "rsv": Illegal(lambda key: [_text(key)._replace(rsv2=True)], rules.RSV_BITS),
    "length": Illegal(lambda key: [_text(key)._replace(length_form=16)], rules.MINIMAL_LENGTH),
    "long_control": Illegal(lambda key: [Frame.ping(bytes(MAX_CONTROL + 1), masking_key=key)], rules.CONTROL_TOO_LONG),
    "cut_control": Illegal(
        lambda key: [Frame.ping(b"Hello", masking_key=key)._replace(fin=False)], rules.CONTROL_FRAGMENTED
    ),
    "utf8": Illegal(lambda key: [Frame(Opcode.TEXT, b"Hello \xc3\x28", masking_key=key)], rules.TEXT_UTF8),
    "continuation": Illegal(
        lambda key: [Frame.continuation(b"Hello", masking_key=key)], rules.CONTINUATION_WITHOUT_START
    ),
    "interleaved": Illegal(lambda key: [_text(key)._replace(fin=False), _text(key)], rules.MESSAGE_INTERLEAVED),
    "close_body": Illegal(lambda key: [Frame(Opcode.CLOSE, b"\x03", masking_key=key)], rules.CLOSE_BODY),
    "close_code": Illegal(lambda key: [Frame.close(1005, masking_key=key)], rules.CLOSE_CODE),
}
"""By the name that the menu has for it."""


def illegal_frames(name: str, role: Role) -> list[Frame]:
    """The frames of an entry.

    Arguments:
        name: a key of `ILLEGAL`.
        role: who sends them.
    """
    return ILLEGAL[name].frames(os.urandom(_KEY) if role is Role.CLIENT else None)


def broken_rule(name: str, role: Role) -> rules.Rule:
    """The rule that an entry breaks if this endpoint sends it."""
    entry = ILLEGAL[name]
    return entry.server_rule or entry.rule if role is Role.SERVER else entry.rule
