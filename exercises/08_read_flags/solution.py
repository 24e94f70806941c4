def read_flags(data: bytes) -> dict[str, int]:
    # <gap>
    return {
        "fin": data[0] >> 7,
        "rsv1": data[0] >> 6 & 1,
        "rsv2": data[0] >> 5 & 1,
        "rsv3": data[0] >> 4 & 1,
        "opcode": data[0] & 0x0F,
        "mask": data[1] >> 7,
        "length": data[1] & 0x7F,
    }
    # </gap>
