"""Which claims are right, and which sentence belongs in the place of each of the others.

The answers to claims that name a number of bytes come from frames; a right answer is never shown.
"""

from random import Random

from wsedu.grading.steps import Call, Case, Step, holds, step
from wsedu.protocol.frames import Frame, encode_frame
from wsedu.protocol.types import Opcode

KEY = bytes.fromhex("37fa213d")
CLAIMS = {"why": "ABC", "who": "DEFGHI", "keys": "JK", "sizes": "LMNO"}
READ = {"A": 3, "B": 0, "C": 0, "D": 1, "E": 1, "F": 1, "H": 10, "I": 0, "J": 6, "K": 6, "L": 5, "O": 8}


def steps(random: Random) -> list[Step]:
    """A step for each group of claims."""
    right = READ | _of_bytes()
    return [step(group, *(_case(claim, right[claim], group) for claim in claims)) for group, claims in CLAIMS.items()]


def _of_bytes() -> dict[str, int]:
    """What is right of the claims that name a number of bytes."""
    pong = encode_frame(Frame(Opcode.PONG, b"", masking_key=KEY))
    text = encode_frame(Frame(Opcode.TEXT, "é€😀".encode()))
    twenty = encode_frame(Frame(Opcode.TEXT, b"a" * 20, masking_key=KEY))
    return {"G": 0 if len(pong) == 6 else 2, "M": 0 if text[1] == 9 else 4, "N": 0 if len(twenty) == 26 else 9}


def _case(claim: str, right: int, group: str) -> Case:
    judge = holds(lambda answer: type(answer) is int and answer == right, group)
    return Case((Call("get", "answers"),), judge, None, {"item": claim}, claim)
