"""Bytes and text from the wire as they can be shown: nothing in them can reach the terminal as a command."""

from __future__ import annotations

_SHORT = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}


def bytes_hex(data: bytes, limit: int | None = None) -> str:
    """Bytes as lower-case hex with a space between them.

    Arguments:
        data: what to show.
        limit: bytes to show at most; `… (+n)` then says how many more there are. None shows all.
    """
    if limit is None or len(data) <= limit:
        return data.hex(" ")
    return f"{data[:limit].hex(' ')} {_more(len(data) - limit)}".lstrip()


def quoted(data: bytes | str, limit: int | None = None) -> str:
    """Text in double quotes, on one line, without anything that a terminal would obey.

    Valid UTF-8 is shown as it is; a byte that is not is shown as `\\xNN`, a character that cannot be printed as
    `\\n`, `\\x1b` or `\\u202e`, a quote as `\\"` and a backslash as `\\\\`.

    Arguments:
        data: text, or bytes that should be UTF-8.
        limit: bytes to show at most, cut between characters; `… (+n)` then says how many more there are.
    """
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    end = len(raw) if limit is None else _end_of_character(raw, limit)
    shown = f'"{printable(raw[:end], quote=True)}"'
    return shown if end == len(raw) else f"{shown} {_more(len(raw) - end)}"


def printable(data: bytes | str, *, quote: bool = False) -> str:
    """Text as `quoted` shows it, without the quotes around it.

    Arguments:
        data: text, or bytes that should be UTF-8.
        quote: also escape double quotes and backslashes.
    """
    if isinstance(data, str):
        return "".join(_character(character, quote) for character in data)
    if quote:
        data = data.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
    return "".join(_character(character, False) for character in data.decode("utf-8", "backslashreplace"))


def is_text(data: bytes) -> bool:
    """Whether bytes are UTF-8 that can be printed, so that showing them as text says more than hex."""
    try:
        return data.decode().isprintable()
    except UnicodeDecodeError:
        return False


def _end_of_character(data: bytes, limit: int) -> int:
    """Where to cut so that at most `limit` bytes are kept and no character of UTF-8 is cut in two."""
    end = min(limit, len(data))
    for back in range(min(4, end + 1)):
        if end == len(data) or data[end - back] & 0xC0 != 0x80:
            return end - back
    return end


def _character(character: str, quote: bool) -> str:
    if character.isprintable():
        return "\\" + character if quote and character in '"\\' else character
    if character in _SHORT:
        return _SHORT[character]
    code = ord(character)
    # A byte that is not UTF-8 is \xNN too, but never one below 0x80; so these forms cannot be confused.
    return f"\\x{code:02x}" if code < 0x80 else f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def _more(count: int) -> str:
    return f"… (+{count:,})"
