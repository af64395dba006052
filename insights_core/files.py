"""Files that we write for others: whole under their names, or what was there before; the one place that makes them.

What is written goes into a file of an odd name beside the target, which takes the target's name once it is whole and on
disk. That is only done to regular files: a device, a pipe or a socket is written straight into.
"""

from __future__ import annotations

import errno
import os
import re
import secrets
import stat
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from .errors import FileFailed, InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

PRIVATE: Final = 0o600
"""Permissions of a new file: its owner's alone, since queries, views and keys are nobody else's business."""

_EVERYBODY: Final = 0o777
_MOST_LINKS: Final = 40  # as many as Linux follows
_BLOCK: Final = 2**16
_STANDARD: Final = {"/dev/stdin": 0, "/dev/stdout": 1, "/dev/stderr": 2}
_DESCRIPTOR: Final = re.compile(r"/(?:proc/[0-9]+|dev)/fd/([0-9]+)")
# Folders that cannot be opened or synchronised at all: Windows, some network and FUSE file systems.
_NO_SYNC: Final = {errno.EINVAL, errno.ENOTSUP, errno.EBADF, errno.EACCES, errno.EPERM, errno.EISDIR}
# File systems without hard links, and those that forbid them to whoever does not own the file.
_NO_LINK: Final = {errno.EPERM, errno.EACCES, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK, errno.EINVAL}
_TOLD: Final = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the quota of the disk is used up",
    errno.ENAMETOOLONG: "the name is too long for this file system",
    errno.ENOENT: "its folder does not exist",
    errno.EROFS: "the file system is read-only",
    errno.EBUSY: "it is in use as a mount point: choose another path",
}


class Output:
    """A file that is being written; what goes wrong names it."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self._file = file
        self._name = name

    def write(self, data: bytes) -> None:
        """Write all of it, or raise `FileFailed`; `BrokenPipeError` where nobody reads the other end."""
        with _told(self._name):
            self._file.write(data)

    def isatty(self) -> bool:
        """Whether it is a terminal."""
        return self._file.isatty()


@contextmanager
def writing(path: str | os.PathLike[str], *, mode: int | None = None, replace: bool = True) -> Iterator[Output]:
    """Write a file that takes this name when the block has ended well; until then, what was there stands.

    What is no regular file is written straight into: a device, a pipe, `/dev/stdout`. Links are followed and stay.

    Args:
        path: Where to.
        mode: Permissions, as `os.chmod` takes them; by default those of the file that is replaced, `PRIVATE` for a new one.
        replace: Whether a file of this name may be there already.

    Raises:
        FileFailed: It is there, and `replace` was not given, or it cannot be written; nothing is left of the attempt.
        InvalidInput: The path or the mode is none.
    """
    name = checked(path)
    checked_mode(mode)
    with _told(name):
        place = _place(name)
    if place.straight:
        with _told(name):
            file = _opened(place)
        with _closing(file, name):
            yield Output(file, name)
        return
    with beside(place.path, mode=mode, shown=name, replace=replace) as temporary:
        with _told(name):
            file = temporary.open("wb", buffering=_BLOCK)
        with _closing(file, name):
            yield Output(file, name)


@contextmanager
def beside(path: Path, *, mode: int | None = None, shown: str = "", replace: bool = True) -> Iterator[Path]:
    """Lend an empty file beside `path` that takes its name, synchronised, when the block has ended well.

    Args:
        path: The target, its links followed.
        mode: As for `writing`.
        shown: What errors call the target.
        replace: Whether the target may be there already.

    Raises:
        FileFailed: As for `writing`, or the target is there and `replace` was not given.
    """
    shown = shown or str(path)
    # Short, whatever the length of the target's name, which may be as long as the file system takes.
    temporary = path.with_name(f".insights-{secrets.token_hex(8)}.unfinished")
    made = False
    try:
        with _told(shown):
            before = _status(path)
            if before is not None and not replace:
                raise FileFailed(f"{shown} exists already: choose another path, or remove it")
            if before is not None and not os.access(path, os.W_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            made = True  # a signal may come before the next line has ended
            try:
                descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
            except FileExistsError:
                made = False
                raise
            os.close(descriptor)
        yield temporary
        with _told(shown):
            _finish(temporary, before, mode)
            if replace:
                temporary.replace(path)
            else:
                _rename_to_new(temporary, path, shown)
            _synchronise_folder(path.parent)
    finally:
        if made:
            # SQLite leaves a journal beside a file that it could not finish.
            for rest in ("", "-journal", "-wal", "-shm"):
                with suppress(OSError):
                    temporary.with_name(temporary.name + rest).unlink(missing_ok=True)


def checked(path: Any) -> str:
    """Return a path as text; `InvalidInput` for what is none."""
    try:
        name = os.fspath(path)
    except TypeError:
        raise InvalidInput(f"a path must be text or a path, not {path!r:.60}") from None
    if not isinstance(name, str) or not is_name(name):
        raise InvalidInput(f"a path must name a file, not {name!r:.60}")
    return name


def is_name(text: str) -> bool:
    """Whether a text can be a path at all: it has no NUL, and characters that the file system can encode."""
    try:
        os.fsencode(text)
    except UnicodeEncodeError:
        return False
    return bool(text) and "\0" not in text


def checked_mode(mode: object) -> None:
    """Refuse what are no permissions of a file."""
    if mode is not None and (isinstance(mode, bool) or not isinstance(mode, int) or not 0 <= mode <= _EVERYBODY):
        raise InvalidInput(f"a mode must be permissions from 0 to 0o777, not {mode!r:.60}")


class _Place(NamedTuple):
    path: Path
    straight: bool
    """Whether it is written into as it stands."""
    descriptor: int | None = None
    """One of this process's own, that the path is another name of."""


