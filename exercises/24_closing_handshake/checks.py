"""What `closing_handshake` has to do."""

from functools import cache
from random import Random
from typing import Any

from wsedu.grading.difference import Difference
from wsedu.grading.outcome import Outcome
from wsedu.grading.steps import Case, Judge, Step, call, equals, judged, step
from wsedu.protocol.closing import read_close_body
from wsedu.protocol.connection import Connection
from wsedu.protocol.frame import Frame
from wsedu.protocol.frames import FrameDecoder, encode_frame
from wsedu.protocol.types import Opcode, Role, State

ROLES = ("server", "client")
BYE = bytes.fromhex("03 e8 62 79 65")
NORMAL = bytes.fromhex("03 e8")
AWAY = bytes.fromhex("03 e9 f0 9f 98 80")
OWN = bytes.fromhex("0f a1")
LONG = NORMAL + b"x" * 123
ENDED = ("ended", b"")

Events = list[tuple[str, bytes]]


def steps(random: Random) -> list[Step]:
    """Who is asked, who asks, both at once, no code, a lost connection, what comes late, chance."""
    asked = [[("received", payload), ENDED] for payload in (NORMAL, BYE, AWAY, LONG)]
    asks = [[("close", payload), ("received", payload[:2]), ENDED] for payload in (NORMAL, OWN)]
    both = [[("close", NORMAL), ("received", AWAY), ENDED], [("close", OWN), ("received", BYE), ENDED]]
    empty = [
        [("received", b""), ENDED],
        [("close", b""), ("received", b""), ENDED],
        [("close", OWN), ("received", b""), ENDED],
    ]
    lost = [[ENDED], [("close", NORMAL), ENDED]]
    late = [
        [("received", AWAY), ("close", NORMAL), ENDED],
        [("close", OWN), ("close", NORMAL), ("received", OWN), ENDED],
    ]
    return [
        step("asked", *_each(asked)),
        step("asks", *_each(asks)),
        step("both", *_each(both)),
        step("empty", *_each(empty)),
        step("lost", *_each(lost)),
        step("late", *_each(late)),
        step("chance", *_each([_chance(random) for _ in range(6)])),
    ]


def _chance(random: Random) -> Events:
    def body() -> bytes:
        code = random.choice((1000, 1001, 1003, 1011, random.randrange(3000, 5000)))
        return random.choice((b"", code.to_bytes(2, "big"), code.to_bytes(2, "big") + "ö€".encode()))

    events = [("close", body()) for _ in range(random.randrange(3))]
    if random.random() < 0.7:
        events.insert(random.randrange(len(events) + 1), ("received", body()))
    return [*events, ENDED]


def _each(stories: list[Events]) -> list[Case]:
    return [_case(role, events) for events in stories for role in ROLES]


def _case(role: str, events: Events) -> Case:
    def normal(answers: list[Any]) -> list[Any]:
        """An answer to a Close may repeat its reason or leave it out: made the same."""
        pairs = zip(events, answers, strict=False)
        known = [[item[:2] if item == event[1] else item for item in answer] if event[0] == "received" else answer
                 for event, answer in pairs]  # fmt: skip
        return known + answers[len(events) :]

    return judged(
        call("closing_handshake", role, events), _judge(_told(Role(role), tuple(events)), normal), normal=normal
    )


def _judge(expected: list[Any], normal: Any) -> Judge:
    judge = equals(expected)

    def judge_normal(outcome: Outcome) -> Difference | None:
        try:
            return judge(Outcome("value", normal(outcome.value)) if outcome.returned else outcome)
        except (TypeError, LookupError):
            return judge(outcome)

    return judge_normal


@cache
def _told(role: Role, events: tuple[tuple[str, bytes], ...]) -> list[list[bytes | str | int]]:
    """What an endpoint of wsedu does."""
    end = _opened(role)
    return [_done(end, event, payload) for event, payload in events]


def _opened(role: Role) -> Connection:
    client, server = Connection(Role.CLIENT, "ws://127.0.0.1/"), Connection(Role.SERVER)
    server.receive_data(client.data_to_send())
    client.receive_data(server.data_to_send())
    return client if role is Role.CLIENT else server


def _done(end: Connection, event: str, payload: bytes) -> list[bytes | str | int]:
    if event == "ended":
        end.receive_eof()
        assert end.close_code is not None
        return [int(end.close_code)]
    before = end.ends_transport
    if event == "received":
        key = bytes(4) if end.role is Role.SERVER else None
        end.receive_data(encode_frame(Frame(Opcode.CLOSE, payload, masking_key=key)))
    elif end.state is State.OPEN:
        end.close(*read_close_body(payload, 0))
    frames = FrameDecoder(end.role.peer).feed(end.data_to_send())
    ended: list[bytes | str | int] = ["end TCP"] if end.ends_transport and not before else []
    return [*(frame.payload for frame in frames), *ended]
