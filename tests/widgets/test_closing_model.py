"""The closing machine without a page: the table, two endpoints moved by hand, and what a trace says of a close."""

from __future__ import annotations

import pytest

from wsedu.protocol.closing import TRANSITIONS, Happening, Phase
from wsedu.protocol.types import Role
from wsedu.simulator import simulate
from wsedu.views.closing_diagram import NODE, WIDTH, diagram
from wsedu.views.closing_model import moments
from wsedu.views.svg_text import width
from wsedu.widgets.base import BadInput
from wsedu.widgets.closing_lab import CUT, OPENED, Act, ClosingLab, NotNowError
from wsedu.widgets.closing_machine import ClosingMachine

CLIENT, SERVER = Role
ROWS = {(role, before, happening): row for role in Role for (before, happening), row in TRANSITIONS[role].items()}


# --- The diagram is the table ---


def test_every_row_of_both_tables_is_on_an_arrow_and_nothing_else_is() -> None:
    drawn = {(edge.before, happening, edge.after) for edge in diagram().edges for happening in edge.happenings}
    assert drawn == {(before, happening, row.after) for (_, before, happening), row in ROWS.items()}
    assert {node.phase for node in diagram().nodes} == set(Phase)


def test_arrows_lead_from_border_to_border_and_pass_through_no_state() -> None:
    nodes = {node.phase: node for node in diagram().nodes}

    def inside(x: float, y: float, phase: Phase, slack: float) -> bool:
        node = nodes[phase]
        return abs(x - node.x) <= NODE[0] / 2 + slack and abs(y - node.y) <= NODE[1] / 2 + slack

    for edge in diagram().edges:
        assert inside(*edge.points[0], edge.before, 0.5)
        assert inside(*edge.points[-1], edge.after, 0.5)
        for (x1, y1), (x2, y2) in zip(edge.points, edge.points[1:], strict=False):
            assert x1 == x2 or y1 == y2
            for part in range(1, 40):
                x, y = x1 + (x2 - x1) * part / 40, y1 + (y2 - y1) * part / 40
                assert not any(inside(x, y, phase, -0.5) for phase in Phase), (edge.before, edge.after)


def test_the_drawing_has_room_for_everything() -> None:
    for node in diagram().nodes:
        assert width(node.phase.value, 13, bold=True) <= 1.25 * NODE[0]
        assert NODE[0] / 2 <= node.x <= WIDTH - NODE[0] / 2
        assert NODE[1] / 2 <= node.y <= diagram().height - NODE[1] / 2


# --- Two endpoints, moved by hand ---


def reached(trace_of: ClosingLab) -> set[tuple[Role, Phase, str]]:
    steps = [record.step for record in trace_of.trace if record.step.kind == "state.changed"]
    return {(step.endpoint, Phase(step.facts()["before"]), step.facts()["event"]) for step in steps if step.endpoint}


def test_every_row_of_the_tables_can_be_brought_about_by_buttons() -> None:
    """All that two endpoints can do within six events: each offered event moves by its row, and no row is left out."""
    seen: set[tuple[Role, Phase, str]] = set()
    visited: set[object] = set()
    edge: list[tuple[Act, ...]] = [()]
    for _ in range(6):
        following: list[tuple[Act, ...]] = []
        for acts in edge:
            lab = ClosingLab(acts)
            for act in (*(Act(role, happening) for role in Role for happening in Happening), Act(None, CUT)):
                if lab.obstacle(act.who, act.happening) is not None:
                    continue
                other = ClosingLab((*acts, act))
                if act.who is not None:
                    assert (act.who, lab.phase(act.who), act.happening) in reached(other)
                seen |= reached(other)
                key = tuple((other.phase(role), tuple(other.coming(role))) for role in Role)
                if key not in visited:
                    visited.add(key)
                    following.append((*acts, act))
        edge = following
    assert seen == {(role, before, happening.value) for role, before, happening in ROWS}


def test_an_event_without_a_row_or_without_bytes_says_why() -> None:
    lab = ClosingLab()
    assert lab.obstacle(CLIENT, Happening.DEADLINE) == "row"
    assert lab.obstacle(CLIENT, Happening.CLOSE_RECEIVED) == "way"
    lab.perform(Act(CLIENT, Happening.CLOSE_SENT, 1000, "bye"))
    assert lab.obstacle(SERVER, Happening.VIOLATION) == "first"
    with pytest.raises(NotNowError, match="row"):
        lab.perform(Act(CLIENT, Happening.CLOSE_SENT))
    assert lab.phase(CLIENT) is Phase.CLOSE_SENT


def test_a_whole_closing_handshake_by_buttons_gives_both_applications_the_code() -> None:
    lab = ClosingLab()
    for who, happening in (
        (SERVER, Happening.CLOSE_SENT),
        (CLIENT, Happening.CLOSE_RECEIVED),
        (SERVER, Happening.CLOSE_RECEIVED),
        (CLIENT, Happening.END_RECEIVED),
        (SERVER, Happening.END_RECEIVED),
    ):
        lab.perform(Act(who, happening, 1001, "restart"))
    last = moments(lab.trace, "en")[-1]
    assert [(last[role.value]["phase"], last[role.value]["code"]) for role in Role] == [("CLOSED", 1001)] * 2
    assert [last[role.value]["clean"] for role in Role] == [True, True]
    assert "server ended TCP first" in last["tcp"]


