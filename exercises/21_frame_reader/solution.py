def read_header(data: bytes) -> tuple[bool, int, int, bytes, int] | None:
    """The header that `data` begins with: FIN, opcode, length of the payload, key, bytes of the header itself.

    The key is b"" if the frame is not masked. None if the header is not complete.
    """
    width = {126: 2, 127: 8}.get(data[1] & 0x7F, 0) if len(data) > 1 else 0
    size = 2 + width + (4 if len(data) > 1 and data[1] & 0x80 else 0)
    if len(data) < size:
        return None
    length = int.from_bytes(data[2 : 2 + width], "big") if width else data[1] & 0x7F
    return bool(data[0] & 0x80), data[0] & 0x0F, length, data[2 + width : size], size


def apply_mask(data: bytes, key: bytes) -> bytes:
    """As in exercise 13; an empty key changes nothing."""
    return bytes(byte ^ key[at % 4] for at, byte in enumerate(data)) if key else data


class Reader:
    def __init__(self) -> None:
        self.waiting = b""

    def feed(self, data: bytes) -> list[tuple[bool, int, bytes]]:
        # <gap>
        self.waiting += data
        frames = []
        while header := read_header(self.waiting):
            fin, opcode, length, key, start = header
            end = start + length
            if len(self.waiting) < end:
                break
            frames.append((fin, opcode, apply_mask(self.waiting[start:end], key)))
            self.waiting = self.waiting[end:]
        return frames
        # </gap>
