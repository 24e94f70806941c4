"""Dissections of which only the first frames have fields: the others are counted, and judged all the same."""

from __future__ import annotations

import pytest

from wsedu.protocol.dissection import dissect, judge
from wsedu.protocol.frame import Frame
from wsedu.protocol.frames import encode_frame
from wsedu.protocol.types import Role

KEY = b"abcd"
SHORT = encode_frame(Frame.text("hi", masking_key=KEY))
WRONG = encode_frame(Frame(3, b"", masking_key=KEY))


@pytest.mark.parametrize("cut", range(8))
def test_frames_that_are_only_counted_are_as_many_and_wait_for_as_much(cut: int) -> None:
    kinds = [Frame.text("hi", masking_key=KEY), Frame.ping(), Frame.binary(bytes(200)), Frame.binary(bytes(70_000))]
    for last in kinds:
        data = b"".join(map(encode_frame, [*kinds, last]))
        end = data[: len(data) - cut] if cut < 7 else data[: len(data) - len(encode_frame(last)) + 1]
        whole, part = dissect(end), dissect(end, most=2)
        assert part.frames == whole.frames[:2]
        assert part.more == len(whole.frames) - 2
        assert part.missing == whole.missing == whole.frames[-1].missing
    assert dissect(b"", most=2).more == dissect(SHORT, most=2).more == 0


@pytest.mark.parametrize("role", Role)
def test_the_first_violation_is_found_however_far_behind_it_is(role: Role) -> None:
    data = SHORT * 5000 + WRONG * 3
    verdict = getattr(dissect(data, most=3), role.value)
    assert verdict.violation.offset == judge(data, role).violations[0].offset
    assert verdict.violation.rule is judge(data, role).violations[0].rule
    assert verdict.legal_until == (len(SHORT * 5000) if role is Role.CLIENT else 1)
