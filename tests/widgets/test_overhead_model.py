"""`OverheadLab` without a browser: what its page is given, what its fields take, the story, and a real run."""

from __future__ import annotations

import asyncio
import gc
import json
import math
import string
import threading
import warnings
import weakref
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from tests.widgets.live import PATIENCE
from wsedu.explain.catalogue import LANGUAGES, part_catalogue
from wsedu.overhead import claims, curves
from wsedu.overhead.measure import Progress, Stage
from wsedu.overhead.results import Measured
from wsedu.overhead.setting import Setting
from wsedu.overhead.transports import AT_THE_SOCKET, FOUR, LAYERS, Transport
from wsedu.views import overhead_charts
from wsedu.views.overhead_axes import Axis, log_axis
from wsedu.views.overhead_fields import DEFAULT, FIELDS, PRESETS, NotAValueError, nearest, stops, typed
from wsedu.views.overhead_picture import View, charts, setting_line
from wsedu.views.overhead_story import SITUATIONS, chapters
from wsedu.views.overhead_svg import lab_svg
from wsedu.views.overhead_told import progress_line
from wsedu.widgets import OverheadLab
from wsedu.widgets.base import BadInput


@pytest.fixture
def lab() -> Any:
    made = OverheadLab(language="en")
    yield made
    made.close()


def do(lab: OverheadLab, *acts: dict[str, Any]) -> dict[str, Any]:
    """What a page would send, and the state that it gets."""
    lab._received(lab, {"view": "test", "seq": 1, "acts": list(acts)}, [])
    state: dict[str, Any] = lab.state
    return state


# --- Axes and fields ---


def test_a_place_is_where_a_value_lies_between_the_ends() -> None:
    axis = Axis(0.01, 100, log=True)
    assert [axis.place(value) for value in (0.001, 0.01, 1, 100, 1000)] == [0, 0, 0.5, 1, 1]
    assert np.allclose(axis.places([0.01, 1, 100]), [0, 0.5, 1])
    assert [label for _, label in axis.ticks(str)] == ["0.01", "0.1", "1.0", "10.0", "100.0"]
    assert [place for place, _ in Axis(0, 950).ticks(str)] == [round(n * 200 / 950, 4) for n in range(5)]


def test_a_logarithmic_axis_has_room_for_every_value_above_nothing() -> None:
    axis = log_axis([0, 30, 4000])
    assert (axis.low, axis.high) == (10, 10_000)
    assert log_axis([7]).high / log_axis([7]).low == pytest.approx(100)
    assert log_axis([]).low > 0


@pytest.mark.parametrize("name", FIELDS)
def test_a_slider_stops_from_the_least_to_the_greatest_in_even_steps(name: str) -> None:
    field, values = FIELDS[name], stops(name)
    assert (values[0], values[-1]) == (field.low, field.high)
    assert list(values) == sorted(set(values))
    assert all(nearest(name, value) == number for number, value in enumerate(values))
    assert all(other / one <= 2 for one, other in pairwise(values) if one)
    assert all(field.shown(field.put(DEFAULT, value)) == value for value in values)


@pytest.mark.parametrize("text", ["", "many", "nan", "inf", "1e999", "0", "1000001", "-5", "2.5"])
def test_what_is_no_value_is_refused_with_the_range(text: str) -> None:
    with pytest.raises(NotAValueError, match=r"1 to 1,000,000") as caught:
        typed("clients", text, "en")
    assert "\n" not in str(caught.value)


def test_what_is_typed_may_have_groups_and_spaces() -> None:
    assert typed("clients", " 12,500 ", "en") == 12_500
    assert typed("clients", "12 500", "en") == 12_500
    assert typed("rtt", "0.5e2", "zh") == 50


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("text", ["0,5", "1,5", "1_0", "1 5", "12,34", "0,125", "1,234 567"])
@pytest.mark.parametrize("name", FIELDS)
def test_digits_that_are_in_no_groups_of_three_are_not_put_together(name: str, text: str, language: str) -> None:
    with pytest.raises(NotAValueError) as caught:
        typed(name, text, language)
    told = str(caught.value)
    assert text in told
    assert "\n" not in told


