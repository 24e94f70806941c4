def read_request(data: bytes) -> tuple[dict[str, str], bytes] | None:
    # <gap>
    head, end, rest = data.partition(b"\r\n\r\n")
    if not end:
        return None
    headers = {}
    for line in head.decode().split("\r\n")[1:]:
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip(" \t")
    return headers, rest
    # </gap>
