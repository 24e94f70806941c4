"""Films without a browser: what is in the lanes, the states, the source, the files and the twins."""

from __future__ import annotations

import ast
import asyncio
import json
import random
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from websockets.frames import Opcode as TheirOpcode
from websockets.server import ServerProtocol

import wsedu
from wsedu.explain.catalogue import catalogue, part_catalogue
from wsedu.explain.words import step_title
from wsedu.protocol.closing import Action
from wsedu.protocol.steps import BytesReceived, FrameComplete, Level, MessageComplete, ScenarioAct, StateChanged
from wsedu.protocol.types import Direction, Role
from wsedu.scenarios import SCENARIOS
from wsedu.simulator import EVERY_BYTE, RANDOM_CUTS, Drop, Duplicate, Flip, fork, replay, simulate
from wsedu.simulator.faults import NAMES
from wsedu.trace.harwrite import write_har
from wsedu.trace.jsonl import lines
from wsedu.trace.pcapwrite import write_pcapng
from wsedu.trace.trace import FORMAT, Trace
from wsedu.trace.worldsteps import FaultHappened
from wsedu.views.film import SHORTEST, Camera, film, film_seconds
from wsedu.views.film_detail import step_detail
from wsedu.views.film_items import DIRECTIONS, LANES, ROW
from wsedu.views.film_source import source_of
from wsedu.views.film_twins import film_text
from wsedu.views.ladder_units import Fate, find_units
from wsedu.widgets import ExchangeFilm
from wsedu.widgets.film_load import UnreadableError
from wsedu.widgets.film_record import MENU


def items(made: dict[str, Any], lane: str) -> list[dict[str, Any]]:
    return [dict(zip(ROW, row, strict=True)) for row in made["lanes"][lane]]


def simulated(name: str) -> Trace:
    return simulate(name, seed=1)


TRACES = {
    **{name: lambda name=name: simulated(name) for name in SCENARIOS},
    "tour, byte by byte": lambda: simulate("tour", seed=1, chunks=EVERY_BYTE, level=Level.BASE),
    "tour, cut anywhere": lambda: simulate("tour", seed=1, chunks=RANDOM_CUTS),
}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_an_endpoint_has_to_do_is_told_in_words(language: str) -> None:
    moved = [record.step for record in simulate("hello", seed=1) if isinstance(record.step, StateChanged)]
    told = {dict(step_detail(step, language)["facts"])["action"] for step in moved}
    assert told == {catalogue(language).say(f"action.{Action(step.action).name}") for step in moved}
    assert len(told) > 1
    other = dict(step_detail(replace(moved[0], action="yawn"), language)["facts"])
    assert other["action"] == "yawn", "as a trace of another version may have it"


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("fault", NAMES.values())
def test_titles_of_faults_and_of_acts_have_no_words_of_the_program(fault: str, language: str) -> None:
    happened = FaultHappened(fault=fault, data=b"", seconds=0.0, bit=0, who="client")
    assert step_title(happened, language) == catalogue(language).say(f"title.fault.{fault}")
    for record in simulate("tour", seed=1):
        if isinstance(record.step, ScenarioAct):
            assert record.step.verb not in step_title(record.step, language)
            assert step_title(record.step, language) != catalogue(language).say("title.scenario.act")


@pytest.mark.parametrize("name", TRACES)
def test_frames_leave_and_arrive_where_the_ladder_has_them(name: str) -> None:
    """The ladder finds what travels from whole traces, by another way."""
    trace = TRACES[name]()
    numbers = [record.n for record in trace if record.step.level <= Level.CORE]
    found = sorted(
        (item["direction"], numbers[item["sent_from"]], item["arrived"] >= 0, item["size"])
        for item in items(film(trace, "en"), "frames")
    )
    wanted = sorted(
        (DIRECTIONS.index(unit.direction), unit.sent.n, _was_read(trace, unit), unit.stretch.size)
        for unit in find_units(trace.records)
        if isinstance(unit.step, FrameComplete) and unit.sent is not None
    )
    assert found == wanted