def test_a_comma_before_decimals_is_answered_with_a_point() -> None:
    with pytest.raises(NotAValueError, match="with a point before its decimals, not 0,5"):
        typed("interval", "0,5", "en")


# --- The picture ---


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_place_lies_in_the_chart(preset: str, language: str) -> None:
    setting = replace(DEFAULT, **PRESETS[preset])  # type: ignore[arg-type]
    made = charts(View(setting, tuple(Transport), language=language))
    bars, *others = made.values()
    places = [place for row in bars["rows"] for _, *ends in row["parts"] for place in ends]
    for chart in others:
        places += [place for line in chart["lines"] for name in ("points", "signs") for place in line[name]]
        places += [mark["place"] for mark in chart["marks"]]
        assert {line["name"] for line in chart["lines"]} == set(Transport)
        assert chart["said"].endswith((".", "。"))
    places += [place for chart in made.values() for axis in "xy" if axis in chart for place, _ in chart[axis]["ticks"]]
    assert all(0 <= place <= 1 for place in places)
    assert len(json.dumps(made)) < 30_000


def test_bars_are_as_long_as_their_layers_and_curves_go_where_the_model_goes() -> None:
    view = View(DEFAULT)
    made = charts(view)
    data = curves.bars(DEFAULT)
    for row in made["bars"]["rows"]:
        parts = data.parts[Transport(row["name"])]
        assert [name for name, *_ in row["parts"]] == [name for name in LAYERS if parts[name] > 0]
        assert row["parts"][-1][2] == row["end"]
        assert row["total"] == f"{sum(parts.values()):,.0f}"
    ends = [row["end"] / data.total(Transport(row["name"])) for row in made["bars"]["rows"]]
    assert max(ends) == pytest.approx(min(ends), rel=1e-2)
    line = next(line for line in made["crowds"]["lines"] if line["name"] == "websocket")
    x0, y0, x1, y1 = line["points"]
    assert (x0, x1) == (0, 1)
    assert y1 > y0


def test_the_crossings_are_marked_where_the_model_has_them_and_not_where_it_has_none() -> None:
    def marks(interval: float, kind: str) -> list[float]:
        made = charts(View(replace(DEFAULT, interval=interval)))["rates"]
        return [mark["place"] for mark in made["marks"] if mark["kind"] == kind]

    def place(rate: float | None) -> float:
        assert rate is not None
        return math.log(rate / 0.01) / math.log(10_000)

    data = curves.rates(replace(DEFAULT, interval=5.0))
    pushed = curves.passing(data, Transport.WEBSOCKET, Transport.POLLING)
    assert marks(5.0, "crossing") == pytest.approx([place(curves.crossover(data)), place(pushed)], abs=1e-3)
    assert marks(1.0, "here") == pytest.approx([place(2)], abs=1e-3)
    # At an interval of a minute long polling takes more at every rate, and that is said.
    assert len(marks(60.0, "crossing")) == 1
    assert (
        "At every rate shown here long polling takes more"
        in charts(View(replace(DEFAULT, interval=60.0)))["rates"]["said"]
    )


def test_layers_without_any_bytes_leave_the_charts_empty_and_break_nothing() -> None:
    made = charts(View(replace(DEFAULT, payload=0), FOUR, ("payload",)))
    assert [row["parts"] for row in made["bars"]["rows"]] == [[], [], [], []]
    assert made["rates"]["lines"] == made["crowds"]["lines"] == []
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        alone = charts(View(DEFAULT, FOUR, ("websocket",)))
        assert curves.crossover(curves.rates(DEFAULT, FOUR, ("websocket",))) is None
    for name in ("rates", "crowds"):
        assert "polling 0; long polling 0; " in alone[name]["said"]
        assert "than polling" not in alone[name]["said"]
    assert [line["name"] for line in alone["rates"]["lines"]] == ["websocket"]