def test_cutting_tcp_is_1006_at_both_and_an_empty_close_is_1005() -> None:
    lab = ClosingLab()
    lab.perform(Act(None, CUT))
    assert [moments(lab.trace, "en")[-1][role.value]["code"] for role in Role] == [1006, 1006]
    assert "broke off" in moments(lab.trace, "en")[-1]["tcp"]
    lab = ClosingLab((*OPENED, Act(CLIENT, Happening.CLOSE_SENT, None), Act(SERVER, Happening.CLOSE_RECEIVED)))
    assert moments(lab.trace, "en")[-1]["server"]["code"] == 1005


# --- What a trace says ---


@pytest.mark.parametrize(
    "name", ["hello", "both-close", "silent-peer", "unmasked", "empty-close", "cross-site-refused"]
)
def test_the_last_moment_is_what_the_endpoints_report(name: str) -> None:
    trace = simulate(name, seed=1)
    reports = {record.step.endpoint: record.step for record in trace if record.step.kind == "close.status"}
    last = moments(trace, "en")[-1]
    for role in Role:
        phases = [r.step for r in trace if r.step.kind == "state.changed" and r.step.endpoint is role]
        assert last[role.value]["phase"] == phases[-1].facts()["after"]
        if role in reports:
            assert last[role.value]["code"] == reports[role].facts()["code"]
            assert last[role.value]["clean"] == reports[role].facts()["clean"]


def test_codes_differ_when_both_close_and_what_is_on_its_way_is_shown() -> None:
    found = moments(simulate("both-close", seed=1), "en")
    crossing = [moment for moment in found if moment["way"]["client"] and moment["way"]["server"]]
    assert crossing[0]["way"] == {"client": ['Close 1000 "done"'], "server": ['Close 1001 "restart"']}
    assert (found[-1]["client"]["code"], found[-1]["server"]["code"]) == (1001, 1000)
    assert found[-1]["way"] == {"client": [], "server": []}


def test_an_endpoint_that_was_not_recorded_is_said_to_be_so() -> None:
    last = moments(simulate("hello", seed=1).filter(endpoint="client"), "en")[-1]
    assert last["client"]["phase"] == "CLOSED"
    assert last["server"]["phase"] == ""


def test_the_last_move_names_event_action_and_section_of_its_row() -> None:
    lab = ClosingLab((*OPENED, Act(SERVER, Happening.CLOSE_SENT), Act(CLIENT, Happening.CLOSE_RECEIVED)))
    row = TRANSITIONS[CLIENT][Phase.CLOSE_RECEIVED, Happening.CLOSE_SENT]
    said = moments(lab.trace, "en")[-1]["client"]["moved"]
    assert said.startswith("Close sent: CLOSE_RECEIVED → CLOSE_EXCHANGED")
    assert said.endswith(f"waits until the server ends TCP (§{row.section})")


# --- The widget ---


def test_the_twins_tell_the_same_as_the_page() -> None:
    machine = ClosingMachine(simulate("empty-close", seed=1), language="en")
    machine.position = len(moments(machine.trace, "en")) - 1
    for made in (machine.to_text(), machine.to_html(), machine.to_svg()):
        assert "1005" in made
        assert all(phase.value in made for phase in Phase)
    assert "<script" not in machine.to_html()
    assert machine.to_png(theme="dark").startswith(b"\x89PNG")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_bad_input_is_one_line_and_changes_nothing(language: str) -> None:
    machine = ClosingMachine(language=language)
    before = machine.state
    for act in (
        {"do": "act", "who": "client", "happening": "Close sent", "code": "one"},
        {"do": "act", "who": "client", "happening": "Close sent", "code": "1006"},
        {"do": "act", "who": "client", "happening": "deadline"},
        {"do": "go", "at": 999},
        {"do": "watch", "source": "nothing"},
    ):
        machine._received(None, {"view": "v", "seq": 1, "acts": [act]}, [])
        assert machine.problem["text"]
        assert "\n" not in machine.problem["text"]
        assert "trace" not in machine.problem
        assert {**machine.state, "acks": {}} == {**before, "acks": {}}


@pytest.mark.parametrize(("given", "told"), [("hello", 'simulate("hello")'), (3, "而不是 int")])
def test_what_is_no_trace_is_refused_in_one_sentence(given: object, told: str) -> None:
    with pytest.raises(TypeError) as refused:
        ClosingMachine(given, language="zh")  # type: ignore[arg-type]
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)


def test_undo_goes_back_to_the_very_beginning() -> None:
    machine = ClosingMachine(language="en")
    for _ in OPENED:
        machine.do_undo()
    assert machine.state["moments"][-1]["client"]["phase"] == "CONNECTING"
    with pytest.raises(BadInput):
        machine.do_undo()
