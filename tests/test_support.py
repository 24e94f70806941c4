"""What the tests lean on: masks, cuts, the wire in memory, the seed, and components that are not there."""

from __future__ import annotations

from collections.abc import Callable

import hypothesis
import pytest

from tests.support import (
    SAMPLE_ACCEPT,
    SAMPLE_KEY,
    accept_of,
    all_cuts,
    as_bytes,
    masked,
    one_byte,
    pair,
    pump,
    random_cuts,
    request_head,
    vectors,
    whole,
)

DATA = bytes(range(40))


def test_a_frame_is_masked_as_in_the_rfc() -> None:
    frames = {vector["name"]: vector for vector in vectors()["rfc6455"]["frames"]}
    masked_one = frames["masked text frame"]
    assert masked(frames["unmasked text frame"]["hex"], as_bytes(masked_one["masking_key_hex"])) == as_bytes(
        masked_one["hex"]
    )
    assert masked(as_bytes("82 7e 01 00"), b"abcd") == as_bytes("82 fe 01 00") + b"abcd"
    assert accept_of(SAMPLE_KEY) == SAMPLE_ACCEPT


def test_cuts_put_together_are_the_data(seed: int) -> None:
    assert b"".join(whole(DATA)) == b"".join(one_byte(DATA)) == DATA
    assert [b"".join(pieces) for pieces in all_cuts(DATA)] == [DATA] * (len(DATA) - 1)
    several = [random_cuts(DATA, seed + number) for number in range(50)]
    assert all(b"".join(pieces) == DATA for pieces in several)
    assert len({tuple(pieces) for pieces in several}) > 40, "another seed cuts elsewhere"
    assert random_cuts(DATA, seed) == random_cuts(DATA, seed)
    assert random_cuts(b"", seed) == [b""]


def test_fields_of_a_head_are_changed_left_out_repeated_and_added() -> None:
    lines = request_head({"Host": None, "Upgrade": ["a", "b"], "New": "c"}).decode().split("\r\n")
    assert lines[0] == "GET /chat HTTP/1.1"
    assert not any(line.startswith("Host") for line in lines)
    assert [line for line in lines if line.startswith("Upgrade")] == ["Upgrade: a", "Upgrade: b"]
    assert lines[-3:] == ["New: c", "", ""]


def test_the_wire_tells_what_went_over_it() -> None:
    client, server = pair(cut=one_byte)
    server.send_text("a")
    assert pump(client, server).to_client == as_bytes("81 01 61")
    assert pump(client, server) == (b"", b"")


def test_hypothesis_has_the_seed_of_the_run(request: pytest.FixtureRequest, seed: int) -> None:
    assert request.config.getoption("--hypothesis-seed") == str(seed)
    assert hypothesis.core.global_force_seed == seed
    assert hypothesis.settings.default is not None
    assert hypothesis.settings.default.print_blob


@pytest.mark.component("python3", hint="install Python")
def test_a_component_that_is_there_is_no_trouble(component: Callable[[str, str], None]) -> None:
    component("json", "a module will do, too")


@pytest.mark.parametrize("ci", ["", "true"])
def test_a_missing_component_fails_and_says_how_to_get_it(
    component: Callable[[str, str], None], monkeypatch: pytest.MonkeyPatch, ci: str
) -> None:
    monkeypatch.setenv("CI", ci)
    with pytest.raises(pytest.fail.Exception, match=r"no_such_program.*To get it: install it"):
        component("no_such_program", "install it")
