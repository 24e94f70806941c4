"""The command line: find the language, then the command, then let it run."""

from __future__ import annotations

import errno
import io
import sys
from collections.abc import Sequence
from importlib import import_module

from ..explain.near import nearest
from .context import Context, UserError
from .language import language_of
from .parser import Parser, top_parser

COMMANDS = (
    *("demo", "accept", "encode", "decode", "serve", "connect", "tap", "replay", "overhead", "rules"),
    *("exercises", "check", "grade", "lab", "quiz", "doctor"),
)
"""The commands, in the order of the help; each is a module of this package."""

_PICTURE_ERRORS = {"MissingFontError": "cli.font", "PictureTooLargeError": "cli.picture"}

DEPENDENCIES = ("numpy", "rich")
"""What wsedu cannot do without; missing where it is run from a folder in which it was not installed."""

DONE, NOT_SO, USAGE, INTERRUPTED = 0, 1, 2, 130


def run(arguments: Sequence[str]) -> int:
    """Run one command.

    Arguments:
        arguments: of the command line, without the program's name.

    Returns:
        0 done; 1 the thing asked about is not so; 2 usage or unreadable input; 130 interrupted.
    """
    debug = "--debug" in arguments
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that cannot show a sign shows a question mark; it is no reason to stop.
            stream.reconfigure(errors="replace")
    try:
        context = Context(language_of(arguments))
    except ValueError as error:
        print(f"wsedu: {error}", file=sys.stderr)  # noqa: T201 - no catalogue can be chosen
        return USAGE
    try:
        return _run(context, list(arguments))
    except KeyboardInterrupt:
        context.complain("cli.interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has seen enough; the interpreter must not try to flush it again.
        sys.stdout = io.StringIO()
        return DONE
    except SystemExit as error:
        return error.code if isinstance(error.code, int) else USAGE
    except Exception as error:
        if debug:
            raise
        return _explain(context, error)


def _run(context: Context, arguments: list[str]) -> int:
    place = _place_of_command(arguments)
    if place is None:
        top = top_parser(context, COMMANDS)
        top.parse_args(arguments)
        top.print_help()
        return DONE
    command = arguments[place]
    if command == "help":
        return _run(context, [*arguments[:place], *arguments[place + 1 :], "--help"])
    if command not in COMMANDS:
        later = next((argument for argument in arguments[place:] if argument in COMMANDS), None)
        if place and later is not None:
            raise UserError("cli.order", command=later)
        near = nearest(command, COMMANDS)
        raise UserError("cli.command_near" if near else "cli.command", command=command, near=near)
    module = import_module(f".{command}", __package__)
    parser = Parser(context, command)
    module.add_arguments(parser, context)
    parser.add_common_arguments()
    parsed = parser.parse_args(arguments[:place] + arguments[place + 1 :])
    context.use_colour(parsed.color)
    status = module.run(parsed, context)
    sys.stdout.flush()
    return int(status)


def _place_of_command(arguments: list[str]) -> int | None:
    """Where the command stands: the first argument that is no option and no value of a general one."""
    value = False
    for place, argument in enumerate(arguments):
        if value:
            value = False
        elif argument in ("--lang", "--color"):
            value = True
        elif not argument.startswith("-"):
            return place
    return None


def _explain(context: Context, error: Exception) -> int:
    """One line on standard error for whatever went wrong."""
    from ..extras import MissingExtraError
    from ..protocol.rules import ProtocolViolation

    if isinstance(error, UserError):
        context.complain(error.key, **error.facts)
    elif isinstance(error, MissingExtraError):
        context.complain("cli.extra", package=error.package, extra=error.extra, python=sys.executable)
    elif isinstance(error, ModuleNotFoundError) and error.name in DEPENDENCIES:
        context.complain("cli.dependency", package=error.name, python=sys.executable)
    elif isinstance(error, ProtocolViolation):
        from ..explain.words import violation_sentence

        context.complain("cli.problem", problem=violation_sentence(error, context.language))
    elif type(error).__name__ in _PICTURE_ERRORS:
        # By name: importing the views for every error would make each of them slow.
        context.complain(_PICTURE_ERRORS[type(error).__name__], **vars(error))
    elif isinstance(error, OSError):
        _explain_system(context, error)
    else:
        context.complain("cli.bug", problem=f"{type(error).__name__}: {error}")
    return USAGE


# What the operating system says most often, in the user's language and with what to do.
_SYSTEM = {
    errno.ENOENT: "cli.no_file",
    errno.EACCES: "cli.no_permission",
    errno.EPERM: "cli.no_permission",
    errno.EISDIR: "cli.is_folder",
    errno.ENOSPC: "cli.no_space",
}


def _explain_system(context: Context, error: OSError) -> None:
    if error.errno == errno.EADDRINUSE:
        context.complain("cli.port.busy")
    elif error.filename and error.errno in _SYSTEM:
        context.complain(_SYSTEM[error.errno], file=error.filename)
    elif error.filename:
        context.complain("cli.os", problem=error.strerror or str(error), file=error.filename)
    else:
        context.complain("cli.os_alone", problem=error.strerror or str(error))
