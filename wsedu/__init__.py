"""wsedu: see and touch every bit and every decision of a WebSocket connection (RFC 6455).

The names of the core are here; they are loaded when they are first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .grading.notebook import check as check
    from .protocol.closing import CloseCode as CloseCode
    from .protocol.connection import Connection as Connection
    from .protocol.dissection import Dissection as Dissection
    from .protocol.dissection import dissect as dissect
    from .protocol.frame import Frame as Frame
    from .protocol.frames import FrameDecoder as FrameDecoder
    from .protocol.frames import encode_frame as encode_frame
    from .protocol.handshake import ServerPolicy as ServerPolicy
    from .protocol.handshake import accept_key as accept_key
    from .protocol.masking import apply_mask as apply_mask
    from .protocol.rules import RULES as RULES
    from .protocol.rules import LocalViolation as LocalViolation
    from .protocol.rules import ProtocolViolation as ProtocolViolation
    from .protocol.rules import Rule as Rule
    from .protocol.types import Limits as Limits
    from .protocol.types import Opcode as Opcode
    from .protocol.types import Role as Role
    from .protocol.types import State as State
    from .protocol.types import Timeouts as Timeouts
    from .protocol.uri import WebSocketURI as WebSocketURI
    from .protocol.uri import parse_uri as parse_uri
    from .trace.trace import Trace as Trace

__version__ = "0.1.0"

_HOMES = {
    "CloseCode": "protocol.closing",
    "Connection": "protocol.connection",
    "Dissection": "protocol.dissection",
    "Frame": "protocol.frame",
    "FrameDecoder": "protocol.frames",
    "Limits": "protocol.types",
    "LocalViolation": "protocol.rules",
    "Opcode": "protocol.types",
    "ProtocolViolation": "protocol.rules",
    "RULES": "protocol.rules",
    "Role": "protocol.types",
    "Rule": "protocol.rules",
    "ServerPolicy": "protocol.handshake",
    "State": "protocol.types",
    "Timeouts": "protocol.types",
    "Trace": "trace.trace",
    "WebSocketURI": "protocol.uri",
    "accept_key": "protocol.handshake",
    "apply_mask": "protocol.masking",
    "check": "grading.notebook",
    "dissect": "protocol.dissection",
    "encode_frame": "protocol.frames",
    "parse_uri": "protocol.uri",
}

__all__ = [*_HOMES, "__version__"]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        from importlib import import_module

        value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
