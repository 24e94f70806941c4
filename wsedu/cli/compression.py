"""The extensions that `--compress` stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..protocol.extensions import ExtensionFactory


def extensions_for(compress: bool) -> tuple[ExtensionFactory, ...]:
    """What an endpoint offers or accepts.

    Arguments:
        compress: have permessage-deflate (RFC 7692) with its default parameters.
    """
    if not compress:
        return ()
    from ..protocol.deflate import PerMessageDeflateFactory

    return (PerMessageDeflateFactory(),)
