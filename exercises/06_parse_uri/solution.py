from urllib.parse import urlsplit


def parse_uri(uri: str) -> tuple[bool, str, int, str]:
    # <gap>
    parts = urlsplit(uri)
    if parts.scheme not in ("ws", "wss") or not parts.hostname or "#" in uri:
        raise ValueError(uri)
    secure = parts.scheme == "wss"
    port = parts.port or (443 if secure else 80)
    name = parts.path or "/"
    if parts.query:
        name += "?" + parts.query
    return secure, parts.hostname, port, name
    # </gap>
