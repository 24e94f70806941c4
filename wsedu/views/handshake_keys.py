"""From Sec-WebSocket-Key to Sec-WebSocket-Accept: the right way in three steps, and the usual wrong ones (§4.2.2)."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable
from typing import Any

from ..explain.catalogue import catalogue, part_catalogue
from ..protocol.handshake import GUID, ClientOffer, accept_key
from ..protocol.http import Headers, Request, Response
from ..protocol.opening import ClientOpening
from ..protocol.steps import HandshakeAccept, Step
from ..protocol.types import Limits

RFC_KEY = "dGhlIHNhbXBsZSBub25jZQ=="
"""The key of the RFC's example (§1.3)."""

OTHER_KEY = "AQIDBAUGBwgJCgsMDQ4PEC=="
"""The key of the RFC's other example (§4.1), whose last letter should be another one (erratum 3150)."""


def _hash(text: str | bytes, name: str = "sha1") -> bytes:
    data = text.encode("latin-1") if isinstance(text, str) else text
    return hashlib.new(name, data, usedforsecurity=False).digest()


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _decoded(key: str) -> bytes:
    return base64.b64decode(key, validate=True)


WAYS: dict[str, Callable[[str], str]] = {
    "decoded": lambda key: _base64(_hash(_decoded(key) + GUID.encode())),
    "hex": lambda key: _hash(key + GUID).hex(),
    "hex64": lambda key: _base64(_hash(key + GUID).hex().encode()),
    "no-guid": lambda key: _base64(_hash(key)),
    "guid-first": lambda key: _base64(_hash(GUID + key)),
    "guid-lower": lambda key: _base64(_hash(key + GUID.lower())),
    "guid-dashes": lambda key: _base64(_hash(key + GUID.replace("-", ""))),
    "guid-bytes": lambda key: _base64(_hash(key.encode("latin-1") + bytes.fromhex(GUID.replace("-", "")))),
    "space": lambda key: _base64(_hash(f"{key} {GUID}")),
    "crlf": lambda key: _base64(_hash(f"{key}\r\n{GUID}")),
    "leading": lambda key: _base64(_hash(f" {key}{GUID}")),
    "unpadded-key": lambda key: _base64(_hash(key.rstrip("=") + GUID)),
    "reencoded": lambda key: accept_key(_base64(_decoded(key))),
    "sha256": lambda key: _base64(_hash(key + GUID, "sha256")),
    "md5": lambda key: _base64(_hash(key + GUID, "md5")),
    "urlsafe": lambda key: accept_key(key).replace("+", "-").replace("/", "_"),
    "unpadded": lambda key: accept_key(key).rstrip("="),
    "echo": lambda key: key,
    "other-key": lambda key: accept_key(OTHER_KEY),
}
"""What comes of each wrong way, by its name in the catalogues."""


def key_sheet(key: str, language: str) -> dict[str, Any]:
    """The three steps for a key, each with its bytes, and the wrong ways.

    Arguments:
        key: the value of Sec-WebSocket-Key.
        language: `en` or `zh`.

    Returns:
        `key`, `nonce` (hex of what it stands for, empty if it is not base64), `accept`, the `stages` and the `wrong`
        ways, each with its `value` (None where it cannot be done), whether that is the `same` as the right one, and
        the `rule` by which a client then refuses.
    """
    stages: list[dict[str, Any]] = []

    def keep(step: Step) -> None:
        assert isinstance(step, HandshakeAccept)
        text = "" if step.stage == "sha1" else step.result.decode("ascii", "backslashreplace")
        said = catalogue(language).say(f"picture.html.stage.{step.stage}")
        stages.append({"stage": step.stage, "label": said, "text": text, "hex": step.result.hex(" ")})
        stages[-1]["size"] = len(step.result)

    accept = accept_key(key, tracer=keep)
    return {
        "key": key,
        "nonce": _nonce(key),
        "accept": accept,
        "stages": stages,
        "wrong": [wrong_way(name, key, accept, language) for name in WAYS],
    }


def _nonce(key: str) -> str:
    try:
        return _decoded(key).hex(" ")
    except (binascii.Error, ValueError):
        return ""


def wrong_way(name: str, key: str, accept: str, language: str) -> dict[str, Any]:
    """One wrong way, and what a client makes of it.

    Arguments:
        name: of `WAYS`.
        key: the value of Sec-WebSocket-Key.
        accept: the right value.
        language: `en` or `zh`.
    """
    label = part_catalogue("handshake_stepper", language).say(f"wrong.{name}", guid=GUID)
    try:
        value: str | None = WAYS[name](key)
    except (binascii.Error, ValueError):
        value = None
    rule = None if value is None else refusing_rule(key, value)
    return {"name": name, "label": label, "value": value, "same": value == accept, "rule": rule}


def refusing_rule(key: str, accept: str) -> str | None:
    """The rule by which a client refuses a response with this accept value; None if it takes it.

    Arguments:
        key: what the client sent.
        accept: what comes back.
    """
    fields = [("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Accept", accept)]
    opening = ClientOpening(Request("/", Headers()), ClientOffer(key), Limits(), None)
    outcome = opening.receive(Response(101, Headers(fields)).encode())
    assert outcome is not None
    return None if outcome.violation is None else outcome.violation.rule.name
