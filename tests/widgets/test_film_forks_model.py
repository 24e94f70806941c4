"""The faults that a fork offers, the values they take, and why some fork cannot be made, in both languages."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from wsedu.explain.catalogue import part_catalogue
from wsedu.protocol.steps import FrameComplete, HandshakeResponse
from wsedu.protocol.types import Direction, Opcode, Role
from wsedu.simulator import Drop, Duplicate, SimulatedTrace, World, fork, simulate
from wsedu.trace.trace import Trace
from wsedu.trace.worldsteps import FaultHappened
from wsedu.views.fork_menu import PARAMETERS, BadValue, checked, fault_menu, made
from wsedu.widgets import ExchangeFilm
from wsedu.widgets.base import BadInput

LANGUAGES = ("en", "zh")
WORDS = part_catalogue("film_panels", "en")


def hello(language: str = "en") -> ExchangeFilm:
    return ExchangeFilm(simulate("hello", seed=1), language=language)


def opened(film: ExchangeFilm) -> int:
    """The number of the step with which the server has accepted."""
    return next(one.n for one in film.steps if isinstance(one.step, HandshakeResponse))


def happened(film: ExchangeFilm) -> FaultHappened:
    return next(one.step for one in film.trace if isinstance(one.step, FaultHappened))


# --- What can be chosen ---


@pytest.mark.parametrize("name", PARAMETERS)
def test_every_fault_works_without_a_choice(name: str) -> None:
    film = hello()
    film.do_fork(name, opened(film))
    assert film.forked["reel"]["steps"]["n"]


def test_a_bit_is_chosen_by_byte_and_bit() -> None:
    film = hello()
    sent = film.trace.bytes_of(Direction.TO_CLIENT)
    step = happened(film.fork(opened(film), "flip", byte=2, bit="7"))
    assert step.bit == 23
    assert step.data[:3] == bytes((sent[0], sent[1], sent[2] ^ 1))


def test_whose_bytes_it_is_can_be_chosen() -> None:
    film = hello()
    to_server = happened(film.fork(opened(film), "drop", whose="client"))
    to_client = happened(film.fork(opened(film), "drop", whose="server"))
    assert to_server.span is not None
    assert to_client.span is not None
    assert to_server.span.direction is Direction.TO_SERVER
    assert to_client.span.direction is Direction.TO_CLIENT


def test_the_delay_is_as_long_as_was_said() -> None:
    film = hello()
    assert happened(film.fork(opened(film), "delay", seconds="0.25")).seconds == 0.25


@pytest.mark.parametrize("who", list(Role))
def test_the_endpoint_that_dies_is_chosen(who: Role) -> None:
    film = hello()
    assert happened(film.fork(opened(film), "vanish", who=who.value)).who == who.value


@pytest.mark.parametrize("to", list(Role))
def test_an_injected_ping_is_legal_for_whoever_gets_it_and_is_answered(to: Role) -> None:
    film = hello()
    accepted = [one.n for one in film.steps if isinstance(one.step, HandshakeResponse)][-1]
    other = film.fork(accepted + 1, "inject", to=to.value, payload="né")
    pongs = [
        one.step
        for one in other.trace
        if isinstance(one.step, FrameComplete) and one.step.sent and one.step.frame.opcode is Opcode.PONG
    ]
    assert [(step.endpoint, step.frame.payload.decode()) for step in pongs] == [(to, "né")]


def test_from_python_any_fault_works() -> None:
    film = hello()
    assert happened(film.fork(opened(film), Duplicate())).fault == "duplicate"
    with pytest.raises(ValueError, match="has its values already"):
        film.fork(opened(film), Duplicate(), seconds=1)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_menu_says_what_was_chosen(language: str) -> None:
    words = part_catalogue("film_panels", language)
    for entry in fault_menu(words):
        assert entry["label"]
        for one in entry["parameters"]:
            assert one["value"] in dict(one["options"]) if one["options"] else one["kind"] in ("number", "text")
    film = hello(language)
    film.do_fork("delay", opened(film), {"seconds": "7.5"})
    assert "7.5" in film.forked["about"]
    assert words.say("fork.whose.next") in film.forked["about"]


# --- What cannot be ---


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("fault", "values", "named"),
    [
        ("delay", {"seconds": "soon"}, "soon"),
        ("delay", {"seconds": "-1"}, "-1"),
        ("delay", {"seconds": "nan"}, "nan"),
        ("delay", {"seconds": ""}, "3,600"),
        ("flip", {"bit": "8"}, "8"),
        ("flip", {"byte": "1.5"}, "1.5"),
        ("inject", {"payload": "é" * 63}, "126"),
        ("inject", {"to": "nobody"}, "nobody"),
        ("vanish", {"who": ""}, "client"),
        ("cut", {"who": "client"}, "who"),
        ("melt", {}, "melt"),
    ],
)
def test_a_bad_value_is_one_line_that_names_it(language: str, fault: str, values: dict[str, Any], named: str) -> None:
    with pytest.raises(BadValue) as caught:
        checked(fault, values, part_catalogue("film_panels", language))
    assert named in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_defaults_are_those_of_the_menu() -> None:
    assert made("drop", checked("drop", {}, WORDS)) == Drop()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_fault_with_nothing_to_happen_to_is_said_and_the_last_fork_stays(language: str) -> None:
    film = hello(language)
    film.do_fork("drop", opened(film))
    before = film.forked
    words = part_catalogue("film_panels", language)
    last = film.steps[-1].n
    with pytest.raises(BadInput) as caught:
        film.do_fork("drop", last)
    assert str(caught.value) == words.say("fork.no_bytes", n=last)
    with pytest.raises(BadInput) as caught:
        film.do_fork("drop", last, {"whose": "client"})
    assert str(caught.value) == words.say("fork.no_bytes.whose", n=last)
    size = len(film.trace.bytes_of(Direction.TO_CLIENT)) - 4 - 7
    with pytest.raises(BadInput) as caught:
        film.do_fork("flip", opened(film), {"byte": size})
    assert str(caught.value) == words.say("fork.few_bytes", size=size, last=size - 1, byte=size)
    assert film.forked is before


def _without_seed(trace: Trace) -> Trace:
    return Trace(replace(trace.header, seed=None), trace.level, trace.clock, trace.records)


def _without_scenario(trace: Trace) -> Trace:
    return Trace(replace(trace.header, scenario=None), trace.level, trace.clock, trace.records)


def _of_another_seed(trace: Trace) -> Trace:
    return Trace(replace(trace.header, seed=2), trace.level, trace.clock, trace.records)


def _never_the_same(_trace: Trace) -> SimulatedTrace:
    texts = iter("abcdefgh")

    def script(world: World) -> None:
        world.settle()
        world.at(1.0, lambda later: later.client.send_text(next(texts)))
        world.run()

    return simulate(script, seed=1)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("problem", "spoil", "n"),
    [
        ("seed", _without_seed, 5),
        ("scenario", _without_scenario, 5),
        ("other", _of_another_seed, 5),
        ("script", _never_the_same, -1),
        ("step", lambda trace: trace, 10_000),
    ],
)
def test_why_a_film_cannot_be_forked_is_said_in_its_language(language: str, problem: str, spoil: Any, n: int) -> None:
    film = ExchangeFilm(spoil(simulate("hello", seed=1)), language=language)
    n = film.steps[-1].n if n < 0 else n
    facts = {"n": n, "count": len(film.trace.records), "name": "hello", "seed": "2"}
    expected = part_catalogue("film_panels", language).say(f"fork.failed.{problem}", **facts)
    for attempt in (lambda: film.do_fork("cut", n), lambda: film.fork(n, "cut")):
        with pytest.raises(ValueError, match=r"\A") as caught:
            attempt()
        assert str(caught.value) == expected


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_fault_that_waits_for_a_frame_is_refused(language: str) -> None:
    with pytest.raises(BadInput) as caught:
        hello(language).fork(5, Drop(opcode=1))
    assert str(caught.value) == part_catalogue("film_panels", language).say("fork.failed.fault")


def test_every_failure_of_the_simulator_has_its_sentence() -> None:
    import inspect
    import re

    from wsedu.simulator import forking

    raised = set(re.findall(r'ForkError\(\s*"(\w+)"', inspect.getsource(forking)))
    assert {f"fork.failed.{problem}" for problem in raised} <= WORDS.keys()
    assert "raise ValueError" not in inspect.getsource(fork)
