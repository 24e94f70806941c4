"""Small changes to a solution: each is a mistake that the checks have to notice.

An AST mutator. It covers constants as well (numbers, text, bytes), comparisons, arithmetic and bit operators, `and`
and `or`, `not`, statements left out, conditions that are always true or false, and the ends of slices.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from .gap import gap_lines

_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}

_OPERATORS: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Add,),
    ast.Mod: (ast.FloorDiv,),
    ast.FloorDiv: (ast.Mod,),
    ast.BitAnd: (ast.BitOr,),
    ast.BitOr: (ast.BitAnd, ast.BitXor),
    ast.BitXor: (ast.BitAnd, ast.BitOr),
    ast.LShift: (ast.RShift,),
    ast.RShift: (ast.LShift,),
}


@dataclass(frozen=True)
class Mutant:
    """A changed solution.

    Arguments:
        line: of the file, from 1.
        change: what was changed into what, as one line of text.
        source: the whole file.
    """

    line: int
    change: str
    source: str


def mutants_of(template: str, solution: str) -> Iterator[Mutant]:
    """All mutants of what stands in the gap.

    Arguments:
        template: the file with the marks of its gap.
        solution: the file without them.
    """
    first, last = gap_lines(template)
    tree = ast.parse(solution)
    places = [node for node in ast.walk(tree) if first <= getattr(node, "lineno", 0) <= last]
    seen = {ast.unparse(tree)}
    for node in places:
        for change in _changes(node):
            source = _changed(tree, node, change)
            if source is not None and source not in seen:
                seen.add(source)
                yield Mutant(node.lineno, _described(solution, node, source), source)


Change = Callable[[Any], ast.AST | None]
"""Makes, from a copy of a node, what takes its place; None leaves the statement out."""


def _changes(node: ast.AST) -> Iterator[Change]:
    match node:
        case ast.Constant(value=bool(value)):
            yield lambda _: ast.Constant(not value)
        case ast.Constant(value=int(value)):
            for other in {value + 1, value - 1, 0} - {value}:
                yield lambda _, other=other: ast.Constant(other)
        case ast.Constant(value=str(text)):
            yield lambda _: ast.Constant(text + "x")
            if text:
                yield lambda _: ast.Constant(text[1:])
                if text.swapcase() != text:
                    yield lambda _: ast.Constant(text.swapcase())
        case ast.Constant(value=bytes(data)):
            yield lambda _: ast.Constant(data + b"x")
            if data:
                yield lambda _: ast.Constant(data[1:])
        case ast.Compare(ops=[one, *_]):
            for other in _COMPARISONS.get(type(one), ()):
                yield lambda copied, other=other: _with(copied, ops=[other(), *copied.ops[1:]])
        case ast.BinOp(op=operator) | ast.AugAssign(op=operator):
            for kind in _OPERATORS.get(type(operator), ()):
                yield lambda copied, kind=kind: _with(copied, op=kind())
        case ast.BoolOp(op=operator):
            yield lambda copied: _with(copied, op=ast.Or() if isinstance(copied.op, ast.And) else ast.And())
            for place in range(len(node.values)):
                yield (
                    lambda copied, place=place: (
                        _with(copied, values=copied.values[:place] + copied.values[place + 1 :])
                        if len(copied.values) > 2
                        else copied.values[1 - place]
                    )
                )
        case ast.UnaryOp(op=ast.Not()):
            yield lambda copied: copied.operand
        case ast.If() | ast.IfExp() | ast.While():
            yield lambda copied: _with(copied, test=ast.Constant(False))
            if not isinstance(node, ast.While):
                yield lambda copied: _with(copied, test=ast.Constant(True))
        case ast.Slice():
            if node.lower is not None:
                yield lambda copied: _with(copied, lower=None)
            if node.upper is not None:
                yield lambda copied: _with(copied, upper=None)
        case ast.Assign() | ast.AugAssign() | ast.Expr() | ast.Raise() | ast.Delete() | ast.Continue() | ast.Break():
            if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
                yield lambda _: None


def _with(node: Any, **fields: Any) -> Any:
    for name, value in fields.items():
        setattr(node, name, value)
    return node


def _changed(tree: ast.Module, node: ast.AST, change: Change) -> str | None:
    """The file with the node changed; None where that is no file any more."""
    memo: dict[int, Any] = {}
    copied = copy.deepcopy(tree, memo)
    target = memo[id(node)]
    made = change(target)
    if made is not target:
        copied = _Replaced(target, made if made is not None else ast.Pass()).visit(copied)
    try:
        source = ast.unparse(ast.fix_missing_locations(copied))
        compile(source, "mutant", "exec")
    except (ValueError, SyntaxError, TypeError, AttributeError):
        return None
    return source


class _Replaced(ast.NodeTransformer):
    """One node becomes another."""

    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self._old, self._new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        return self._new if node is self._old else self.generic_visit(node)


def _described(solution: str, node: ast.AST, source: str) -> str:
    """The line that was changed, before and after."""
    before = ast.unparse(ast.parse(solution)).splitlines()
    after = source.splitlines()
    for old, new in zip(before, after, strict=False):
        if old != new:
            return f"{old.strip()}  →  {new.strip()}"
    return f"{before[-1].strip()}  →  "
