NOT_ALLOWED = "this may not be sent in a Close frame"


def close_payload(code: int | None, reason: str = "") -> bytes:
    # <gap>
    if code is None:
        if reason:
            raise ValueError(NOT_ALLOWED)
        return b""
    if not (1000 <= code <= 1003 or 1007 <= code <= 1014 or 3000 <= code <= 4999):
        raise ValueError(NOT_ALLOWED)
    payload = code.to_bytes(2, "big") + reason.encode()
    if len(payload) > 125:
        raise ValueError(NOT_ALLOWED)
    return payload
    # </gap>