# --- What was measured, in the charts ---

MACHINE = 0.0002
"""A round trip on a machine, in seconds."""


def measured(*transports: Transport, fastest: float = 0.00001) -> tuple[Measured, ...]:
    """Runs as on a quick machine, whose fastest event took less than a tenth of a millisecond."""
    here = replace(DEFAULT, rtt=MACHINE)
    nothing = dict.fromkeys((*AT_THE_SOCKET, "setup"), 0)
    facts: dict[str, Any] = {"seconds": 2.0, "happened": 80, "delivered": 80, "requests": 40, "full": 80, "empty": 0}
    facts |= {"connections": 20, "up": nothing, "down": nothing, "packets": None, "cpu": 0.1}
    delays = np.geomspace(fastest, 0.0003, 80)
    return tuple(Measured(one, here, delays=delays, **facts) for one in transports)


def test_measured_delays_have_their_own_sign_and_begin_within_the_axis() -> None:
    runs = measured(Transport.WEBSOCKET)
    drawn = charts(View(DEFAULT, runs=runs))["delays"]
    places = drawn["dots"][0]["points"][::2]
    assert places[0] > 0
    assert len(set(places)) == len(places), "no dot was moved to the beginning of the axis"
    assert curves.delays(DEFAULT, FOUR, runs).x[0] < 0.00001
    signs = {line["name"]: bool(line["signs"]) for line in drawn["lines"]}
    assert signs == {"polling": True, "long-polling": True, "sse": True, "websocket": False}
    assert drawn["key"] == "measured"
    bare = charts(View(DEFAULT))["delays"]
    assert bare["key"] == ""
    assert all(line["signs"] for line in bare["lines"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_delays_beside_measured_ones_are_those_of_this_machine(language: str) -> None:
    view = View(DEFAULT, runs=measured(Transport.WEBSOCKET), language=language)
    waits = curves.waits(view.setting, view.transports, view.runs)
    assert {float(one.least) for one in waits.values()} == {MACHINE / 2}
    unit = "ms" if language == "en" else "毫秒"
    assert charts(view)["delays"]["said"].endswith(view.own.say("said.trip", rtt=f"0.2 {unit}"))
    line = setting_line(view.setting, language, view.runs)
    assert f"50 {unit}" in line
    assert f"0.2 {unit}" in line
    assert f"0.2 {unit}" not in setting_line(view.setting, language)


def test_the_drawing_without_a_script_has_the_legend_too() -> None:
    drawn = lab_svg(View(DEFAULT, runs=measured(Transport.WEBSOCKET)), "light")
    assert ">measured</text>" in drawn
    assert ">measured</text>" not in lab_svg(View(DEFAULT), "light")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_figure_of_delays_says_what_is_measured_and_whose_round_trip_it_is(language: str) -> None:
    runs = measured(Transport.WEBSOCKET)
    figure = overhead_charts.delays(DEFAULT, measured=runs, language=language)
    (axes,) = figure.axes
    spoken, _ = overhead_charts.spoken_language(language)
    say = part_catalogue("overhead", spoken).say
    assert [text.get_text() for text in figure.legends[0].get_texts()][-1] == say("chart.measured.short")
    lines = {line.get_label(): line.get_marker() for line in axes.lines}
    assert lines[say("transport.websocket")] == ""
    assert lines[say("transport.sse")] == "v"
    unit = "ms" if spoken == "en" else "毫秒"
    assert f"0.2 {unit}" in axes.get_title("left")
    assert f"50 {unit}" not in axes.get_title("left")
    bars = overhead_charts.stacked(DEFAULT, measured=runs, language=language).axes[0].get_title("left")
    assert f"50 {unit}" in bars
    assert f"0.2 {unit}" in bars


# --- Words ---


def test_the_catalogues_have_the_same_texts_with_the_same_placeholders() -> None:
    english, chinese = (part_catalogue("overhead_lab", language).texts for language in ("en", "zh"))

    def facts(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    assert english.keys() == chinese.keys()
    assert {key for key in english if facts(english[key]) != facts(chinese[key])} == set()


# --- The story ---


def test_the_numbers_of_the_story_are_those_of_the_model() -> None:
    count, lines, packets, crossing, argue = chapters("en")
    assert (count.answer, lines.answer) == ("871", "909")
    assert count.right(claims.article_characters())
    assert count.right(800)
    assert not count.right(700)
    assert lines.right(909)
    assert not lines.right(871)
    assert "435 : 1" in count.reveal[0]
    assert "38 bytes" in lines.reveal[0]
    assert {890, 905, 888, 871} == set(lines.ideas)
    assert "1,049 bytes against 102: 10.3 : 1, not 435 : 1" in packets.reveal[0]
    assert [value for value, _ in packets.options if packets.right(value)] == ["10"]
    assert "0.2 per second" in crossing.answer
    assert crossing.right(0.25)
    assert not crossing.right(1)
    assert argue.right(["counter", "dashboard"])
    assert not argue.right([])


def test_polling_is_right_where_it_is_in_time_and_takes_no_more() -> None:
    verdicts = {one.name: one.right for one in SITUATIONS}
    assert verdicts == {"dashboard": True, "mail": False, "counter": True, "chat": False, "game": False}
    for one in SITUATIONS:
        polling, websocket = one.bytes
        assert one.right == (polling <= websocket and one.late <= one.needs)
        # "It polls as rarely as its user can bear": in time, and with no event earlier than needed.
        assert 0.9 * one.needs < one.late <= one.needs + 1e-9


def test_nothing_is_revealed_before_it_is_answered_and_everything_is_kept(lab: OverheadLab) -> None:
    before = json.dumps(lab.state["story"])
    assert "871" not in before
    assert "909" not in before
    state = do(lab, {"do": "answer", "said": "1,000"})
    assert "✖ You said 1000; the answer is 871" in state["story"]["done"][0]["said"]
    assert "909" not in json.dumps(state["story"])
    state = do(lab, {"do": "answer", "said": "890"})
    assert "LF alone" in state["story"]["done"][1]["idea"]
    do(lab, {"do": "answer", "said": "10"}, {"do": "answer", "said": None})
    state = do(lab, {"do": "answer", "said": ["dashboard", "counter"]})
    assert state["story"]["open"] is None
    assert state["story"]["over"] == "That was the story: 2 of 5 right, 1 skipped."
    assert [one["question"] for one in lab.predictions] == ["count", "lines", "packets", "crossing", "argue"]
    assert [one["right"] for one in lab.predictions] == [False, False, True, False, True]
    assert [one["skipped"] for one in lab.predictions] == [False, False, False, True, False]
    assert lab.predictions[0] | {"answer": "871"} == lab.predictions[0]
    do(lab, {"do": "again"})
    assert lab.state["story"]["open"]["number"] == 0
    assert len(lab.predictions) == 5


def test_a_choice_that_is_not_made_is_asked_for(lab: OverheadLab) -> None:
    skip = {"do": "answer", "said": None}
    do(lab, skip, skip, {"do": "answer", "said": ""})
    assert lab.problem["text"] == "Choose one first, or skip the question."
    do(lab, skip, skip, {"do": "answer", "said": []})
    assert lab.problem["text"] == "Tick at least one, or skip the question."
    assert len(lab.predictions) == 4


@pytest.mark.parametrize("said", ["", "many", "nan", "inf"])
def test_an_answer_that_is_none_is_asked_for_again(lab: OverheadLab, said: str) -> None:
    state = do(lab, {"do": "answer", "said": said})
    assert lab.problem["text"].count("\n") == 0
    assert lab.problem["text"]
    assert state["story"]["open"]["number"] == 0
    assert lab.predictions == []


def test_a_chapter_is_shown_in_the_charts(lab: OverheadLab) -> None:
    do(lab, *({"do": "answer", "said": None} for _ in range(4)), {"do": "chapter", "number": 3})
    assert lab.setting.interval == 5.0
    marks = lab.state["charts"]["rates"]["marks"]
    assert "crossing" in {mark["kind"] for mark in marks}
    do(lab, {"do": "chapter", "number": 4})
    assert lab.problem["text"] == "That question is not open."


def test_after_a_chapter_was_shown_there_is_a_way_back_to_ones_own_setting(lab: OverheadLab) -> None:
    do(lab, *({"do": "answer", "said": None} for _ in range(4)))
    do(lab, {"do": "type", "name": "payload", "text": "777"}, {"do": "layer", "name": "ack"})
    own = lab.setting
    assert not lab.state["own"]
    state = do(lab, {"do": "chapter", "number": 2}, {"do": "chapter", "number": 3})
    assert state["own"]
    assert "ack" in state["layers"]
    state = do(lab, {"do": "own"})
    assert lab.setting == own
    assert "ack" not in state["layers"]
    assert not state["own"]
    do(lab, {"do": "own"})
    assert lab.problem["text"] == "You are in your own setting."


# --- The lab ---


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"clients": 5}, r"clients belongs to a Setting: .*OverheadLab\(Setting\(clients=5\)\)"),
        ({"setting": {"clients": 5}}, r"takes a Setting first, not dict: .*OverheadLab\(Setting\(clients=5\)\)"),
        ({"setting": 5}, r"takes a Setting first, not int: .*Setting\(clients=50, "),
        ({"colour": "red"}, "has no argument colour: it takes a setting, transports and language"),
        ({"setting": Setting(clients=[1, 2])}, "clients has to be one number"),
        ({"transports": "websocket"}, "transports takes a list of names, not str"),
        ({"transports": 3}, "transports takes a list of names, not int"),
        ({"transports": ["carrier-pigeon"]}, "no transport “carrier-pigeon”; there are polling, "),
    ],
)
def test_what_it_cannot_be_given_is_one_line_that_says_how(arguments: dict[str, Any], told: str) -> None:
    with pytest.raises(BadInput, match=told) as caught:
        OverheadLab(**arguments, language="en")
    assert "\n" not in str(caught.value)


