"""Closing (RFC 6455 §5.5.1, §7): codes and who may send them, the body of a Close frame, the table of states."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import as_bytes, vectors
from wsedu.protocol.closing import (
    MAX_REASON,
    STATES,
    TRANSITIONS,
    Action,
    CloseCode,
    ClosingMachine,
    Happening,
    Phase,
    close_body,
    code_senders,
    read_close_body,
)
from wsedu.protocol.rules import LocalViolation, ProtocolViolation
from wsedu.protocol.types import Role, State

RFC = vectors()["rfc6455"]
CODES = RFC["close_codes"] + RFC["close_codes_registered_later"]


# --- Codes (§7.4) ---


def test_the_codes_that_have_a_name_are_those_of_the_vectors() -> None:
    named = {vector["code"] for vector in CODES if vector["name"] != "Reserved"}
    assert {int(code) for code in CloseCode} == named


@pytest.mark.parametrize("vector", CODES, ids=lambda vector: str(vector["code"]))
def test_who_may_send_a_code(vector: dict[str, Any]) -> None:
    senders = {role.value for role in code_senders(vector["code"])}
    allowed = set(vector["may_send"])
    if vector["code"] == CloseCode.INTERNAL_ERROR:
        # The vectors say so too: "later practice lets clients send it".
        allowed.add("client")
    assert senders == allowed
    assert bool(senders) is vector["on_wire"]


def test_every_code_of_every_range() -> None:
    registered = {vector["code"] for vector in CODES if vector["on_wire"]}
    for use in RFC["close_code_ranges"]:
        for code in range(use["first"], use["last"] + 1):
            expected = use["on_wire"] if isinstance(use["on_wire"], bool) else code in registered
            assert bool(code_senders(code)) is expected, code
    assert not any(map(bool, map(code_senders, range(5000, 1 << 16))))


# --- The body of a Close frame that we send (§5.5.1) ---


@pytest.mark.parametrize("vector", RFC["close_frames"], ids=lambda vector: f"{vector['code']} {vector['reason']}")
def test_bodies_of_the_vectors_both_ways(vector: dict[str, Any]) -> None:
    body = as_bytes(vector["hex"])[2:]
    assert close_body(vector["code"], vector["reason"], Role.SERVER) == body
    assert read_close_body(body, 0) == (vector["code"], vector["reason"])


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("code", [-1, 0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535, 65536 + 1000])
def test_what_never_travels_is_not_sent(role: Role, code: int) -> None:
    with pytest.raises(LocalViolation) as caught:
        close_body(code, "", role)
    assert caught.value.rule.name == "CLOSE_CODE"


@pytest.mark.parametrize(
    ("code", "sender", "legal"),
    [(1010, Role.CLIENT, True), (1010, Role.SERVER, False), (1012, Role.CLIENT, False), (1012, Role.SERVER, True)],
)
def test_a_code_of_the_other_role_is_not_sent(code: int, sender: Role, legal: bool) -> None:
    if legal:
        assert close_body(code, "", sender) == code.to_bytes(2, "big")
    else:
        with pytest.raises(LocalViolation) as caught:
            close_body(code, "", sender)
        assert caught.value.rule.name == "CLOSE_CODE_SENDER"


def test_a_reason_has_123_bytes_at_most() -> None:
    assert len(close_body(1000, "\u00e9" * 61 + "a", Role.CLIENT)) == 125
    with pytest.raises(LocalViolation) as caught:
        close_body(1000, "\u00e9" * 62, Role.CLIENT)
    assert caught.value.rule.name == "CONTROL_TOO_LONG"
    assert caught.value.detail == {"length": 126}
    assert MAX_REASON == 125 - 2


def test_a_reason_is_text() -> None:
    with pytest.raises(LocalViolation) as caught:
        close_body(1000, "a\ud800", Role.CLIENT)
    assert caught.value.rule.name == "CLOSE_REASON_UTF8"
    assert caught.value.detail == {"position": 1}


def test_a_reason_needs_a_code() -> None:
    assert close_body(None, "", Role.CLIENT) == b""
    with pytest.raises(LocalViolation) as caught:
        close_body(None, "bye", Role.CLIENT)
    assert caught.value.rule.name == "CLOSE_BODY"


# --- The body of a Close frame that we get ---


@pytest.mark.parametrize(
    ("body", "rule", "offset", "code"),
    [
        (b"\x03", "CLOSE_BODY", 100, 1002),
        *[
            (code.to_bytes(2, "big"), "CLOSE_CODE", 100, 1002)
            for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000)
        ],
        (b"\x03\xe8\xff", "CLOSE_REASON_UTF8", 102, 1007),
        (b"\x03\xe8ab\xe2\x28", "CLOSE_REASON_UTF8", 105, 1007),
        (b"\x03\xe8\xed\xa0\x80", "CLOSE_REASON_UTF8", 103, 1007),
    ],
)
def test_a_wrong_body_is_named_at_its_first_wrong_byte(body: bytes, rule: str, offset: int, code: int) -> None:
    with pytest.raises(ProtocolViolation) as caught:
        read_close_body(body, 100)
    assert (caught.value.rule.name, caught.value.offset, caught.value.rule.code) == (rule, offset, code)
    assert not caught.value.local


def test_a_reason_that_ends_inside_a_character_is_wrong() -> None:
    with pytest.raises(ProtocolViolation) as caught:
        read_close_body(b"\x03\xe8a\xe2\x82", 100)
    assert caught.value.rule.name == "CLOSE_REASON_UTF8"


@given(st.binary(max_size=125))
def test_any_body_is_read_or_refused(body: bytes) -> None:
    refused = None
    try:
        code, reason = read_close_body(body, 0)
        assert body == (b"" if code is None else code.to_bytes(2, "big") + reason.encode())
    except ProtocolViolation as violation:
        refused = violation
    if refused is not None:
        assert refused.rule.name in ("CLOSE_BODY", "CLOSE_CODE", "CLOSE_REASON_UTF8")
        assert refused.offset is not None
        assert 0 <= refused.offset <= len(body)


# --- The table (§4, §7) ---

# Rows that the RFC asks for, in our words; `test_connection` shows each of them in bytes.
LISTED = {
    (Phase.CONNECTING, Happening.HANDSHAKE_DONE): Phase.OPEN,
    (Phase.CONNECTING, Happening.HANDSHAKE_FAILED): Phase.FAILED,
    (Phase.CONNECTING, Happening.END_RECEIVED): Phase.CLOSED,
    (Phase.CONNECTING, Happening.DEADLINE): Phase.CLOSED,
    (Phase.OPEN, Happening.CLOSE_SENT): Phase.CLOSE_SENT,
    (Phase.OPEN, Happening.CLOSE_RECEIVED): Phase.CLOSE_RECEIVED,
    (Phase.OPEN, Happening.VIOLATION): Phase.FAILED,
    (Phase.OPEN, Happening.SILENCE): Phase.FAILED,
    (Phase.OPEN, Happening.END_RECEIVED): Phase.CLOSED,
    (Phase.CLOSE_SENT, Happening.CLOSE_RECEIVED): Phase.CLOSE_EXCHANGED,
    (Phase.CLOSE_SENT, Happening.VIOLATION): Phase.FAILED,
    (Phase.CLOSE_SENT, Happening.END_RECEIVED): Phase.CLOSED,
    (Phase.CLOSE_SENT, Happening.DEADLINE): Phase.CLOSED,
    (Phase.CLOSE_RECEIVED, Happening.CLOSE_SENT): Phase.CLOSE_EXCHANGED,
    (Phase.CLOSE_EXCHANGED, Happening.END_RECEIVED): Phase.CLOSED,
    (Phase.CLOSE_EXCHANGED, Happening.DEADLINE): Phase.CLOSED,
    (Phase.FAILED, Happening.END_RECEIVED): Phase.CLOSED,
    (Phase.FAILED, Happening.DEADLINE): Phase.CLOSED,
}


@pytest.mark.parametrize("role", list(Role))
def test_the_rows_are_those_that_are_listed(role: Role) -> None:
    rows = {key: row.after for key, row in TRANSITIONS[role].items()}
    # Giving up by our own will from a later or an earlier phase may have rows too; it never leads on.
    extra = {key: after for key, after in rows.items() if key not in LISTED}
    assert {key: rows.get(key) for key in LISTED} == LISTED
    assert all(key[1] is Happening.SILENCE and after in (Phase.FAILED, Phase.CLOSED) for key, after in extra.items())


@pytest.mark.parametrize("role", list(Role))
def test_every_phase_can_be_reached_and_left_and_no_row_leads_out_of_closed(role: Role) -> None:
    rows = TRANSITIONS[role]
    reached, edge = {Phase.CONNECTING}, {Phase.CONNECTING}
    while edge:
        edge = {row.after for (before, _), row in rows.items() if before in edge} - reached
        reached |= edge
    assert reached == set(Phase) == set(STATES)
    assert {before for before, _ in rows} == set(Phase) - {Phase.CLOSED}
    order = list(State)
    for (before, _), row in rows.items():
        assert order.index(STATES[row.after]) >= order.index(STATES[before]), "states only go forward"


@pytest.mark.parametrize("role", list(Role))
def test_every_phase_but_open_ends_by_a_deadline_or_at_once(role: Role) -> None:
    """A peer that says nothing more cannot hold a connection: CLOSE_RECEIVED is left by our own answer."""
    waiting = {Phase.CONNECTING, Phase.CLOSE_SENT, Phase.CLOSE_EXCHANGED, Phase.FAILED}
    for phase in waiting:
        assert TRANSITIONS[role][phase, Happening.DEADLINE].after is Phase.CLOSED
        assert TRANSITIONS[role][phase, Happening.END_RECEIVED].after is Phase.CLOSED


def test_only_the_server_ends_tcp_first_when_both_close_frames_have_passed() -> None:
    for role, action in ((Role.SERVER, Action.END_TCP), (Role.CLIENT, Action.AWAIT_END)):
        for key in ((Phase.CLOSE_SENT, Happening.CLOSE_RECEIVED), (Phase.CLOSE_RECEIVED, Happening.CLOSE_SENT)):
            assert TRANSITIONS[role][key].action is action


@pytest.mark.parametrize("role", list(Role))
def test_the_machine_does_what_the_table_says_and_nothing_else(role: Role) -> None:
    for phase in Phase:
        for happening in Happening:
            machine = ClosingMachine(role)
            machine.phase = phase
            row = machine.move(happening)
            assert row == TRANSITIONS[role].get((phase, happening))
            assert machine.phase is (phase if row is None else row.after)
            assert machine.state is STATES[machine.phase]
