"""What `close_payload` has to do."""

from random import Random

from wsedu.grading.steps import Case, Step, call, gives, raises, step
from wsedu.protocol.closing import close_body, code_senders
from wsedu.protocol.rules import LocalViolation
from wsedu.protocol.types import Role

PUBLISHED = ((1000, "", "03 e8"), (1001, "", "03 e9"), (1000, "bye", "03 e8 62 79 65"))
"""Bodies of Close frames built by RFC 6455 §5.5.1."""

EDGES = (1000, 1003, 1007, 1008, 1010, 1011, 1012, 1014, 3000, 3999, 4000, 4999)
NEVER = (0, 1, 999, 1004, 1016, 1999, 2000, 2999, 5000, 65_535, 65_536, -1)
TEXTS = ("é", "€" * 41, "€" * 42, "a" + "€" * 41, "😀" * 31, "é" * 62)
ALL = (*range(990, 1020), *range(2995, 3005), *range(3995, 4005), *range(4995, 5005))


def steps(random: Random) -> list[Step]:
    """Published bodies, none, codes at each border, those that only report, reasons around 123 bytes, chance."""
    letters = "aé€😀你"
    chance = ["".join(random.choices(letters, k=random.randrange(30))) for _ in range(8)]
    limits = ["x" * size for size in (122, 123, 124, 125)]
    legal = _case(1000, "bye")  # in each step: who always refuses has noticed nothing
    return [
        step("published", *(gives(call("close_payload", *asked), bytes.fromhex(body)) for *asked, body in PUBLISHED)),
        step("nothing", gives(call("close_payload", None), b""), gives(call("close_payload", None, ""), b"")),
        step("codes", *(_case(code, "") for code in EDGES), _case(4000, "four thousand")),
        step(
            "report", *(raises(call("close_payload", code)) for code in (1005, 1006, 1015)), _case(1006, "lost"), legal
        ),
        step("never", *(_case(code, "") for code in NEVER), legal),
        step("bare", _case(None, "bye"), _case(None, "é"), legal),
        step("length", *(_case(1000, reason) for reason in limits)),
        step("text", *(_case(1001, reason) for reason in TEXTS)),
        step("chance", *(_case(random.choice(ALL), reason) for reason in chance)),
        step("all", *(_case(code, "") for code in ALL), public=False),
    ]


def _case(code: int | None, reason: str) -> Case:
    """What wsedu itself would send, from one of the roles that may."""
    senders = code_senders(code) if code is not None else ()
    what = call("close_payload", code, reason)
    try:
        return gives(what, close_body(code, reason, senders[0] if senders else Role.SERVER), kind="close")
    except LocalViolation:
        return raises(what)
