"""Whom a client of ours trusts over TLS: the same two options in `connect`, `tap` and `replay`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from .context import UserError

if TYPE_CHECKING:
    import ssl

    from .context import Context
    from .parser import Parser


def add_trust(parser: Parser, context: Context) -> None:
    """The options `--ca` and `--insecure`, of which there may be one."""
    trust = parser.add_mutually_exclusive_group()
    trust.add_argument("--ca", metavar="FILE", help=context.say("cli.trust.ca"))
    trust.add_argument("--insecure", action="store_true", help=context.say("cli.trust.insecure"))


def trusted(arguments: argparse.Namespace, *, secure: bool) -> ssl.SSLContext | None:
    """What TLS with a server trusts: the authorities of a file, anybody, or those that Python knows.

    Arguments:
        arguments: with the options of `add_trust`.
        secure: whether the connection is over TLS at all.

    Returns:
        None where there is no TLS.

    Raises:
        UserError: an option that would have no effect, or a file that has no certificates.
        OSError: the file cannot be read.
    """
    import ssl

    if not secure:
        if arguments.ca or arguments.insecure:
            raise UserError("cli.trust.alone", option="--ca" if arguments.ca else "--insecure")
        return None
    if arguments.ca:
        # OpenSSL does not say which file it cannot read.
        Path(arguments.ca).open("rb").close()
    try:
        context = ssl.create_default_context(cafile=arguments.ca)
    except ssl.SSLError:
        raise UserError("cli.connect.ca.wrong", file=arguments.ca) from None
    if arguments.insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
