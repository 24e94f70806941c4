"""What the two sides may say to each other: plain data, exact built-in types, every size said before its bytes.

A value is one letter, a size or a number in ASCII, a colon, and what it holds: `i2:42`, `s5:Hello`, `l2:i1:1N`.
It is read without `eval`, `pickle` or `marshal`, so that no answer can make its reader do anything.
"""

MAX_BYTES = 16 * 1024 * 1024
"""The longest value that is read (bytes)."""

MAX_DEPTH = 32
"""How deep lists, tuples and dicts may stand in each other."""


class NotPlainError(Exception):
    """A value that is no plain data; its only argument names the type."""


class JunkError(Exception):
    """Bytes that are no value."""


class Function:
    """A function of the parent's that the child may call: its number in place of itself."""

    def __init__(self, number):
        self.number = number


def pack(value, depth=0):
    """A value as bytes.

    Raises:
        NotPlainError: its type, or that of something in it, is no exact built-in one, or it is too deep or too long.
    """
    if depth > MAX_DEPTH:
        raise NotPlainError("deep")
    kind = type(value)
    if value is None:
        return b"N"
    if kind is bool:
        return b"T" if value else b"F"
    if kind is int:
        if value.bit_length() > 4096:
            raise NotPlainError("huge int")
        return _sized(b"i", b"%d" % value)
    if kind is float:
        return _sized(b"f", value.hex().encode())
    if kind is str:
        return _sized(b"s", value.encode("utf-8", "surrogatepass"))
    if kind is bytes or kind is bytearray:
        return _sized(b"b" if kind is bytes else b"a", bytes(value))
    if kind is Function:
        return _sized(b"c", b"%d" % value.number)
    if kind is list or kind is tuple:
        parts = [pack(item, depth + 1) for item in value]
        return (b"l%d:" if kind is list else b"t%d:") % len(parts) + b"".join(parts)
    if kind is dict:
        pairs = [pack(key, depth + 1) + pack(item, depth + 1) for key, item in value.items()]
        return b"d%d:" % len(pairs) + b"".join(pairs)
    raise NotPlainError(str(getattr(kind, "__name__", "?"))[:80])


def _sized(letter, content):
    return letter + b"%d:" % len(content) + content


def unpack(data):
    """The value that these bytes are, all of them.

    Raises:
        JunkError: they are none.
    """
    try:
        value, end = _read(data, 0, 0)
    except (ValueError, KeyError, IndexError, TypeError, OverflowError, MemoryError) as error:
        raise JunkError(str(error)) from None
    if end != len(data):
        raise JunkError("bytes after the value")
    return value


def _read(data, at, depth):
    if depth > MAX_DEPTH:
        raise ValueError("too deep")
    letter = data[at : at + 1]
    if letter in (b"N", b"T", b"F"):
        return {b"N": None, b"T": True, b"F": False}[letter], at + 1
    colon = data.index(b":", at, at + 14)
    size, start = int(data[at + 1 : colon]), colon + 1
    if size < 0 or size > len(data):
        raise ValueError("a size that cannot be")
    if letter in (b"l", b"t", b"d"):
        items = []
        for _ in range(size * (2 if letter == b"d" else 1)):
            item, start = _read(data, start, depth + 1)
            items.append(item)
        if letter == b"d":
            return dict(zip(items[::2], items[1::2], strict=True)), start
        return (items if letter == b"l" else tuple(items)), start
    content = data[start : start + size]
    if len(content) != size:
        raise ValueError("cut short")
    return _SCALARS[letter](content), start + size


_SCALARS = {
    b"i": int,
    b"f": lambda content: float.fromhex(content.decode("ascii")),
    b"s": lambda content: content.decode("utf-8", "surrogatepass"),
    b"b": bytes,
    b"a": bytearray,
    b"c": lambda content: Function(int(content)),
}


def same(first, second):
    """Whether two values are equal, their types as well: `True` is not `1`, a list is no tuple; nan equals nan."""
    if type(first) is not type(second):
        return False
    if type(first) in (list, tuple):
        return len(first) == len(second) and all(map(same, first, second))
    if type(first) is dict:
        return first.keys() == second.keys() and all(same(item, second[key]) for key, item in first.items())
    if type(first) is float:
        return first.hex() == second.hex()
    return first == second
