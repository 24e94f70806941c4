"""RFC 6455 without I/O: no socket, no clock, no randomness of its own, and no prose.

The modules follow the RFC: `uri` (§3), `http` and `handshake` (§4), `frames` and `layout` (§5.2),
`masking` (§5.3), `messages` (§5.4, §5.6), `closing` (§7), `extensions` (§9); `connection` puts them together
and `rules` is the table of everything that can be broken.
"""
