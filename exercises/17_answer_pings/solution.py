import os

PING, PONG = 0x9, 0xA


def encode_frame(payload: bytes, opcode: int = 1, fin: bool = True, mask: bytes | None = None) -> bytes:
    """As in exercise 15; payloads here have at most 125 bytes."""
    header = bytes([fin << 7 | opcode, len(payload) | (mask is not None) << 7])
    if mask is None:
        return header + payload
    return header + mask + bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))


def answer_pings(frames: list[tuple[int, bytes]]) -> list[bytes]:
    # <gap>
    return [encode_frame(payload, PONG, mask=os.urandom(4)) for opcode, payload in frames if opcode == PING]
    # </gap>
