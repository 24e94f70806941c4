def apply_mask(data: bytes, key: bytes) -> bytes:
    # <gap>
    return bytes(byte ^ key[at % 4] for at, byte in enumerate(data))
    # </gap>