def test_a_setting_that_is_none_changes_nothing(lab: OverheadLab) -> None:
    with pytest.raises(TypeError, match="takes a Setting first, not dict"):
        lab.setting = {"clients": 5}  # type: ignore[assignment]
    assert lab.setting == DEFAULT


@pytest.mark.parametrize("preset", PRESETS)
def test_what_cannot_be_measured_is_said_before_anybody_tries_and_can_be_changed(lab: OverheadLab, preset: str) -> None:
    state = do(lab, {"do": "preset", "name": preset})
    told = state["measure"]["obstacles"]
    assert bool(told["2"]) == (preset in ("mail", "ticker"))
    if told["2"]:
        assert told["2"].startswith("Only modelled: 10,000 clients are more than the 1,000")
    state = do(lab, {"do": "fit", "seconds": "2"})
    assert state["measure"]["obstacles"]["2"] == ""
    assert lab.setting.payload == PRESETS[preset]["payload"]
    assert lab.setting.clients == min(1000, PRESETS[preset]["clients"])


def test_a_long_interval_keeps_only_short_runs_from_being_measured(lab: OverheadLab) -> None:
    lab.setting = replace(DEFAULT, interval=5.0)
    told = lab.state["measure"]["obstacles"]
    assert [bool(told[seconds]) for seconds in ("2", "5", "10", "30")] == [True, False, False, False]


