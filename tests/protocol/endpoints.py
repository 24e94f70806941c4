"""Open endpoints in every phase, and their frames, for the tests of `Connection`."""

from __future__ import annotations

from tests.support import URI, as_bytes, as_sent_by, open_endpoint
from wsedu.protocol.closing import Phase
from wsedu.protocol.connection import Connection
from wsedu.protocol.frame import Frame
from wsedu.protocol.frames import FrameDecoder
from wsedu.protocol.types import Role

CLOSE_1000 = as_bytes("88 02 03 e8")


def frames_of(endpoint: Connection) -> list[Frame]:
    """The frames that an endpoint wants to write, read by a decoder that judges them as its peer would."""
    decoder = FrameDecoder(endpoint.role.peer)
    frames = decoder.feed(endpoint.data_to_send())
    assert decoder.violation is None
    assert not decoder.mid_frame
    return frames


def only_frame(endpoint: Connection) -> Frame:
    """The one frame that an endpoint wants to write."""
    [frame] = frames_of(endpoint)
    return frame


def from_peer(endpoint: Connection, *frames: str | bytes) -> bytes:
    """Unmasked frames as the peer of that endpoint sends them."""
    return b"".join(as_sent_by(endpoint.role.peer, frame) for frame in frames)


def in_phase(role: Role, phase: Phase) -> Connection:
    """An endpoint in a phase, its output and events taken."""
    if phase is Phase.CONNECTING:
        endpoint = Connection(role, URI)
    else:
        endpoint = open_endpoint(role)
    if phase in (Phase.CLOSE_SENT, Phase.CLOSE_EXCHANGED):
        endpoint.close()
    if phase is Phase.CLOSE_EXCHANGED:
        endpoint.receive_data(from_peer(endpoint, CLOSE_1000))
    if phase is Phase.FAILED:
        endpoint.receive_data(from_peer(endpoint, "83 00"))
    if phase is Phase.CLOSED:
        endpoint.receive_eof()
    endpoint.data_to_send()
    endpoint.events()
    assert endpoint.phase is phase
    return endpoint
