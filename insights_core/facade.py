"""What a program that embeds the library opens."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from . import inputs
from .keys import Keys
from .moments import system_clock
from .namer import Namer
from .project import Project

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Generator, Iterable
    from datetime import datetime
    from types import TracebackType
    from typing import Literal, Self

    from .model import CheckReport
    from .store import Store


class Insights:
    """Saved queries and their views in one place, for all projects and users.

    Safe from any thread and, on a file, from any number of processes. Use it as a context manager, or call `close()`.
    """

    def __init__(
        self, store: Store, *, clock: Callable[[], datetime] | None = None, namer: Namer | None = None
    ) -> None:
        self._store = store
        self._clock = clock or system_clock
        self._namer = namer or Namer()

    @classmethod
    def open(  # noqa: PLR0913 - each is an option of its own
        cls,
        path: str | os.PathLike[str],
        *,
        synchronous: Literal["FULL", "NORMAL"] = "FULL",
        busy_timeout: float = 5.0,
        read_only: bool = False,
        mode: int = 0o600,
        clock: Callable[[], datetime] | None = None,
        namer: Namer | None = None,
    ) -> Self:
        """Open a database file, making it where it is missing; its folder must exist.

        Args:
            path: The file. SQLite keeps two more beside it while it is open (`-wal`, `-shm`).
            synchronous: `FULL`: what a call stored survives a power cut once it returned. `NORMAL`: it survives a crash
                of the program; a power cut may take the last moments, never damage the file. Faster.
            busy_timeout: How many seconds a call waits for another writer before it raises `StoreBusy`.
            read_only: Look into a file that is there, and never write to it: for a second program.
            mode: The permissions of a file that is made here; the two beside it get the same. One that is there keeps its own.
            clock: Returns the present as an aware datetime; for tests and simulations.
            namer: Makes the names; by default one with all installed plugins.

        Raises:
            StoreUnusable: The path is a folder, out of reach, damaged, another program's database or a newer version's,
                or SQLite is older than 3.37. Nothing is written to such a file.
            StoreClosed: This process was forked while its parent used the file in a way that cannot be shared.
        """
        from .store.sqlite import SQLiteStore

        store = SQLiteStore.open(
            path, synchronous=synchronous, busy_timeout=busy_timeout, read_only=read_only, mode=mode
        )
        return cls(store, clock=clock, namer=namer)

    @classmethod
    def memory(cls, *, clock: Callable[[], datetime] | None = None, namer: Namer | None = None) -> Self:
        """Make a store in memory: gone when it is closed, and not to be carried over a fork."""
        from .store.sqlite import SQLiteStore

        return cls(SQLiteStore.memory(), clock=clock, namer=namer)

    def project(self, id: str) -> Project:  # noqa: A002 - the contract's word
        """Return a project by its id, any text of 1 to 400 characters; it needs no making."""
        return Project(inputs.key(id, "a project id"), self._store, self._now, self._namer)

    @property
    def keys(self) -> Keys:
        """The keys of the HTTP server."""
        return Keys(self._store, self._now)

    def check(self) -> CheckReport:
        """Return what is wrong with the database, and what could be better: SQLite's own checks and the laws of ours."""
        return self._store.check(self._now())

    def repair(self, *, dry_run: bool = True) -> tuple[str, ...]:
        """Mend the rows that break a law of the store, and return a line for each; the file itself cannot be mended.

        Moments that lie more than five minutes ahead of the clock become the present, views in their old order; numbers
        near the end of what SQLite counts to become small ones. So the clock has to be right.

        Args:
            dry_run: Only say what would be mended.

        Raises:
            StoreUnusable: The file is damaged.
        """
        return tuple(self._store.repair(self._now(), dry_run=dry_run))

    def export_lines(self) -> Generator[str, None, None]:
        """Yield everything, of all projects and as of one moment, as JSON Lines; lossless, deleted insights included.

        Any thread may take the next line. Until the last, or until it is closed, the moment is held; `close` of the store
        ends it, and the next line raises `StoreClosed`.
        """
        for record in self._store.export_records():
            yield json.dumps(record, ensure_ascii=False) + "\n"

    def import_lines(self, lines: Iterable[str | bytes], *, renumber: bool = False) -> dict[str, int]:
        """Add what `export_lines` gave, all or nothing, and return how many insights, viewers and views it held.

        No import counts as a view, and what a user has forgotten stays forgotten.

        Args:
            lines: The lines, in their order.
            renumber: Give new ids, for a store that has insights already; without it, the store must have none. A short
                id that the project has already is drawn anew.

        Raises:
            InvalidInput: A line is broken, or the end is missing, or a moment lies more than five minutes ahead of the
                clock; nothing is stored.
            Conflict: The store has insights, and `renumber` was not given.
        """
        return self._store.import_records(inputs.json_lines(lines), renumber=renumber, now=self._now())

    def backup(self, path: str | os.PathLike[str], *, mode: int | None = None) -> None:
        """Copy the database to a new file, as of one moment, while others go on reading and writing.

        Args:
            path: The new file. It gets this name when it is whole and on disk; a copy that fails leaves nothing.
            mode: Its permissions, `0o640` for example; by default it is its owner's alone.

        Raises:
            StoreUnusable: There is something of that name already, or its folder does not exist.
            FileFailed: It cannot be written: the disk is full, for example.
        """
        self._store.backup(path, mode=mode)

    def close(self) -> None:
        """Wait for running calls and close the files. Later calls raise `StoreClosed`; closing twice is fine."""
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _now(self) -> int:
        return inputs.present(self._clock())
