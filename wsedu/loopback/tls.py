"""TLS for lessons: a certificate authority that exists only as long as the process (extra `tls`)."""

from __future__ import annotations

import ssl
from typing import NamedTuple

from ..extras import require


class Contexts(NamedTuple):
    """The two ends of a TLS connection that trust each other.

    Arguments:
        server: has a certificate.
        client: trusts the authority that signed it, and nobody else.
        authority: the certificate of that authority in PEM, for clients of other programs.
    """

    server: ssl.SSLContext
    client: ssl.SSLContext
    authority: bytes


def throwaway_contexts(*names: str) -> Contexts:
    """TLS contexts with a certificate made on the spot.

    Arguments:
        names: host names and addresses that the certificate is for.

    Raises:
        MissingExtraError: trustme is not installed.
    """
    trustme = require("trustme", "tls")
    authority = trustme.CA()
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(*names).configure_cert(server)
    client = ssl.create_default_context()
    authority.configure_trust(client)
    return Contexts(server, client, authority.cert_pem.bytes())
