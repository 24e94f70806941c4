import base64
import hashlib

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def accept_key(key: str) -> str:
    return base64.b64encode(hashlib.sha1((key + GUID).encode()).digest()).decode()


def read_head(head: bytes) -> tuple[int, dict[str, str]]:
    # The status, and the header fields: names as they came, values without white space around them.
    line, *fields = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
    pairs = [field.partition(":") for field in fields]
    return int(line.split(" ")[1]), {name: value.strip() for name, _, value in pairs}


def check_response(head: bytes, key: str) -> bool:
    # <gap>
    status, fields = read_head(head)
    found = {name.lower(): value for name, value in fields.items()}
    if {"upgrade", "connection"} - found.keys():
        return False
    tokens = [token.strip().lower() for token in found["connection"].split(",")]
    return (
        status == 101
        and found["upgrade"].lower() == "websocket"
        and "upgrade" in tokens
        and found.get("sec-websocket-accept") == accept_key(key)
        and "sec-websocket-protocol" not in found
        and "sec-websocket-extensions" not in found
    )
    # </gap>
