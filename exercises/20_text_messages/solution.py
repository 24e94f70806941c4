from collections.abc import Callable


def test_text_messages(read: Callable[[list[bytes]], str | None]) -> None:
    # <gap>
    for text in ("", "é€😀"):
        data = text.encode()
        assert read([data]) == text
        assert read([b"", *(data[at : at + 1] for at in range(len(data)))]) == text
    for wrong in (b"\xff", b"\xe2\x82", b"\xed\xa0\x80", b"\xc0\xaf", b"\xf4\x90\x80\x80"):
        assert read([wrong]) is None
        assert read([data, wrong]) is None
        assert read([wrong, data]) is None
    # </gap>
