NOT_ALLOWED = "this length is not allowed"


def read_length(data: bytes) -> tuple[int, int] | None:
    # <gap>
    if not data:
        return None
    size = data[0] & 0x7F
    width = {126: 2, 127: 8}.get(size, 0)
    if len(data) < 1 + width:
        return None
    if width:
        size = int.from_bytes(data[1 : 1 + width], "big")
        smallest = 126 if width == 2 else 0x10000
        if size < smallest or size > 0x7FFF_FFFF_FFFF_FFFF:
            raise ValueError(NOT_ALLOWED)
    return size, 1 + width
    # </gap>