def test_curves_that_lie_under_others_are_named() -> None:
    made = charts(View(DEFAULT))
    for name in ("delays", "rates", "crowds"):
        assert "Hidden: server-sent events under WebSocket." in made[name]["said"]
    apart = charts(View(DEFAULT, (Transport.POLLING, Transport.WEBSOCKET)))
    assert not any("Hidden" in chart["said"] for chart in apart.values())


def test_sliders_boxes_presets_heads_and_layers_change_the_setting(lab: OverheadLab) -> None:
    state = do(lab, {"do": "slide", "moves": {"interval": nearest("interval", 5), "payload": 0}})
    assert (lab.setting.interval, lab.setting.payload) == (5.0, 0)
    state = do(
        lab,
        {"do": "type", "name": "rtt", "text": "123"},
        {"do": "tls", "on": True},
        {"do": "headers", "name": "cookies"},
    )
    assert (lab.setting.rtt, lab.setting.tls, lab.setting.headers) == (0.123, True, "cookies")
    assert "made up" in state["origin"]
    do(lab, {"do": "preset", "name": "mail"})
    assert lab.setting.clients == PRESETS["mail"]["clients"]
    state = do(lab, {"do": "layer", "name": "tcp_ip"}, {"do": "transport", "name": "polling-h2"})
    assert "tcp_ip" not in state["layers"]
    assert state["transports"][-1] == "polling-h2"
    assert len(json.dumps(state)) < 30_000
    assert lab.problem == {}