def _was_read(trace: Trace, unit: Any) -> bool:
    """Whether the receiver took the frame as one: what it refused or threw away it has not read."""
    return unit.fate is Fate.ARRIVED and any(
        isinstance(record.step, FrameComplete) and not record.step.sent and record.step.span == unit.step.span
        for record in trace
    )


@pytest.mark.parametrize("name", TRACES)
def test_pieces_of_tcp_are_all_the_bytes_that_were_read_and_written(name: str) -> None:
    trace = TRACES[name]()
    made = film(trace, "en")
    for place, direction in enumerate(DIRECTIONS):
        pieces = [item for item in items(made, "chunks") if item["direction"] == place]
        read = sum(item["size"] for item in pieces if item["arrived"] >= 0)
        assert read == len(trace.bytes_of(direction, received=True))
        reads = {item["arrived"] for item in pieces if item["arrived"] >= 0 and item["size"]}
        assert len(reads) == sum(
            isinstance(record.step, BytesReceived) and record.step.span.direction is direction
            for record in trace
            if record.step.span is not None
        )


def test_lanes_have_the_messages_that_another_library_reads() -> None:
    trace = simulated("tour")
    peer = ServerProtocol()
    head, empty_line, frames = trace.bytes_of(Direction.TO_SERVER).partition(b"\r\n\r\n")
    peer.receive_data(head + empty_line)
    request = peer.events_received()[0]
    peer.send_response(peer.accept(request))
    peer.receive_data(frames)
    wanted, message = [], b""
    for frame in peer.events_received():
        if frame.opcode in (TheirOpcode.TEXT, TheirOpcode.BINARY, TheirOpcode.CONT):
            message += frame.data
            if frame.fin:
                wanted.append(len(message))
                message = b""
    found = [item for item in items(film(trace, "en"), "messages") if item["direction"] == 0 and item["kind"] == 1]
    assert [item["size"] for item in found] == wanted


def test_a_message_is_one_item_though_it_is_several_frames_and_pieces() -> None:
    trace = simulated("fragments")
    made = film(trace, "en")
    (message,) = [item for item in items(made, "messages") if item["kind"] == 1]
    frames = [item for item in items(made, "frames") if item["kind"] == 1]
    (whole,) = [record.step for record in trace if isinstance(record.step, MessageComplete)]
    assert (message["sent_from"], message["sent_to"]) == (frames[0]["sent_from"], frames[-1]["sent_to"])
    assert message["arrived"] == frames[-1]["arrived"]
    assert message["size"] == len(whole.data)
    assert ast.literal_eval(message["label"]) == whole.data.decode()


@pytest.mark.parametrize("fault", [Drop(), Duplicate(), Flip(bit=0)])
def test_what_the_network_does_to_a_frame_is_in_the_lanes(fault: Any) -> None:
    trace = simulated("hello")
    frame = trace.frames(Direction.TO_SERVER)[0]
    changed = fork(trace, at_step=frame.n - 1, fault=fault)
    before, after = film(trace, "en"), film(changed, "en")
    first = items(after, "frames")[0]
    assert items(before, "frames")[0]["arrived"] >= 0
    if isinstance(fault, Duplicate):
        copies = [item for item in items(after, "frames") if item["sent_from"] < 0]
        assert [item["size"] for item in copies] == [first["size"]]
    else:
        assert first["arrived"] < 0 or isinstance(fault, Flip)


@pytest.mark.parametrize("name", ["tour", "silent-peer", "both-close"])
def test_a_film_made_while_it_happens_is_the_same_film(name: str, seed: int) -> None:
    trace = simulated(name)
    whole = film(trace, "en")
    chance = random.Random(seed)
    camera = Camera("en")
    columns: dict[str, list[Any]] = {column: [] for column in whole["steps"]}
    texts: list[str] = []
    states: list[Any] = []
    lanes: dict[str, dict[int, Any]] = {lane: {} for lane in LANES}
    for record in trace:
        camera.take(record)
        if chance.random() < 0.2 or record is trace.records[-1]:
            reel = camera.reel()
            assert reel["first"] == len(columns["n"])
            for column, values in reel["steps"].items():
                columns[column] += values
            texts += reel["texts"]
            states += reel["states"]
            for lane, rows in reel["lanes"].items():
                lanes[lane] |= {row[0]: row for row in rows}
    assert (columns, texts, states) == (whole["steps"], whole["texts"], whole["states"])
    assert {lane: [rows[key] for key in sorted(rows)] for lane, rows in lanes.items()} == whole["lanes"]


