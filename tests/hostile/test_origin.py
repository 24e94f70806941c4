"""Cross-site WebSocket hijacking (RFC 6455 §10.2): what the Origin check is for, shown with the check off and on.

The browser of a victim who is logged in at the bank also has a page of an attacker open. That page opens a
WebSocket to the bank; the browser adds the bank's cookie by itself, and tells the truth about where the page is from.
"""

from __future__ import annotations

import pytest

from wsedu.loopback import Endpoint, HandshakeFailed, connect, serve

from ..loopback.net import nothing_leaks as nothing_leaks
from ..loopback.net import run

BANK, EVIL = "https://bank.example", "https://evil.example"
COOKIE = ("Cookie", "session=of-the-victim")


async def bank(endpoint: Endpoint) -> None:
    """A server that knows its users by their cookie alone."""
    assert endpoint.request is not None
    known = endpoint.request.headers.get("Cookie") == COOKIE[1]
    await endpoint.send("balance: 1000" if known else "who are you?")


def balance_for(page: str | None, origins: list[str | None] | None) -> str | bytes:
    """What a page of that origin learns, in the victim's browser, of a bank with that list of origins."""

    async def main() -> str | bytes:
        async with serve(bank, origins=origins) as server, connect(server.uri, origin=page, headers=[COOKIE]) as socket:
            return await socket.recv()

    return run(main())


def test_with_the_check_off_a_foreign_page_reads_the_victims_account() -> None:
    assert balance_for(EVIL, origins=None) == "balance: 1000"


@pytest.mark.parametrize("page", [EVIL, "https://bank.example.evil.example", "http://bank.example", "null", None])
def test_with_the_check_on_it_is_refused(page: str | None) -> None:
    with pytest.raises(HandshakeFailed) as caught:
        balance_for(page, origins=[BANK])
    assert caught.value.response is not None
    assert caught.value.response.status == 403


def test_with_the_check_on_the_banks_own_page_is_served() -> None:
    assert balance_for(BANK, origins=[BANK]) == "balance: 1000"


def test_a_client_that_is_no_browser_says_what_it_likes() -> None:
    """The check protects users of browsers; it is no access control (§10.1)."""
    assert balance_for(BANK, origins=[BANK, None]) == "balance: 1000"


def test_nothing_listens_beyond_this_machine_unless_asked() -> None:
    for host in ("0.0.0.0", "::", "192.0.2.1", "example.com"):
        with pytest.raises(ValueError, match="loopback"):
            serve(bank, host)