def _place(name: str) -> _Place:
    """Return what a path stands for, its links followed one by one.

    A link of `/proc` tells the path that a descriptor was opened by. That path may be long gone or another file's, and
    where it is a regular file still, whoever redirected to it has not finished: the descriptor itself is meant.
    """
    path = Path(os.path.abspath(name))  # noqa: PTH100 - Path.absolute keeps `..`
    for _ in range(_MOST_LINKS):
        path = Path(os.path.realpath(path.parent), path.name)
        text = str(path)
        own = _STANDARD.get(text) if not path.is_symlink() else None
        found = _DESCRIPTOR.fullmatch(text)
        if found and text.startswith(("/dev/", f"/proc/{os.getpid()}/")):
            own = int(found[1])
        if own is not None or text.startswith("/proc/"):
            return _Place(path, straight=True, descriptor=own)
        if not path.is_symlink():
            break
        path = path.parent / path.readlink()
    else:
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
    status = _status(path)
    if status is not None and stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    return _Place(path, straight=status is not None and not stat.S_ISREG(status.st_mode))


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def _opened(place: _Place) -> BinaryIO:
    flags = os.O_WRONLY | getattr(os, "O_NOCTTY", 0)
    descriptor = os.open(place.path, flags) if place.descriptor is None else os.dup(place.descriptor)
    return os.fdopen(descriptor, "wb", buffering=_BLOCK)


@contextmanager
def _closing(file: BinaryIO, name: str) -> Iterator[None]:
    try:
        yield
        with _told(name):
            file.flush()
    finally:
        with suppress(OSError):  # what could not be written before cannot be now
            file.close()


def _finish(path: Path, before: os.stat_result | None, mode: int | None) -> None:
    """Give a file its permissions, last since they may forbid to write it, and see that it is on disk."""
    wanted = mode if mode is not None else PRIVATE if before is None else stat.S_IMODE(before.st_mode) & _EVERYBODY
    descriptor = os.open(path, os.O_RDWR)
    try:
        if before is not None and hasattr(os, "fchown"):
            with suppress(OSError):  # where the superuser writes the file of somebody else, it stays theirs
                os.fchown(descriptor, before.st_uid, before.st_gid)
        if hasattr(os, "fchmod"):
            os.fchmod(descriptor, wanted)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _synchronise_folder(folder: Path) -> None:
    # Without it a power cut may take the new name back, though not the old file.
    try:
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        if error.errno not in _NO_SYNC:
            raise


def _rename_to_new(temporary: Path, path: Path, shown: str) -> None:
    # A rename replaces what another program put there a moment ago; a link does not.
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise FileFailed(f"{shown} exists already: choose another path, or remove it") from None
    except OSError as error:
        if error.errno not in _NO_LINK or path.exists():
            raise
        temporary.rename(path)


@contextmanager
def _told(name: str) -> Iterator[None]:
    """Turn what the system says into one line about the target."""
    try:
        yield
    except BrokenPipeError:
        raise
    except IsADirectoryError:
        raise FileFailed(f"{name} is a folder: give the path of a file in it") from None
    except OSError as error:
        told = _TOLD.get(error.errno or 0) or error.strerror or str(error)
        raise FileFailed(f"{name} cannot be written: {told}") from error
