"""What the two sides may say to each other: plain data, exact built-in types, every size said before its bytes.

A value is one letter, a size or a number in ASCII, a colon, and what it holds: `i2:42`, `s5:Hello`, `l2:i1:1N`.
It is read without `eval`, `pickle` or `marshal`, so that no answer can make its reader do anything, and bounded, so
that none can keep its reader busy.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

MAX_BYTES = 2 * 1024 * 1024
"""The longest value that is read (bytes)."""

MAX_DEPTH = 32
"""How deep lists, tuples and dicts may stand in each other."""

MAX_ITEMS = 300_000
"""How many items all lists, tuples and dicts of a value may have together."""

MAX_PAIRS = 1000
"""How many pairs a dict may have: keys can be chosen so that each is compared with all before it."""

MAX_BITS, MAX_DIGITS = 4096, 1234
"""How long a whole number may be."""


class NotPlainError(Exception):
    """A value that is no plain data; its only argument names the type."""


class JunkError(Exception):
    """Bytes that are no value."""


class Function:
    """A function of the parent's that the child may call: its number in place of itself."""

    def __init__(self, number: int) -> None:
        self.number = number


def pack(value: object, depth: int = 0, left: list[int] | None = None) -> bytes:
    """A value as bytes.

    Raises:
        NotPlainError: its type, or that of something in it, is no exact built-in one, or it is too deep or too long.
    """
    if depth > MAX_DEPTH:
        raise NotPlainError("deep")
    if value is None:
        return b"N"
    if type(value) is bool:
        return b"T" if value else b"F"
    if type(value) is int:
        if value.bit_length() > MAX_BITS:
            raise NotPlainError("huge int")
        return _sized(b"i", b"%d" % value)
    if type(value) is float:
        return _sized(b"f", value.hex().encode())
    if type(value) is str:
        return _sized(b"s", value.encode("utf-8", "surrogatepass"))
    if type(value) is bytes:
        return _sized(b"b", value)
    if type(value) is bytearray:
        return _sized(b"a", bytes(value))
    if type(value) is Function:
        return _sized(b"c", b"%d" % value.number)
    if type(value) is list or type(value) is tuple:
        letter, items = b"l" if type(value) is list else b"t", value
    elif type(value) is dict:
        letter, items = b"d", [item for pair in value.items() for item in pair]
    else:
        raise NotPlainError(_name_of(type(value)))
    left = [MAX_ITEMS] if left is None else left
    left[0] -= len(items)
    if left[0] < 0 or (letter == b"d" and len(items) > 2 * MAX_PAIRS):
        raise NotPlainError("long")
    count = len(items) // (2 if letter == b"d" else 1)
    return letter + b"%d:" % count + b"".join([pack(item, depth + 1, left) for item in items])


def _sized(letter: bytes, content: bytes) -> bytes:
    return letter + b"%d:" % len(content) + content


def _name_of(kind: type) -> str:
    """The name of a class, also of one that says another."""
    name = type.__dict__["__name__"].__get__(kind)
    return name[:80] if type(name) is str else "?"


def unpack(data: bytes) -> object:
    """The value that these bytes are, all of them.

    Raises:
        JunkError: they are none.
    """
    try:
        value, end = _read(data, 0, 0, [MAX_ITEMS])
    except (ValueError, KeyError, IndexError, TypeError, OverflowError, MemoryError) as error:
        raise JunkError(str(error)) from None
    if end != len(data):
        raise JunkError("bytes after the value")
    return value


def _read(data: bytes, at: int, depth: int, left: list[int]) -> tuple[object, int]:
    """The value that begins at `at`, and where it ends; `left` counts down how many items there may still be."""
    letter = data[at : at + 1]
    if letter in _ALONE:
        return _ALONE[letter], at + 1
    colon = data.index(b":", at, at + 14)
    size, start = int(data[at + 1 : colon]), colon + 1
    if letter in (b"l", b"t", b"d"):
        items = []
        count = size * 2 if letter == b"d" else size
        left[0] -= count
        if left[0] < 0 or count < 0 or depth == MAX_DEPTH or (letter == b"d" and size > MAX_PAIRS):
            raise ValueError("too long, or too deep")
        for _ in range(count):
            item, start = _read(data, start, depth + 1, left)
            items.append(item)
        if letter == b"d":
            return dict(zip(items[::2], items[1::2], strict=True)), start
        return (items if letter == b"l" else tuple(items)), start
    content = data[start : start + size]
    if size < 0 or len(content) != size:
        raise ValueError("cut short")
    return _SCALARS[letter](content), start + size


def _integer(content: bytes) -> int:
    if len(content) > MAX_DIGITS + 1:
        raise ValueError("a number that is too long")
    return int(content)


_ALONE: dict[bytes, object] = {b"N": None, b"T": True, b"F": False}

_SCALARS: dict[bytes, Callable[[bytes], object]] = {
    b"i": _integer,
    b"f": lambda content: float.fromhex(content.decode("ascii")),
    b"s": lambda content: content.decode("utf-8", "surrogatepass"),
    b"b": bytes,
    b"a": bytearray,
    b"c": lambda content: Function(_integer(content)),
}


def same(first: object, second: object) -> bool:
    """Whether two values are equal, their types as well: `True` is not `1`, a list is no tuple; nan equals nan."""
    if type(first) is not type(second):
        return False
    if isinstance(first, (list, tuple)) and isinstance(second, (list, tuple)):
        return len(first) == len(second) and all(map(same, first, second))
    if isinstance(first, dict) and isinstance(second, dict):
        return first.keys() == second.keys() and all(same(item, second[key]) for key, item in first.items())
    if isinstance(first, float) and isinstance(second, float):
        return first.hex() == second.hex()
    return first == second
