def apply_mask(data: bytes, key: bytes) -> bytes:
    return bytes(byte ^ key[at % 4] for at, byte in enumerate(data))


def encode_frame(payload: bytes, opcode: int = 1, fin: bool = True, mask: bytes | None = None) -> bytes:
    # <gap>
    first = (0x80 if fin else 0x00) + opcode
    mask_bit = 0x00 if mask is None else 0x80
    size = len(payload)
    if size <= 125:
        header = bytes([first, mask_bit + size])
    elif size <= 0xFFFF:
        header = bytes([first, mask_bit + 126]) + size.to_bytes(2, "big")
    else:
        header = bytes([first, mask_bit + 127]) + size.to_bytes(8, "big")
    if mask is None:
        return header + payload
    return header + mask + apply_mask(payload, mask)
    # </gap>
