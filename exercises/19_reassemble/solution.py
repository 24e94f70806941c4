NOT_ALLOWED = "this frame is not allowed here"


def reassemble(frames: list[tuple[bool, int, bytes]]) -> list[tuple[int, bytes]]:
    # <gap>
    found = []
    opened, payloads = 0x0, b""
    for fin, opcode, payload in frames:
        if opcode & 0x8:
            found.append((opcode, payload))
            continue
        if (opcode == 0x0) != (opened != 0x0):
            raise ValueError(NOT_ALLOWED)
        opened, payloads = opened or opcode, payloads + payload
        if fin:
            found.append((opened, payloads))
            opened, payloads = 0x0, b""
    return found
    # </gap>