@pytest.mark.parametrize("name", list(SCENARIOS))
def test_every_step_knows_both_states(name: str) -> None:
    trace = simulated(name)
    made = film(trace, "en", Level.EXTRA)
    states = dict.fromkeys(Role, "CONNECTING")
    for index, record in enumerate(trace):
        if isinstance(record.step, StateChanged) and record.step.endpoint:
            states[record.step.endpoint] = record.step.state
        shown = [change for change in made["states"] if change[0] <= index][-1]
        assert [shown[1], shown[3]] == list(states.values())


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_text_claims_no_state_of_an_endpoint_that_was_not_recorded(language: str) -> None:
    told = film_text(simulated("hello").filter(endpoint="client"), "", language)
    unseen = part_catalogue("exchange_film", language).say("film.unseen")
    assert told.count(unseen) == len(told.splitlines()) - 4
    assert "CONNECTING" in told


def test_time_is_stretched_and_never_turned_round() -> None:
    spans = [0.0, 1e-6, 1e-4, 1e-3, 0.1, 1.0, 60.0, 3600.0]
    shown = [film_seconds(span) for span in spans]
    assert shown == sorted(shown)
    assert shown[0] == SHORTEST
    assert shown[-1] < spans[-1]


def test_the_source_behind_a_step_is_what_the_file_has() -> None:
    root = Path(wsedu.__file__).parent.parent
    names = {record.step.decided_by for record in simulated("tour")} - {None}
    assert names
    for name in names:
        source = source_of(name)
        assert source is not None, name
        function = ast.parse(source.code).body[0]
        assert isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
        assert name is not None
        assert function.name == name.rpartition(":")[2].rpartition(".")[2]
        lines_of_file = (root / source.file).read_text(encoding="utf-8").splitlines()
        assert lines_of_file[source.line - 1].strip() == source.code.splitlines()[0]


def test_a_trace_does_not_make_us_import_what_it_names() -> None:
    assert "this" not in sys.modules
    assert source_of("this:d") is None
    assert source_of("wsedux.evil:f") is None
    assert source_of("wsedu.protocol.frames:no_such_name") is None
    assert "this" not in sys.modules


# --- Recording and loading ---


def test_every_recording_has_a_seed_and_can_be_forked() -> None:
    one, other = ExchangeFilm.record("hello"), ExchangeFilm.record("hello")
    seeds = {one.trace.header.seed, other.trace.header.seed}
    assert None not in seeds
    assert len(seeds) == 2
    assert str(one.trace.header.seed) in one.to_text()
    assert replay(one.trace).bytes_of(Direction.TO_SERVER) == one.trace.bytes_of(Direction.TO_SERVER)


def test_the_same_seed_gives_the_same_bytes() -> None:
    one, other = (ExchangeFilm.record("fragments", seed=7).trace for _ in range(2))
    assert one.bytes_of(Direction.TO_SERVER) == other.bytes_of(Direction.TO_SERVER)


def test_any_other_text_is_sent_by_both_sides() -> None:
    trace = ExchangeFilm.record("Grüße, 世界", compress=True).trace
    assert [r.step.data.decode() for r in trace if isinstance(r.step, MessageComplete)] == ["Grüße, 世界"] * 2


def test_tls_and_virtual_time_are_said() -> None:
    assert "TLSv1." in ExchangeFilm.record("hello", tls=True, language="en").to_text()
    assert "VIRTUAL" in ExchangeFilm.record("idle-proxy", language="en").to_text()
    assert "VIRTUAL" not in ExchangeFilm.record("hello", language="en").to_text()
    with pytest.raises(ValueError, match="neither TLS nor compression"):
        ExchangeFilm.record("idle-proxy", tls=True)


