import base64
import binascii

ORIGINS = {"https://example.com", "http://localhost:8000"}
DROP = 0


def decoded(text: str) -> bytes:
    # The bytes that base64 text stands for; none at all if it is no base64.
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""


def tokens(value: str) -> list[str]:
    # The elements of a list with commas.
    return [element.strip() for element in value.split(",")]


def check_request(method: str, version: str, headers: dict[str, str]) -> int:
    # <gap>
    if method != "GET":
        return 405
    if version < "1.1":
        return 505
    if {"host", "connection", "sec-websocket-key"} - headers.keys():
        return 400
    if "upgrade" not in headers or headers["upgrade"].lower() != "websocket":
        return 426
    if "upgrade" not in tokens(headers["connection"].lower()):
        return 400
    if len(decoded(headers["sec-websocket-key"])) != 16:
        return 400
    if "sec-websocket-version" not in headers or headers["sec-websocket-version"] != "13":
        return 426
    if "origin" in headers and headers["origin"] not in ORIGINS:
        return 403
    return 101
    # </gap>