def test_what_cannot_be_taken_is_said_at_the_field_and_the_last_value_stays(lab: OverheadLab) -> None:
    state = do(lab, {"do": "type", "name": "interval", "text": "90"})
    assert "0.1 to 60 s" in state["fields"]["interval"]["complaint"]
    assert lab.setting == DEFAULT
    assert do(lab, {"do": "slide", "moves": {"interval": 3}})["fields"]["interval"]["complaint"] == ""


def test_one_way_and_one_layer_stay(lab: OverheadLab) -> None:
    do(lab, *({"do": "transport", "name": one.value} for one in FOUR))
    assert lab.problem["text"] == "One way has to stay: choose another one first."
    do(lab, *({"do": "layer", "name": one} for one in LAYERS))
    assert lab.problem["text"] == "One layer has to stay: choose another one first."
    assert len(lab.state["transports"]) == len(lab.state["layers"]) == 1


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"clients": 5000}, "5,000 clients are more than the 1,000"),
        ({"interval": 60.0}, "longer than the run of 2 s"),
    ],
)
def test_what_cannot_be_measured_is_said_in_one_line(lab: OverheadLab, change: dict[str, Any], told: str) -> None:
    lab.setting = replace(DEFAULT, **change)
    do(lab, {"do": "measure", "seconds": "2"})
    assert told in lab.problem["text"]
    assert not lab.measuring


@pytest.mark.parametrize("seconds", ["abc", None, [], "", "nan", "inf", 0, -1, 10**400])
def test_a_time_that_is_none_is_refused_in_one_line(lab: OverheadLab, seconds: Any) -> None:
    with pytest.raises(BadInput) as caught:
        lab.do_measure(seconds)
    assert str(caught.value)
    assert "\n" not in str(caught.value)
    assert not lab.measuring


def test_modelled_ways_alone_cannot_be_measured() -> None:
    lab = OverheadLab(transports=["polling-h2"], language="en")
    do(lab, {"do": "measure", "seconds": "2"})
    assert "only modelled" in lab.problem["text"]
    lab.close()


# --- A real run ---

QUICK = Setting(clients=3, events_per_second=20.0, interval=0.2, payload=20, rtt=0.05)


def finished(lab: OverheadLab) -> None:
    """Wait until the run of a lab is over."""
    run = lab._run
    if run is not None:
        run.join(PATIENCE)
        assert not run.is_alive()
    assert not lab.measuring


