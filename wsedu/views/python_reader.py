"""`read_python`: the bytes that a line of Python makes, for the few names that such a line needs; nothing is run."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from typing import Any

from ..protocol.frame import Frame
from ..protocol.frames import encode_frame
from ..protocol.rules import LocalViolation
from ..protocol.types import Opcode

MAX_BYTES = 1 << 22
"""Bytes that a line may make: `"*" * 10**9` is quickly typed."""

_FRAMES = ("text", "binary", "continuation", "ping", "pong", "close")
_CALLS: dict[str, Callable[..., Any]] = {
    "encode_frame": lambda frame: encode_frame(frame),
    "bytes.fromhex": bytes.fromhex,
    "Frame": Frame,
    **{f"Frame.{name}": getattr(Frame, name) for name in _FRAMES},
}
ALLOWED = ("encode_frame", "Frame", *(f"Frame.{name}" for name in _FRAMES), "bytes.fromhex", "Opcode")
"""The names that a line may use."""

_TYPES: dict[str, tuple[type, ...]] = {
    "frame": (Frame,),
    "opcode": (int,),
    "payload": (bytes,),
    "data": (bytes,),
    "text": (str,),
    "reason": (str,),
    "string": (str,),
    "code": (int, type(None)),
    "masking_key": (bytes, type(None)),
    "length_form": (int, type(None)),
    **dict.fromkeys(("fin", "rsv1", "rsv2", "rsv3"), (bool,)),
}
"""What each argument may be, by its name."""


class PythonLineError(ValueError):
    """The line is not one of those that can be read.

    Attributes:
        problem: `syntax`, `name`, `kind`, `argument`, `value` or `size`, for the catalogue.
        found: the part of the line that is wrong.
    """

    def __init__(self, problem: str, found: str = "") -> None:
        super().__init__(f"{problem}: {found!r}")
        self.problem = problem
        self.found = found[:60]


def read_python(line: str) -> bytes:
    """The bytes that a line makes.

    Arguments:
        line: an expression of `encode_frame`, `Frame`, `Frame.text` and its like, `bytes.fromhex`, `Opcode`,
            literals, `+` and `*`.

    Raises:
        PythonLineError: it is none; what is wrong.
    """
    try:
        made = _value(ast.parse(line.strip(), mode="eval").body)
    except SyntaxError as error:
        raise PythonLineError("syntax", (error.text or line).strip()[max(0, (error.offset or 1) - 1) :]) from None
    except (RecursionError, MemoryError, ValueError) as error:
        if isinstance(error, PythonLineError):
            raise
        raise PythonLineError("syntax", line.strip()) from None
    if isinstance(made, Frame):
        made = _encoded(made, line)
    if not isinstance(made, bytes):
        raise PythonLineError("kind", line.strip())
    return made


def _value(node: ast.expr) -> Any:
    match node:
        case ast.Constant(value=bytes() | str() | int() | None as value):
            return value
        case ast.BinOp(left=left, op=ast.Add() | ast.Mult() as operation, right=right):
            return _combined(node, _value(left), _value(right), isinstance(operation, ast.Mult))
        case ast.Call(func=function, args=arguments, keywords=keywords):
            return _called(node, ast.unparse(function), arguments, keywords)
        case ast.Attribute(value=ast.Name(id="Opcode"), attr=name) if name in Opcode.__members__:
            return int(Opcode[name])
    raise PythonLineError("name", ast.unparse(node))


def _combined(node: ast.expr, left: Any, right: Any, product: bool) -> Any:
    """The sum or the product, of what has one, and not too large."""
    if product and isinstance(left, int) and isinstance(right, (bytes, str)):
        left, right = right, left
    fits = isinstance(right, int) if product else type(left) is type(right)
    if not isinstance(left, (bytes, str)) or not fits:
        raise PythonLineError("kind", ast.unparse(node))
    if (len(left) * right if product else len(left) + len(right)) > MAX_BYTES:
        raise PythonLineError("size", ast.unparse(node))
    return left * right if product else left + right


def _called(node: ast.Call, name: str, arguments: list[ast.expr], keywords: list[ast.keyword]) -> Any:
    call = _CALLS.get(name)
    if call is None:
        raise PythonLineError("name", name)
    if any(keyword.arg is None for keyword in keywords):
        raise PythonLineError("argument", ast.unparse(node))
    values = [_value(argument) for argument in arguments]
    named = {str(keyword.arg): _value(keyword.value) for keyword in keywords}
    try:
        bound = inspect.signature(call).bind(*values, **named)
    except TypeError:
        raise PythonLineError("argument", ast.unparse(node)) from None
    for argument, value in bound.arguments.items():
        wanted = _TYPES.get(argument, (str,))
        if not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted):
            raise PythonLineError("argument", f"{argument}={value!r}"[:60])
    return _made(node, call, values, named)


def _made(node: ast.Call, call: Callable[..., Any], values: list[Any], named: dict[str, Any]) -> Any:
    try:
        return call(*values, **named)
    except (LocalViolation, ValueError, OverflowError):
        raise PythonLineError("value", ast.unparse(node)) from None


def _encoded(frame: Frame, line: str) -> bytes:
    try:
        return encode_frame(frame)
    except LocalViolation:
        raise PythonLineError("value", line.strip()) from None
