"""Masking (RFC 6455 §5.3): byte i of the payload is XORed with byte i modulo 4 of the key; so is unmasking.

There is no per-byte loop here. Three methods are used, chosen by payload size
at the points where they cross when measured (CPython 3.11, numpy 2.4):

* up to ``_SMALL_MAX`` bytes: one XOR of two big integers;
* up to ``_SCRATCH_MAX`` bytes: numpy on a reused scratch buffer, because at
  this size creating the arrays costs more than the XOR itself;
* above: numpy in place on the copy that becomes the result.

numpy is imported at the first payload above ``_SMALL_MAX`` bytes; where it is
not installed, big integers do all the work.
"""

from __future__ import annotations

from io import BytesIO
from typing import Any

from . import rules
from .steps import MaskByte, Span, Tracer
from .types import Role, as_bytes

_SMALL_MAX = 383
_SCRATCH_MAX = 1024
_KEY_SIZE = 4
_WORD = 4
# Length of a 16-bit-length header (4 bytes) and the key: what comes before the
# payload in every client frame whose payload goes through the scratch buffer.
_SCRATCH_PREFIX = 8

# REPEAT[n] * key is the key repeated over at least n bytes (little-endian):
# a multiplication is cheaper than building and converting `key * count`.
REPEAT = [(1 << 32 * ((size + 3) // _WORD)) // 0xFFFFFFFF for size in range(_SMALL_MAX + 1)]

_from_bytes = int.from_bytes

# One scratch: (view of the whole buffer, the key word, the payload words, the
# whole buffer as an array). A thread takes one with pop() and gives it back with
# append(), both atomic, so no two threads ever share one.
_Scratch = tuple[memoryview, Any, Any, Any]
_scratches: list[_Scratch] = []

# What is used of numpy: None before the first use or when not installed.
_ndarray: Any = None
_uint32: Any = None
# A failed import is slow and not cached by Python: it is tried once.
_numpy_missing = False


def apply_mask(data: bytes | bytearray | memoryview, key: bytes, *, tracer: Tracer | None = None) -> bytes:
    """Mask or unmask a payload (RFC 6455 §5.3).

    Arguments:
        data: the payload.
        key: the masking key, 4 bytes.
        tracer: called with each byte.

    Returns:
        A new bytes object as long as `data`.

    Raises:
        LocalViolation: the key does not have 4 bytes.
    """
    if len(key) != _KEY_SIZE:
        rules.refuse(rules.KEY_LENGTH, None, length=len(key))
    payload = as_bytes(data)
    result = unmask_slice(payload, 0, len(payload), key)
    if tracer is not None:
        trace_mask(tracer, payload, key, result)
    return result


def unmask_slice(data: bytes, start: int, end: int, key: bytes, phase: int = 0) -> bytes:
    """Unmask the payload, or piece of payload, that lies in data[start:end].

    Arguments:
        data: Chunk as read from the socket.
        start: Index in ``data`` of the first byte to unmask.
        end: Index after the last byte, ``start <= end <= len(data)``.
        key: Masking key, 4 bytes (not checked, this is the receive hot path).
        phase: Number, in the payload, of the byte at ``start``.

    Returns:
        The ``end - start`` unmasked bytes as a new object.
    """
    if phase:
        turn = phase % _KEY_SIZE
        key = key[turn:] + key[:turn]
    size = end - start
    if size <= _SMALL_MAX:
        if not size:
            return b""
        # The mask may be up to 3 bytes longer than the payload: cut them off.
        plain = _from_bytes(data[start:end], "little") ^ _from_bytes(key, "little") * REPEAT[size]
        return plain.to_bytes(size + 3, "little")[:size]
    if _ndarray is None and not _load_numpy():
        return _xor_integers(data[start:end], key)
    if size <= _SCRATCH_MAX:
        scratch = _take_scratch()
        view, key_word, words, _ = scratch
        view[4 : size + 8] = key + data[start:end]
        words ^= key_word
        result: bytes = words.tobytes()[:size]
        _scratches.append(scratch)
        return result
    # The slice is referenced by the BytesIO only, which then hands it out
    # for writing, and as the result, without copying it.
    buffer = BytesIO(data[start:end])
    _xor_in_place(buffer, 0, size, key)
    return buffer.getvalue()


def masked_frame(header: bytes, payload: bytes, key: bytes) -> bytes:
    """Build a masked frame.

    Arguments:
        header: Frame header without the key: 2, 4 or 10 bytes.
        payload: Unmasked payload.
        key: Masking key, 4 bytes (not checked, this is the send hot path).

    Returns:
        ``header``, ``key`` and the masked payload in one new bytes object.
    """
    size = len(payload)
    if size <= _SMALL_MAX:
        if not size:
            return header + key
        masked = _from_bytes(payload, "little") ^ _from_bytes(key, "little") * REPEAT[size]
        return header + key + masked.to_bytes(size + 3, "little")[:size]
    if _ndarray is None and not _load_numpy():
        return header + key + _xor_integers(payload, key)
    start = len(header) + _KEY_SIZE
    if size <= _SCRATCH_MAX and start == _SCRATCH_PREFIX:
        scratch = _take_scratch()
        view, key_word, words, frame = scratch
        view[: size + 8] = header + key + payload
        words ^= key_word
        result: bytes = frame.tobytes()[: size + 8]
        _scratches.append(scratch)
        return result
    # The words to XOR must be aligned, so they may begin `lead` bytes before the
    # payload, in the key. There, zeros are put in: XORed they become the key.
    lead = start % _WORD
    if lead:
        kept = key[:-lead]
        buffer = BytesIO(header + kept + bytes(lead) + payload)
        key = key[-lead:] + kept
    else:
        buffer = BytesIO(header + key + payload)
    _xor_in_place(buffer, start - lead, start + size, key)
    return buffer.getvalue()


def _load_numpy() -> bool:
    """Import numpy, if it is installed, and keep what is used of it.

    Returns:
        Whether numpy is installed.
    """
    global _ndarray, _uint32, _numpy_missing
    if _numpy_missing:
        return False
    try:
        import numpy
    except ImportError:
        _numpy_missing = True
        return False
    # A dtype object: a name such as "u4" would be parsed at every call. It is
    # set first, as other threads take _ndarray as the sign that both are.
    _uint32 = numpy.dtype(numpy.uint32)
    _ndarray = numpy.ndarray
    return True


def _xor_integers(payload: bytes, key: bytes) -> bytes:
    """Mask a payload of any size without numpy.

    Arguments:
        payload: Payload, in bytes.
        key: Masking key, 4 bytes.

    Returns:
        The masked payload.
    """
    size = len(payload)
    mask = (key * (size // _KEY_SIZE + 1))[:size]
    return (_from_bytes(payload, "little") ^ _from_bytes(mask, "little")).to_bytes(size, "little")


def _take_scratch() -> _Scratch:
    """Take a free scratch buffer, or make one; numpy must be loaded.

    Returns:
        The scratch, to be given back with ``_scratches.append``.
    """
    try:
        return _scratches.pop()
    except IndexError:
        memory = bytearray(_SCRATCH_PREFIX + _SCRATCH_MAX)
        return (
            memoryview(memory),
            # 0-d: numpy's fast path broadcasts it, not a 1-element array.
            _ndarray((), _uint32, memory, 4),
            _ndarray(_SCRATCH_MAX // _WORD, _uint32, memory, _SCRATCH_PREFIX),
            _ndarray(len(memory), "u1", memory),
        )


def _xor_in_place(buffer: BytesIO, start: int, end: int, key: bytes) -> None:
    """Mask the bytes of ``buffer`` from ``start`` to its end, with numpy.

    Arguments:
        buffer: Bytes to change.
        start: Index of the first byte to mask, a multiple of 4 because numpy is
            slow on unaligned words.
        end: Size of the buffer.
        key: Masking key, 4 bytes, the first for the byte at ``start``.
    """
    # Both end with this function: BytesIO.getvalue() copies while a view lives.
    view = buffer.getbuffer()
    words = _ndarray((end - start) // _WORD, _uint32, view, start)
    words ^= _ndarray((), _uint32, key)
    rest = (end - start) % _WORD
    if rest:
        tail = view[end - rest :]
        masked = _from_bytes(tail, "little") ^ _from_bytes(key, "little")
        tail[:] = masked.to_bytes(_WORD, "little")[:rest]


def trace_mask(
    tracer: Tracer,
    given: bytes,
    key: bytes,
    result: bytes,
    *,
    endpoint: Role | None = None,
    span: Span | None = None,
    sent: bool = True,
    decided_by: str = "wsedu.protocol.masking:apply_mask",
) -> None:
    """Tell a tracer of each byte of a masking.

    Arguments:
        tracer: the hook.
        given: the payload before.
        key: the masking key.
        result: the payload after.
        endpoint: who masks or unmasks.
        span: of the payload.
        sent: False for a payload that was received.
        decided_by: the function that did it.
    """
    for index, (before, after) in enumerate(zip(given, result, strict=True)):
        place = None if span is None else Span(span.direction, span.first_bit + 8 * index, 8)
        tracer(
            MaskByte(
                endpoint=endpoint,
                span=place,
                decided_by=decided_by,
                index=index,
                given=before,
                key_byte=key[index % 4],
                result=after,
                sent=sent,
            )
        )
