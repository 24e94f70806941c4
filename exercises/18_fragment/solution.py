def fragment(text: str, size: int) -> list[tuple[bool, int, bytes]]:
    # <gap>
    data = text.encode()
    frames = []
    for start in range(0, max(len(data), 1), size):
        opcode = 0x1 if start == 0 else 0x0
        frames.append((start + size >= len(data), opcode, data[start : start + size]))
    return frames
    # </gap>
