"""What `accept_key` has to do."""

import base64
from random import Random

from wsedu.grading.steps import Step, call, gives, step
from wsedu.protocol.handshake import accept_key

PUBLISHED = "dGhlIHNhbXBsZSBub25jZQ=="  # RFC 6455 §1.3


def steps(random: Random) -> list[Step]:
    """The published example, the ends of the alphabet, keys by chance."""
    ends = [base64.b64encode(bytes([byte]) * 16).decode() for byte in (0x00, 0xFF, 0xFB)]
    chance = [base64.b64encode(random.randbytes(16)).decode() for _ in range(4)]
    return [
        step("published", gives(call("accept_key", PUBLISHED), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")),
        step("ends", *(gives(call("accept_key", key), accept_key(key)) for key in ends)),
        step("chance", *(gives(call("accept_key", key), accept_key(key)) for key in chance)),
    ]
