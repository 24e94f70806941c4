"""What `test_text_messages` has to do: let right readers pass, and notice each wrong one."""

import codecs
from collections.abc import Callable
from random import Random

from wsedu.grading.steps import Case, Step, call, holds, judged, raises, step
from wsedu.protocol.utf8 import Utf8Pieces

Read = Callable[[list[bytes]], "str | None"]


def steps(random: Random) -> list[Step]:
    """Right readers in several styles, then wrong ones, a family per step."""
    return [
        step("right", *(_passes(read) for read in (with_core, in_one, step_by_step))),
        step("cut", *map(_noticed, (_each_alone, _one_byte_held, _cut_is_lost))),
        step("wrong", *(_noticed(_decoding(errors=name)) for name in ("replace", "ignore")), _noticed(_any_bytes)),
        step("place", *map(_noticed, (_first_only, _last_only))),
        step("end", *map(_noticed, (_end_forgotten, _end_replaced))),
        step("forms", *map(_noticed, (_halves_accepted, _long_forms_accepted, _too_high_accepted))),
        step("good", *map(_noticed, (_all_refused, *map(_size_refused, (2, 3, 4)), _empty_refused))),
    ]


def _passes(read: Read) -> Case:
    return judged(call("test_text_messages", read), holds(lambda _: True, "passes"))


def _noticed(read: Read) -> Case:
    return raises(call("test_text_messages", read), "AssertionError")


# --- Right ---


def with_core(fragments: list[bytes]) -> str | None:
    """As wsedu itself judges text that comes in pieces."""
    pieces = Utf8Pieces()
    last = len(fragments) - 1
    if any(pieces.wrong(fragment, at == last) is not None for at, fragment in enumerate(fragments)):
        return None
    return b"".join(fragments).decode()


def in_one(fragments: list[bytes]) -> str | None:
    """Joined first."""
    return _decoding()(fragments)


def step_by_step(fragments: list[bytes]) -> str | None:
    """By an incremental decoder."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        return "".join(decoder.decode(fragment) for fragment in fragments) + decoder.decode(b"", True)
    except ValueError:
        return None


# --- Wrong ---


def _decoding(encoding: str = "utf-8", errors: str = "strict") -> Read:
    """Joined, and decoded in this way."""

    def read(fragments: list[bytes]) -> str | None:
        try:
            return b"".join(fragments).decode(encoding, errors)
        except ValueError:
            return None

    return read


def _each_alone(fragments: list[bytes]) -> str | None:
    texts = [in_one([fragment]) for fragment in fragments]
    return None if None in texts else "".join(text or "" for text in texts)


def _one_byte_held(fragments: list[bytes]) -> str | None:
    """A character may be split, but only after its first byte."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for fragment in fragments[:-1]:
            decoder.decode(fragment)
            if len(decoder.getstate()[0]) > 1:
                return None
    except ValueError:
        return None
    return in_one(fragments)


def _cut_is_lost(fragments: list[bytes]) -> str | None:
    text = in_one(fragments)
    return text and "".join(fragment.decode(errors="ignore") for fragment in fragments)


def _any_bytes(fragments: list[bytes]) -> str | None:
    text = in_one(fragments)
    return _decoding("latin-1")(fragments) if text is None else text


def _first_only(fragments: list[bytes]) -> str | None:
    """Only the first fragment is judged, as far as it goes."""
    if Utf8Pieces().wrong(fragments[0], len(fragments) == 1) is not None:
        return None
    return _decoding(errors="replace")(fragments)


def _last_only(fragments: list[bytes]) -> str | None:
    """Only the last fragment is judged, where a character begins in it."""
    last = fragments[-1].lstrip(bytes(range(0x80, 0xC0))) if len(fragments) > 1 else fragments[-1]
    return None if in_one([last]) is None else _decoding(errors="replace")(fragments)


def _end_forgotten(fragments: list[bytes]) -> str | None:
    """What is left over of a character at the end is not looked at."""
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(b"".join(fragments))
    except ValueError:
        return None


def _end_replaced(fragments: list[bytes]) -> str | None:
    return None if _end_forgotten(fragments) is None else _decoding(errors="replace")(fragments)


def _halves_accepted(fragments: list[bytes]) -> str | None:
    """Halves of surrogate pairs, ed a0 80 to ed bf bf, are taken for characters."""
    return _decoding(errors="surrogatepass")(fragments)


def _long_forms_accepted(fragments: list[bytes]) -> str | None:
    """c0 and c1 begin characters that one byte would do for."""
    data, plain = b"".join(fragments), bytearray()
    for byte in data:
        if plain and plain[-1] in (0xC0, 0xC1) and 0x80 <= byte < 0xC0:
            plain[-1] = (plain[-1] & 1) << 6 | byte & 0x3F
        else:
            plain.append(byte)
    return in_one([bytes(plain)])


def _too_high_accepted(fragments: list[bytes]) -> str | None:
    """Four bytes from f4 90 80 80 on are a character beyond the last, U+10FFFF."""
    data = b"".join(fragments)
    for byte in range(0x90, 0xC0):
        data = data.replace(bytes([0xF4, byte]), b"\xf4\x8f")
    return in_one([data])


def _all_refused(fragments: list[bytes]) -> str | None:
    return None


def _size_refused(size: int) -> Read:
    """Characters of so many bytes are refused."""

    def read(fragments: list[bytes]) -> str | None:
        text = in_one(fragments)
        return None if text is None or any(len(letter.encode()) == size for letter in text) else text

    return read


def _empty_refused(fragments: list[bytes]) -> str | None:
    return in_one(fragments) or None
