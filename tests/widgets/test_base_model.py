"""What all widgets share, without a page: the page is always answered, and told what went wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from traitlets import HasTraits, TraitError

from wsedu.explain.catalogue import part_catalogue
from wsedu.widgets import ClosingMachine, FrameBuilder, LiveExchange
from wsedu.widgets.base import Widget
from wsedu.widgets.frame_builder import HELLO

LANGUAGES = ("en", "zh")


def do(widget: Any, *acts: dict[str, Any]) -> dict[str, str]:
    """What the widget says went wrong after a message of its page; that it was answered is checked."""
    seq = widget._acks.get("page", 0) + 1
    widget._received(widget, {"view": "page", "seq": seq, "acts": list(acts)}, [])
    assert widget.state["acks"]["page"] == seq
    problem: dict[str, str] = widget.problem
    return problem


def said(key: str, language: str, **facts: Any) -> str:
    return part_catalogue("widget", language).say(f"shared.{key}", **facts)


FLIP = {"do": "flip", "bit": 4}


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_exception_of_a_users_observer_is_told_with_what_was_done(language: str) -> None:
    builder = FrameBuilder(language=language)

    def mine(_change: Any) -> None:
        raise ZeroDivisionError("mine")

    builder.observe(mine, "value")
    problem = do(builder, FLIP)
    assert builder.value != HELLO
    assert builder.state["sheet"]["hex"] == builder.value.hex()
    assert problem["text"] == said("half", language, error="ZeroDivisionError: mine")
    assert "in mine" in problem["trace"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_exception_that_changes_nothing_is_told_as_such(language: str) -> None:
    builder = FrameBuilder(language=language)
    problem = do(builder, {"do": "flip", "bits": 4})
    assert problem["text"].startswith(said("failed", language, error="TypeError"))
    assert builder.value == HELLO


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_interrupt_is_told_and_the_widget_goes_on(language: str) -> None:
    builder = FrameBuilder(language=language)

    def interrupted(_change: Any) -> None:
        raise KeyboardInterrupt

    builder.observe(interrupted, "value")
    assert do(builder, FLIP, FLIP) == {"text": said("interrupted", language)}
    after = builder.value
    assert after == bytes([HELLO[0] ^ 8]) + HELLO[1:], "what was still to be done is left undone"
    builder.unobserve(interrupted, "value")
    assert do(builder, FLIP) == {}
    assert builder.value == HELLO
    assert builder.state["sheet"]["hex"] == HELLO.hex()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_picture_that_cannot_be_drawn_is_told_until_it_can(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    builder = FrameBuilder(language=language)
    before = builder.state["sheet"]

    def broken() -> dict[str, Any]:
        raise LookupError("no picture")

    with monkeypatch.context() as patch:
        patch.setattr(builder, "_draw", broken)
        problem = do(builder, FLIP)
        assert problem["text"] == said("undrawn", language, error="LookupError: no picture")
        assert "in broken" in problem["trace"]
        assert builder.state["sheet"] == before
        builder.problem = {}
        with pytest.raises(LookupError):
            builder.value = b"\x81\x00"
        assert builder.problem["text"] == problem["text"]
    builder.value = b"\x89\x00"
    assert builder.problem == {}
    assert builder.state["sheet"]["hex"] == "8900"


WRONG: list[tuple[Callable[..., HasTraits], str, Any, str]] = [
    (FrameBuilder, "wrong_rule", "zzz", "zzz"),
    (FrameBuilder, "solved", ["zzz"], "zzz"),
    (FrameBuilder, "predictions", [{}], "bit, field, before, after, said, truth, right, skipped"),
    (ClosingMachine, "source", "zz", "zz"),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("made", "trait", "value", "names"), WRONG, ids=[f"{one[1]}" for one in WRONG])
def test_a_trait_takes_nothing_that_cannot_be_drawn(
    made: Callable[..., HasTraits], trait: str, value: Any, names: str, language: str
) -> None:
    widget = made(language=language)
    before = getattr(widget, trait)
    with pytest.raises(TraitError, match=names):
        setattr(widget, trait, value)
    assert getattr(widget, trait) == before
    assert do(widget) == {}


def test_predictions_that_a_builder_made_can_be_set_again() -> None:
    builder = FrameBuilder(language="en")
    do(builder, {"do": "predict", "bit": 4, "client": "legal", "server": "illegal"})
    another = FrameBuilder(language="en")
    another.predictions = builder.predictions
    do(another)
    assert another.state["predicted"]["count"] == 1


def test_what_a_closing_machine_watches_can_be_set() -> None:
    machine = ClosingMachine(language="en")
    machine.source = "hello"
    assert machine.state["source"] == "hello"
    assert machine.state["events"] is None
    assert len(machine.state["moments"]) == len(machine._moments) > 1


@pytest.mark.parametrize("digits", ["٣", "1٣"])
def test_digits_of_other_scripts_are_no_number(digits: str) -> None:
    builder = FrameBuilder(language="en")
    assert digits in do(builder, {"do": "length", "text": digits})["text"]
    assert digits in do(builder, {"do": "close", "code": digits, "reason": ""})["text"]
    assert builder.value == HELLO
    machine = ClosingMachine(language="en")
    happened = {"do": "act", "who": "client", "happening": "close sent", "code": digits, "reason": ""}
    happened["happening"] = next(
        one["event"] for one in machine.state["events"]["client"] if one["name"] == "CLOSE_SENT"
    )
    assert digits in do(machine, happened)["text"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_live_exchange_says_what_cannot_be_sent(language: str) -> None:
    live = LiveExchange(language=language)
    words = part_catalogue("live_exchange", language)
    assert do(live, {"do": "ping", "who": "client", "data": "a\ud800"}) == {"text": words.say("why.surrogate", place=2)}
    unknown = do(live, {"do": "send", "who": "client", "kind": "zz", "data": "01"})
    assert unknown == {"text": said("unknown", language, name="zz")}
    live.close()


@pytest.mark.parametrize(("setting", "live"), [("", True), ("0", True), ("1", False), ("yes", False)])
def test_the_live_view_is_off_only_where_that_was_asked_for(
    setting: str, live: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WSEDU_HEADLESS", setting)
    bundle, _metadata = FrameBuilder(language="en")._repr_mimebundle_()
    assert ("application/vnd.jupyter.widget-view+json" in bundle) == live


def test_a_widget_without_its_static_twins_cannot_be_made() -> None:
    class Bare(Widget):
        """Nothing of its own."""

    with pytest.raises(TypeError, match=r"abstract methods.*to_html.*to_svg.*to_text"):
        Bare(language="en")
