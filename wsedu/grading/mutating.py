"""Small changes to a solution: each is a mistake that the checks have to notice.

An AST mutator. It covers constants as well (numbers, text, bytes), comparisons, arithmetic and bit operators, `and`
and `or`, `not`, calls, what is returned, statements left out, conditions that are always true or false, and the ends
of slices.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
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
    seen = {ast.unparse(tree)}
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        if not first <= line <= last:
            continue
        for change in _changes(node):
            source = _changed(tree, node, change)
            if source is not None and source not in seen:
                seen.add(source)
                yield Mutant(line, _described(solution, source), source)


Change = Callable[[Any], ast.AST | None]
"""Makes, from a copy of a node, what takes its place; None leaves the statement out."""


def _changes(node: ast.AST) -> Iterator[Change]:
    if isinstance(node, ast.Constant):
        yield from (partial(_instead, ast.Constant(value)) for value in _values(node.value))
    for kind, changes in _OF_NODES.items():
        if isinstance(node, kind):
            yield from changes(node)


def _values(value: Any) -> Iterator[Any]:
    """Constants that a constant is easily mistaken for."""
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield from {value + 1, value - 1, 0} - {value}
    elif isinstance(value, str | bytes):
        yield value + type(value)(b"x") if isinstance(value, bytes) else f"{value}x"
        if value:
            yield value[1:]
        if isinstance(value, str) and value.swapcase() != value:
            yield value.swapcase()


def _instead(made: ast.AST, _: ast.AST) -> ast.AST:
    return made


def _comparisons(node: ast.Compare) -> Iterator[Change]:
    for kind in _COMPARISONS.get(type(node.ops[0]), ()):
        yield partial(_with, ops=[kind(), *node.ops[1:]])


def _operators(node: ast.BinOp | ast.AugAssign) -> Iterator[Change]:
    for kind in _OPERATORS.get(type(node.op), ()):
        yield partial(_with, op=kind())


def _joins(node: ast.BoolOp) -> Iterator[Change]:
    yield partial(_with, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())
    for place in range(len(node.values)):
        yield partial(_without, place)


def _without(place: int, node: Any) -> Any:
    """One operand of `and` or `or` fewer."""
    rest = node.values[:place] + node.values[place + 1 :]
    return rest[0] if len(rest) == 1 else _with(node, values=rest)


def _negations(node: ast.UnaryOp) -> Iterator[Change]:
    if isinstance(node.op, ast.Not):
        yield lambda copied: copied.operand


def _tests(node: ast.If | ast.IfExp | ast.While) -> Iterator[Change]:
    yield partial(_with, test=ast.Constant(False))
    if not isinstance(node, ast.While):
        yield partial(_with, test=ast.Constant(True))


def _ends(node: ast.Slice) -> Iterator[Change]:
    for end in ("lower", "upper"):
        if getattr(node, end) is not None:
            yield partial(_with, **{end: None})


def _calls(node: ast.Call) -> Iterator[Change]:
    """What a function of one argument was given, in place of what it makes of it."""
    if len(node.args) == 1 and not node.keywords:
        yield lambda copied: copied.args[0]


def _returns(node: ast.Return) -> Iterator[Change]:
    if node.value is not None and not (isinstance(node.value, ast.Constant) and node.value.value is None):
        yield partial(_with, value=None)


def _statements(node: ast.stmt) -> Iterator[Change]:
    if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
        yield lambda _: None


_OF_NODES: dict[Any, Callable[[Any], Iterator[Change]]] = {
    ast.Compare: _comparisons,
    ast.BinOp | ast.AugAssign: _operators,
    ast.BoolOp: _joins,
    ast.UnaryOp: _negations,
    ast.If | ast.IfExp | ast.While: _tests,
    ast.Slice: _ends,
    ast.Call: _calls,
    ast.Return: _returns,
    ast.Assign | ast.AugAssign | ast.Expr | ast.Raise | ast.Delete | ast.Continue | ast.Break: _statements,
}
"""What can be changed in which kind of node."""


def _with(node: Any, **fields: Any) -> Any:
    for name, value in fields.items():
        setattr(node, name, value)
    return node


def _changed(tree: ast.Module, node: ast.AST, change: Change) -> str | None:
    """The file with the node changed; None where that is no file any more."""
    memo: dict[int, Any] = {}
    copied: Any = copy.deepcopy(tree, memo)
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


def _described(solution: str, source: str) -> str:
    """The line that was changed, before and after."""
    before = ast.unparse(ast.parse(solution)).splitlines()
    after = source.splitlines()
    for old, new in zip(before, after, strict=False):
        if old != new:
            return f"{old.strip()}  →  {new.strip()}"
    return f"{before[-1].strip()}  →  "
