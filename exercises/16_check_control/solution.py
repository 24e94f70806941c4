LEGAL = "legal"
DATA = "data"
RESERVED = "reserved"
UNKNOWN = "unknown"
FRAGMENTED = "fragmented"
LONG = "long"


def check_control(first: int, length: int, inside: bool) -> str:
    # <gap>
    opcode = first & 0x0F
    if opcode < 0x8:
        return DATA
    if first & 0x70:
        return RESERVED
    if opcode > 0xA:
        return UNKNOWN
    if not first & 0x80:
        return FRAGMENTED
    if length > 125:
        return LONG
    return LEGAL
    # </gap>
