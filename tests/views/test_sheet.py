"""The sheet of some bytes: its line of Python read again, edits, what a change did, and the letters of a payload."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame as PeerFrame
from websockets.frames import Opcode as PeerOpcode

from wsedu.explain.catalogue import LANGUAGES, part_catalogue
from wsedu.protocol.dissection import dissect
from wsedu.protocol.frame import Frame, minimal_form
from wsedu.protocol.frames import encode_frame
from wsedu.protocol.types import Role
from wsedu.views.python_line import python_line
from wsedu.views.python_reader import PythonLineError, read_python
from wsedu.views.sheet import changes, flipped, sheet
from wsedu.views.sheet_bytes import letters
from wsedu.views.sheet_change import announced, changed_bits, happened
from wsedu.views.sheet_edits import LADDER, EditError, announce, close_body, rebuilt, resized, set_bits

HELLO = bytes.fromhex("818537fa213d7f9f4d5158")
"""RFC 6455 §5.7."""

payloads = st.one_of(
    st.binary(max_size=140), st.text(max_size=60).map(str.encode), st.integers(0, 300).map(b"x".__mul__)
)
frames = st.builds(
    Frame,
    st.integers(0, 15),
    payloads,
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.none() | st.binary(min_size=4, max_size=4),
).flatmap(
    lambda frame: st.sampled_from([form for form in (7, 16, 64) if form >= minimal_form(len(frame.payload))]).map(
        lambda form: frame._replace(length_form=form)
    )
)


# --- The line of Python ---


@given(st.lists(frames, max_size=3), st.binary(max_size=20))
def test_the_line_of_python_gives_the_bytes_that_it_was_made_of(made: list[Frame], rest: bytes) -> None:
    data = b"".join(map(encode_frame, made)) + rest
    line = python_line(dissect(data))
    if line:
        assert read_python(line) == data


@given(frames)
def test_python_itself_reads_the_line_as_we_do(frame: Frame) -> None:
    line = python_line(dissect(encode_frame(frame)))
    names = {"encode_frame": encode_frame, "Frame": Frame, "bytes": bytes, "__builtins__": {}}
    assert eval(line, names) == read_python(line)


@pytest.mark.parametrize("length", LADDER)
def test_a_long_payload_is_a_product_in_a_line_that_can_be_read(length: int) -> None:
    data = encode_frame(Frame(1, resized(b"Hello", length), masking_key=bytes(4)))
    line = python_line(dissect(data))
    assert len(line) < 150
    assert read_python(line) == data


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("open('x')", "name"),
        ("__import__('os').getcwd()", "name"),
        ("(lambda: b'')()", "name"),
        ("[b'a'][0]", "name"),
        ("encode_frame(Frame.text('a' if 1 else 'b'))", "name"),
        ("b'a' * (1 << 40)", "name"),
        ("b'a' * 99999999999", "size"),
        ("'x' * 4000000 + 'x' * 4000000", "size"),
        ("Frame.text(b'a')", "argument"),
        ("Frame.text('a', rsv1=True)", "argument"),
        ("Frame(True)", "argument"),
        ("Frame(1, b'', *[True])", "name"),
        ("Frame.text(**{})", "argument"),
        ("encode_frame(b'a')", "argument"),
        ("Frame(16)", "value"),
        ("Frame.close(65536)", "value"),
        ("Frame.text('a', masking_key=b'abc')", "value"),
        ("bytes.fromhex('8')", "value"),
        ("'text'", "kind"),
        ("7", "kind"),
        ("b'a' + 'a'", "kind"),
        ("-1", "name"),
        ("Frame.text('a'", "syntax"),
        ("a = 1", "syntax"),
        ("", "syntax"),
        ("(" * 5000, "syntax"),
        ("b'" + "\0" + "'", "syntax"),
    ],
)
def test_a_line_that_is_something_else_is_refused_and_nothing_is_run(line: str, problem: str) -> None:
    with pytest.raises(PythonLineError) as caught:
        read_python(line)
    assert caught.value.problem == problem
    assert len(caught.value.found) <= 60


def test_opcodes_may_be_named() -> None:
    assert read_python("Frame(Opcode.PING, b'a') ") == encode_frame(Frame.ping(b"a"))


# --- What is precomputed equals what is worked out ---


@given(st.lists(frames, min_size=1, max_size=2), st.data())
def test_the_changes_of_a_flip_give_its_whole_sheet(made: list[Frame], draw: st.DataObject) -> None:
    data = b"".join(map(encode_frame, made))
    now = sheet(data, "en")
    after = sheet(flipped(data, draw.draw(st.integers(0, 8 * len(data) - 1))), "en", before=dissect(data))
    found = changes(now, after)
    if "fields" in found:
        found["fields"] = [now["fields"][field] if isinstance(field, int) else field for field in found["fields"]]
    if "bytes" in found:
        found["bytes"] = [found["bytes"].get(str(place), caption) for place, caption in enumerate(now["bytes"])]
    if found.get("form") and now["form"]:
        found["form"] = now["form"] | found["form"]
    assert now | found == after


# --- What a change did ---


def test_the_extended_length_that_a_flip_makes_is_told_with_what_the_parser_waits_for() -> None:
    """From 124 to 126: the two bytes that follow become a length, and everything after them moves."""
    before = bytes.fromhex("817c37fa213d7f9f4d5158")
    after = flipped(before, 14)
    frame = dissect(after).frames[0]
    (raw,) = (field for field in dissect(after).fields if field.name == "extended_payload_length")
    told = happened(dissect(before), dissect(after), "en")
    assert "The parser now takes 37 fa as a 16-bit length, 14,330" in told
    assert f"waits for {frame.missing:,} more bytes" in told
    assert raw.value == announced(frame) == 14330
    assert frame.missing == 14330 - (len(after) - 4)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("bit", range(8 * len(HELLO)))
def test_every_flip_says_what_it_changed_with_the_numbers_of_the_parser(bit: int, language: str) -> None:
    before, after = dissect(HELLO), dissect(flipped(HELLO, bit))
    told = happened(before, after, language)
    (field,) = (field for field in before.fields if field.first_bit <= bit < field.first_bit + field.bits)
    assert sheet(HELLO, language)["fields"][before.fields.index(field)]["label"] in told
    if after.frames[0].missing:
        assert f"{after.frames[0].missing:,}" in told
    assert changed_bits(before, after, len(HELLO)) == [bit]


def test_a_key_that_is_no_longer_there_is_not_said_to_be_payload() -> None:
    before = dissect(HELLO)
    assert "which was the key" in happened(before, dissect(flipped(HELLO, 8)), "en")
    assert "which was the key" not in happened(before, dissect(rebuilt(HELLO, masking_key=None)), "en")
    assert "which was the key" not in happened(before, dissect(b"\x89\x00"), "en")


def test_nothing_is_told_where_nothing_changed() -> None:
    assert happened(dissect(HELLO), dissect(HELLO), "en") == ""


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("so long", 'reads the status code 1001 and the reason "so long".'),
        ("", "reads the status code 1001, and no reason."),
    ],
)
def test_of_a_close_frame_the_code_and_the_reason_are_read(reason: str, told: str) -> None:
    before, after = (encode_frame(Frame.close(*body)) for body in ((1000, "bye"), (1001, reason)))
    assert told in happened(dissect(before), dissect(after), "en")
    assert "1001" in happened(dissect(before), dissect(after), "zh")


def test_what_only_moved_is_not_marked_as_changed() -> None:
    unmasked = rebuilt(HELLO, masking_key=None)
    bits = changed_bits(dissect(HELLO), dissect(unmasked), len(unmasked))
    fin_to_opcode = range(8)
    assert not set(bits) & set(fin_to_opcode)
    assert 8 in bits
    masked_again = rebuilt(unmasked, masking_key=bytes.fromhex("37fa213d"))
    key = range(16, 48)
    assert set(key) <= set(changed_bits(dissect(unmasked), dissect(masked_again), len(HELLO)))


# --- Captions ---


@given(st.text(max_size=30))
def test_each_character_stands_at_its_first_byte(text: str) -> None:
    plain = text.encode()
    starts = [sign for sign in letters(plain) if sign != "‥"]
    assert len(starts) == len(text)
    assert all(sign == char for sign, char in zip(starts, text, strict=True) if char.isprintable() and char != " ")


@given(st.binary(max_size=30))
def test_every_byte_has_a_sign_whatever_it_is(data: bytes) -> None:
    assert len(letters(data)) == len(data)


def test_the_captions_name_each_byte_of_key_and_payload_and_take_the_mask_off() -> None:
    shown = sheet(HELLO, "en")["bytes"]
    assert [mark for _, mark, _ in shown] == ["", "", "K0", "K1", "K2", "K3", "P0", "P1", "P2", "P3", "P4"]
    assert [shown[0][0], shown[2][0], shown[6][0]] == ["byte 0", "2–5 masking key", "6–10 payload"]
    assert [below.split()[-1] for _, _, below in shown[6:]] == list("Hello")


def test_the_reason_of_a_close_is_unmasked_from_the_middle_of_the_key() -> None:
    data = encode_frame(Frame.close(1000, "bye", masking_key=bytes.fromhex("37fa213d")))
    captions = sheet(data, "en")["bytes"][-3:]
    wire = [int(below.split()[1], 16) ^ int(below.split()[3], 16) for _, _, below in captions]
    assert bytes(wire) == data[-3:]
    assert [below.split()[-1] for _, _, below in captions] == list("bye")


# --- Edits ---


@pytest.mark.parametrize("length", LADDER)
@pytest.mark.parametrize("masked", [True, False])
def test_the_ladder_makes_the_frames_that_another_library_makes(length: int, masked: bool) -> None:
    data = HELLO if masked else rebuilt(HELLO, masking_key=None)
    made = rebuilt(data, payload=resized(b"Hello", length))
    (frame,) = dissect(made).frames
    assert frame.frame is not None
    assert len(made) == len(PeerFrame(PeerOpcode.TEXT, frame.frame.payload).serialize(mask=masked))
    if not masked:
        assert made == PeerFrame(PeerOpcode.TEXT, frame.frame.payload).serialize(mask=False)


def test_what_follows_the_first_frame_stays() -> None:
    assert rebuilt(HELLO + b"\x89\x00", payload=b"") == bytes.fromhex("818037fa213d8900")


def test_a_longer_form_than_needed_stays_and_the_shortest_follows_the_payload() -> None:
    longer = encode_frame(Frame.text("Hello")._replace(length_form=64))
    assert dissect(rebuilt(longer, payload=b"x")).frames[0].frame == Frame.text("x")._replace(length_form=64)
    assert rebuilt(encode_frame(Frame.binary(bytes(126))), payload=b"x") == encode_frame(Frame.binary(b"x"))


def test_a_text_is_cut_between_its_characters() -> None:
    assert resized("añb".encode(), 2) == b"a*"
    assert resized(b"\xff\xfe\xfd", 2) == b"\xff\xfe"


def test_an_announced_length_leaves_the_payload_alone() -> None:
    made = announce(HELLO, 100)
    assert made[2:] == HELLO[2:]
    assert dissect(made).missing == 95


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda: announce(HELLO, 126), "room"),
        (lambda: announce(HELLO, -1), "room"),
        (lambda: rebuilt(encode_frame(Frame.binary(bytes(126))), length_form=7), "room"),
        (lambda: rebuilt(b"\x81", payload=b"x"), "header"),
        (lambda: rebuilt(b"", masking_key=None), "header"),
        (lambda: set_bits(b"", "fin", 1), "header"),
        (lambda: set_bits(HELLO, "opcode", 16), "room"),
        (lambda: close_body("", "why"), "reason"),
        (lambda: close_body("65536", ""), "code"),
        (lambda: close_body("ten", ""), "code"),
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_edit_without_room_says_why(make: object, problem: str, language: str) -> None:
    assert callable(make)
    with pytest.raises(EditError) as caught:
        make()
    assert caught.value.problem == problem
    assert part_catalogue("frame_builder", language).say(f"bad.{problem}", **caught.value.facts)


# --- Words ---


@pytest.mark.parametrize("language", LANGUAGES)
@given(st.binary(max_size=24), st.sampled_from(Role))
def test_there_are_words_for_any_bytes(language: str, data: bytes, sender: Role) -> None:
    made = sheet(data, language, sender, before=dissect(HELLO))
    assert made["sentence"]
    assert "{" not in made["sentence"] + made["happened"]


@pytest.mark.parametrize("part", ["frame_builder"])
def test_both_languages_have_the_same_texts(part: str) -> None:
    one, other = (part_catalogue(part, language) for language in LANGUAGES)
    assert one.keys() == other.keys()