def test_it_records_where_an_event_loop_is_running() -> None:
    async def cell() -> ExchangeFilm:
        return ExchangeFilm.record("hello")

    # In a thread of its own: a browser driven from this process has a loop in this one.
    with ThreadPoolExecutor(1) as elsewhere:
        assert elsewhere.submit(lambda: asyncio.run(cell())).result().trace.frames()


def test_the_menu_has_every_scenario_once() -> None:
    from wsedu.scenarios import VIRTUAL_SCENARIOS

    assert sorted(MENU) == sorted([*SCENARIOS, *VIRTUAL_SCENARIOS])


def test_saved_traces_captures_and_archives_are_loaded(tmp_path: Path) -> None:
    trace = ExchangeFilm.record("hello", seed=1).trace
    trace.save(str(tmp_path / "a.jsonl"))
    write_pcapng(trace, tmp_path / "a.pcapng")
    write_har(trace, tmp_path / "a.har")
    for name in ("a.jsonl", "a.pcapng", "a.har"):
        loaded = ExchangeFilm.load(tmp_path / name, language="en")
        assert name in loaded.to_text()
        texts = [item["label"] for item in items(loaded.film["reel"], "messages") if item["kind"] == 1]
        assert texts == ['"Hello"', '"Hello"'], name
    capture = items(ExchangeFilm.load(tmp_path / "a.pcapng").film["reel"], "frames")
    assert [item["size"] for item in capture] == [item["size"] for item in items(film(trace, "en"), "frames")]


def test_a_damaged_file_is_said_in_one_line_and_shown_as_far_as_it_goes(tmp_path: Path) -> None:
    whole = list(lines(simulated("hello")))
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join([*whole[:50], '{"n": broken']), encoding="utf-8")
    loaded = ExchangeFilm.load(path, language="en")
    assert len(loaded.trace) == 49
    assert "51" in loaded.film["lacks"]
    assert "\n" not in loaded.film["lacks"]


@pytest.mark.parametrize(
    "content",
    [json.dumps({"kind": "trace.header", "format": FORMAT + 1}), "not a trace", "", '{"log": {"entries": []}}'],
)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_file_of_which_nothing_can_be_read_is_refused_in_one_line(
    tmp_path: Path, content: str, language: str
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(content + "\n" if content else "", encoding="utf-8")
    with pytest.raises(UnreadableError) as caught:
        ExchangeFilm.load(path, language=language)
    assert str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_trace_of_several_connections_shows_one_of_them(tmp_path: Path) -> None:
    trace = Trace()
    for connection, name in enumerate(("hello", "empty-close"), 1):
        for record in simulated(name):
            trace.records.append(record._replace(n=len(trace.records) + 1, connection=connection))
    assert len(ExchangeFilm(trace).trace.frames()) == len(simulated("hello").frames())
    second = ExchangeFilm(trace, connection=2)
    assert len(second.trace.frames()) == len(simulated("empty-close").frames())
    assert second.film["connections"] == [1, 2]
    with pytest.raises(ValueError, match="connection 3"):
        ExchangeFilm(trace, connection=3)


# --- Twins ---


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_text_has_a_row_for_each_step(language: str) -> None:
    played = ExchangeFilm(simulated("hello"), language=language)
    rows = [line for line in played.to_text().splitlines() if line.split() and line.split()[0].isdigit()]
    assert [int(row.split()[0]) for row in rows] == [record.n for record in played.steps]


def test_the_picture_of_a_long_film_is_that_of_its_beginning() -> None:
    def chat(world: Any) -> None:
        world.settle()
        for number in range(500):
            world.client.send_text(str(number))
            world.settle()
        world.client.close()
        world.run()

    long = ExchangeFilm(simulate(chat, seed=1, level=Level.CORE), language="en")
    assert len(long.to_svg()) < 20 * len(ExchangeFilm(simulated("hello"), language="en").to_svg())
    assert any(line.startswith("… and ") for line in long.to_text().splitlines())
    assert long.to_html().count("<script") == 0
