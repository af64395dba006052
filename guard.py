"""What the command line prints, on its way out: the one place where its text reaches a terminal.

`guarded` puts a stream in front of standard output and standard error that escapes what could steer a terminal, so that
nothing that prints goes past it, a library neither.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
import threading
import traceback
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


def _harmless(text: str) -> str:
    # Nearly all text is, and `insights --help` does not pay for the library. What is not printable is more than what
    # steers: the library tells them apart.
    if text.isprintable() or text.replace("\n", "").isprintable():
        return text
    from insights_core.terminal import escaped

    return escaped(text)


class Guarded:
    """A text stream that escapes what it writes, and says which stream it is that fails; else it is the one behind it."""

    def __init__(self, behind: Any, name: str) -> None:
        self.behind = behind
        self._name = name

    def write(self, text: str) -> int:
        """Write text, escaped."""
        with naming(self._name):
            self.behind.write(_harmless(text))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write each of these."""
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """See that all that was written has left."""
        with naming(self._name):
            self.behind.flush()

    def __iter__(self) -> Iterator[str]:
        return iter(self.behind)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.behind, name)


@contextmanager
def naming(name: str) -> Iterator[None]:
    """Have an `OSError` say whose it is, where the system did not know."""
    try:
        yield
    except OSError as error:
        if error.filename is None:
            error.filename = name
        raise


def behind(stream: Any) -> Any:
    """Return the stream behind a guard, for what steers the terminal on purpose and escapes its own cells."""
    return stream.behind if isinstance(stream, Guarded) else stream


@contextmanager
def guarded() -> Iterator[None]:
    """Guard standard output and standard error until the end of the block.

    Streams that were closed before the program began are put in their place, so that to use one is an `OSError` and not
    a crash, and so that no file which is opened later becomes one.
    """
    before = sys.stdin, sys.stdout, sys.stderr
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        stream = getattr(sys, name)
        setattr(
            sys,
            name,
            _dead(number) if stream is None else stream if number == 0 else Guarded(_tolerant(stream), _NAMES[number]),
        )
    try:
        yield
    finally:
        sys.stdin, sys.stdout, sys.stderr = before


def _dead(number: int) -> Any:
    # What may only be read cannot be written, and the other way round: the system itself says so at the first use.
    descriptor = os.open(os.devnull, os.O_WRONLY if number == 0 else os.O_RDONLY)
    if descriptor != number:
        os.dup2(descriptor, number)
        os.close(descriptor)
    file = open(number, "r" if number == 0 else "w", encoding="utf-8", errors="replace", closefd=False)  # noqa: SIM115
    return file if number == 0 else Guarded(file, _NAMES[number])


def _tolerant(stream: Any) -> Any:
    # A console that cannot show a character gets a question mark, not a traceback. One that says it knows ASCII alone
    # was never told its encoding.
    if hasattr(stream, "reconfigure"):
        ascii_alone = (getattr(stream, "encoding", None) or "").lower() in (
            "ascii",
            "us-ascii",
            "ansi_x3.4-1968",
            "646",
        )
        stream.reconfigure(errors="replace", **({"encoding": "utf-8"} if ascii_alone else {}))
    return stream


def exact(text: str) -> None:
    """Write text to standard output in UTF-8 with its own line ends, whatever those of the platform are."""
    with naming(_NAMES[1]):
        sys.stdout.flush()
        sys.stdout.buffer.write(_harmless(text).encode("utf-8", "replace"))


_NAMES = ("standard input", "standard output", "standard error")


def run(call: Callable[[], Any]) -> int:
    """Run a command and return its exit code; what ended it is said in one line.

    Args:
        call: Returns an exit code or nothing. Its errors are those of click, and those of the system.
    """
    try:
        with _ended_by_signals():
            try:
                return int(call() or 0)
            finally:
                sys.stdout.flush()
    except BrokenPipeError:
        _silence(sys.stdout)  # whoever read has enough, as `head` has
    except OSError as error:
        _silence(sys.stdout)
        # Only standard input is read past the guard, by prompts for example.
        name = error.filename or (_NAMES[0] if error.errno == errno.EBADF else None)
        return _said(click.ClickException(f"{name}: {error.strerror}" if name else str(error)))
    except click.ClickException as error:
        return _said(error)
    except (click.Abort, KeyboardInterrupt):
        with suppress(OSError):
            click.echo("Aborted!", err=True)
    except Exception:  # noqa: BLE001 - a bug: it traces, through the guard as all does
        with suppress(OSError):
            traceback.print_exc()
    return 1


def _said(error: click.ClickException) -> int:
    from insights_core.terminal import unbroken

    error.message = unbroken(error.message)  # type: ignore[misc]
    try:
        error.show()
        sys.stderr.flush()
    except OSError:
        _silence(sys.stderr)
    return error.exit_code


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Have SIGTERM and SIGHUP end the block as Ctrl-C does, so that what it began is put away."""

    def end(number: int, _: object) -> None:
        signal.signal(number, signal.SIG_IGN)  # once: a second one would end the putting away
        raise SystemExit(128 + number)

    ours = []
    if threading.current_thread() is threading.main_thread():
        for name in ("SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)
            # One that is ignored, as under nohup, stays so.
            if number is not None and signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, end)
                ours.append(number)
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, signal.SIG_DFL)


def _silence(stream: Any) -> None:
    # What it still holds would be tried once more when the interpreter ends, and fail once more.
    with suppress(OSError, ValueError, AttributeError):
        descriptor = stream.fileno()
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, descriptor)
        os.close(nowhere)
        stream.flush()