def test_a_run_gives_dots_at_the_bars_and_a_row_in_the_table() -> None:
    lab = OverheadLab(QUICK, transports=["polling", "websocket", "websocket-h2"], language="en")
    state = do(lab, {"do": "measure", "seconds": 1})
    assert state["measure"]["running"]
    do(lab, {"do": "measure", "seconds": 1})
    assert "under way" in lab.problem["text"]
    finished(lab)
    assert [one.transport for one in lab.results] == ["polling", "websocket"]
    drawn = lab.state["charts"]
    rows = {row["name"]: row for row in drawn["bars"]["rows"]}
    assert rows["websocket-h2"]["dot"] is None
    for run in lab.results:
        row = rows[run.transport.value]
        at_the_socket = [end for name, _, end in row["parts"] if name in AT_THE_SOCKET]
        assert row["dot"] == pytest.approx(at_the_socket[-1], abs=0.01)
    assert {one["name"] for one in drawn["delays"]["dots"]} == {"polling", "websocket"}
    assert [row[1] for row in lab.state["tables"][0]["rows"]] == ["measured", "modelled"] * 2 + ["modelled"]
    notes = " ".join(lab.state["measure"]["details"])
    assert "that of this machine is" in notes
    assert "measured from 100 events on; fewer say nothing of it, so there is a dash" in notes
    assert "measured from 100 events on" in lab.state["tables"][0]["note"]
    assert "WebSocket over HTTP/2 (only modelled)" in notes
    assert "measured" in lab.to_text()
    assert lab.to_svg(theme="light").count("<circle") > OverheadLab(QUICK, language="en").to_svg(theme="light").count(
        "<circle"
    )
    lab.close()


def test_dots_belong_to_the_setting_that_was_measured() -> None:
    lab = OverheadLab(QUICK, transports=["websocket"], language="en")
    do(lab, {"do": "measure", "seconds": 0.5})
    finished(lab)
    state = do(lab, {"do": "slide", "moves": {"payload": 20}})
    assert state["charts"]["bars"]["rows"][0]["dot"] is None
    assert "interval 0.2 s · payload 20 bytes" in state["measure"]["stale"]
    assert len(lab.results) == 1
    state = do(lab, {"do": "back"})
    assert lab.setting == QUICK
    assert state["measure"]["stale"] == ""
    assert state["charts"]["bars"]["rows"][0]["dot"] is not None
    lab.close()


def test_a_run_can_be_stopped_and_what_there_is_is_kept() -> None:
    lab = OverheadLab(QUICK, transports=["websocket", "sse"], language="en")
    begun = threading.Event()
    told: list[str] = []

    def hear(content: dict[str, Any]) -> None:
        told.append(content["text"])
        if "events arrived" in content["text"] and lab._run is not None and "0 of 0" not in content["text"]:
            begun.set()

    lab.send = hear
    do(lab, {"do": "measure", "seconds": 30})
    assert begun.wait(PATIENCE)
    do(lab, {"do": "stop"})
    finished(lab)
    assert [one.transport for one in lab.results] == ["websocket"]
    assert lab.results[0].stopped
    notes = lab.state["measure"]["notes"]
    assert any("WebSocket: stopped after" in note for note in notes)
    assert notes[-1] == "Not measured in this run, so only modelled: server-sent events."
    assert notes[-1] in lab.to_text()
    assert lab.state["said"].startswith("The measurement was stopped.")
    # A way that is chosen afterwards was not measured either; one that is left out is not missed.
    state = do(lab, {"do": "transport", "name": "sse"}, {"do": "transport", "name": "polling"})
    assert state["measure"]["notes"][-1] == "Not measured in this run, so only modelled: polling."
    lab.close()


