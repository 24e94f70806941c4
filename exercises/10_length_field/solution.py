def length_field(size: int, masked: bool) -> bytes:
    # <gap>
    mask_bit = 0x80 if masked else 0x00
    if size <= 125:
        return bytes([mask_bit + size])
    if size <= 0xFFFF:
        return bytes([mask_bit + 126]) + size.to_bytes(2, "big")
    return bytes([mask_bit + 127]) + size.to_bytes(8, "big")
    # </gap>