def test_a_run_in_which_no_event_arrived_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    async def nothing(_self: Any) -> None:
        pass

    monkeypatch.setattr("wsedu.widgets.overhead_run.LabRun._measure", nothing)
    lab = OverheadLab(QUICK, language="en")
    do(lab, {"do": "measure", "seconds": 1})
    finished(lab)
    assert lab.state["said"].startswith("No event arrived in this run")
    assert lab.state["measure"]["notes"][0].startswith("No event arrived in this run")
    assert "No event arrived in this run" in lab.to_text()
    state = do(lab, {"do": "type", "name": "payload", "text": "21"})
    assert state["measure"]["notes"] == ["Nothing has been measured yet: bars and lines are the model."]
    lab.close()


def test_a_run_is_under_way_until_its_end_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    async def nothing(_self: Any) -> None:
        pass

    monkeypatch.setattr("wsedu.widgets.overhead_run.LabRun._measure", nothing)
    lab = OverheadLab(QUICK, language="en")
    drawing, drawn, heard = threading.Event(), threading.Event(), list[bool]()
    draw = lab._draw

    def slow() -> dict[str, Any]:
        if threading.current_thread() is not threading.main_thread():
            drawing.set()
            assert drawn.wait(PATIENCE)
        return draw()

    monkeypatch.setattr(lab, "_draw", slow)
    do(lab, {"do": "measure", "seconds": 1})
    assert drawing.wait(PATIENCE)
    asking = threading.Thread(target=lambda: heard.append(lab.measuring))
    asking.start()
    # Whoever asks now waits for the picture; that takes at least until it may be drawn.
    asking.join(0.2)
    assert heard == []
    drawn.set()
    asking.join(PATIENCE)
    assert heard == [False]
    assert lab.state["said"].startswith("No event arrived in this run")
    lab.close()


def test_a_run_that_breaks_off_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(_self: Any) -> None:
        raise OSError("no more sockets")

    monkeypatch.setattr("wsedu.widgets.overhead_run.LabRun._measure", broken)
    lab = OverheadLab(QUICK, language="en")
    do(lab, {"do": "measure", "seconds": 1})
    finished(lab)
    assert lab.state["measure"]["notes"][0] == "The measurement broke off: OSError: no more sockets"
    lab.close()


def test_clients_that_do_not_get_connected_are_no_bare_error(monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(*_arguments: Any) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr("wsedu.overhead.measure.OPENING", 0.2)
    monkeypatch.setattr("wsedu.overhead.measure.WebSocketClients.open", never)
    lab = OverheadLab(QUICK, transports=["websocket"], language="en")
    do(lab, {"do": "measure", "seconds": 1})
    finished(lab)
    assert lab.state["measure"]["notes"][0].startswith("WebSocket: 3 clients were not connected within 0.2 s")
    lab.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_progress_names_its_parts(language: str) -> None:
    told = {
        stage: progress_line(Progress(Transport.POLLING, 1, 4, 1.2, 3.0, 2.0, 9, 8, stage), language) for stage in Stage
    }
    assert "3 " in told[Stage.RUN]
    assert "2 s for each client" in told[Stage.RUN] or "每个客户端 2 秒" in told[Stage.RUN]
    assert len(set(told.values())) == 3


def test_closing_or_forgetting_the_lab_ends_its_thread() -> None:
    lab = OverheadLab(QUICK, language="en")
    do(lab, {"do": "measure", "seconds": 60})
    run = lab._run
    assert run is not None
    lab.close()
    run.join(PATIENCE)
    assert not run.is_alive()
    gone = weakref.ref(lab)
    del lab
    gc.collect()
    assert gone() is None


# --- Static twins ---


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_twins_say_what_the_page_says(language: str) -> None:
    lab = OverheadLab(language=language)
    text, page, svg = lab.to_text(), lab.to_html(), lab.to_svg(theme="dark")
    for drawn in lab.state["charts"].values():
        assert drawn["title"] in text
        assert drawn["said"] in text
        assert drawn["title"] in svg
    assert "<script" not in page
    assert "909" in text
    assert "909" in page
    assert len(svg) < 60_000
    lab.close()
