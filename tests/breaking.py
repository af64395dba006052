"""A program whose disk breaks: the standard module's own SQLite, with faults in its VFS.

Run by tests/test_faults.py: `python breaking.py FOLDER FAULT ROUNDS`. In each round one more operation of the disk goes
well before the faults begin; the calls that returned must be found again, those that failed must have left nothing.
"""

import _sqlite3
import ctypes
import sys
from pathlib import Path

from insights_core import Insights, StoreError

# sqlite3.h: the structures' beginnings, result codes, and the places of the methods in sqlite3_io_methods.
READ_ERROR, WRITE_ERROR, SYNC_ERROR, FULL = 10 | 1 << 8, 10 | 3 << 8, 10 | 4 << 8, 13
METHODS = 19
READ, WRITE, SYNC = 2, 3, 5
OPEN = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)
MOVE = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_int64)
FLUSH = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int)


class VFS(ctypes.Structure):
    _fields_ = [
        ("version", ctypes.c_int),
        ("file_size", ctypes.c_int),
        ("longest_path", ctypes.c_int),
        ("next", ctypes.c_void_p),
        ("name", ctypes.c_char_p),
        ("data", ctypes.c_void_p),
        ("open", ctypes.c_void_p),
    ]


class Disk:
    """Counts the operations of one sort and fails each from a given one on."""

    def __init__(self, fault):
        self.fault = fault
        self.left = None
        self._kept = {}
        library = ctypes.CDLL(_sqlite3.__file__)
        library.sqlite3_vfs_find.restype = ctypes.POINTER(VFS)
        self._vfs = library.sqlite3_vfs_find(None).contents
        self._open = OPEN(self._vfs.open)
        self._replaced = OPEN(self._opened)
        self._vfs.open = ctypes.cast(self._replaced, ctypes.c_void_p).value

    def _opened(self, vfs, name, file, flags, out):
        code = self._open(vfs, name, file, flags, out)
        pointer = ctypes.cast(file, ctypes.POINTER(ctypes.c_void_p))
        if code == 0 and pointer[0]:
            pointer[0] = self._broken(pointer[0])
        return code

    def _broken(self, methods):
        """Return the address of a copy of the methods with ours in it."""
        if methods not in self._kept:
            table = (ctypes.c_void_p * METHODS).from_buffer_copy(
                (ctypes.c_char * (METHODS * ctypes.sizeof(ctypes.c_void_p))).from_address(methods)
            )
            read, write, flush = MOVE(table[READ]), MOVE(table[WRITE]), FLUSH(table[SYNC])

            def broken_read(file, data, amount, offset):
                return READ_ERROR if self._fails("read") else read(file, data, amount, offset)

            def broken_write(file, data, amount, offset):
                if self._fails("write"):
                    return WRITE_ERROR
                if self._fails("short write"):
                    write(file, data, amount // 2, offset)
                    return FULL
                return write(file, data, amount, offset)

            def broken_flush(file, how):
                return SYNC_ERROR if self._fails("flush") else flush(file, how)

            made = (MOVE(broken_read), MOVE(broken_write), FLUSH(broken_flush))
            for place, method in zip((READ, WRITE, SYNC), made, strict=True):
                table[place] = ctypes.cast(method, ctypes.c_void_p).value
            self._kept[methods] = (table, made)
        return ctypes.addressof(self._kept[methods][0])

    def _fails(self, fault):
        if fault != self.fault or self.left is None:
            return False
        self.left -= 1
        return self.left < 0


def work(project, number, sure):
    """Make calls until one fails; `sure` learns what was acknowledged."""
    for step in range(6):
        name = f"{number} {step}"
        kept = project.create({"kind": "x", "filler": "y" * 3000}, name=name, user="ann")
        sure["names"][kept.id] = name
        project.viewed("bob", list(sure["names"]))
        sure["viewed"].update(sure["names"])
        changed = project.update(kept.id, name=name + " changed", description=name)
        sure["names"][kept.id] = changed.name
        project.my_last_viewed("bob")


def agree(insights, sure):
    project = insights.project("p")
    assert insights.check().problems == (), insights.check()
    found = {insight.id: insight for insight in project.list()}
    for insight in found.values():
        # The two fields of one update; one whose end was never told may have been either.
        assert (insight.description is None) == (not insight.name.endswith("changed")), insight
    for id_, name in sure["names"].items():
        assert found[id_].name in (name, name + " changed"), (found[id_], name)
    assert sure["viewed"] <= {insight.id for insight in project.my_last_viewed("bob", 10_000)}


def main(folder, fault, rounds):
    disk = Disk(fault)
    errors = 0
    for number in range(rounds):
        path = folder / f"{number}.db"
        sure = {"names": {}, "viewed": set()}
        with Insights.open(path) as insights:
            project = insights.project("p")
            work(project, "before", sure)
            disk.left = number
            errors += failures(lambda project=project, sure=sure: work(project, "during", sure))
            disk.left = None
            agree(insights, sure)
            work(project, "after", sure)
            agree(insights, sure)
        with Insights.open(path) as insights:
            agree(insights, sure)
        disk.left = number
        errors += look_in(path)
        disk.left = None
        with Insights.open(path) as insights:
            agree(insights, sure)
    sys.stdout.write(str(errors))


def look_in(path):
    """Open and read while the disk fails: each answer is an error or right. Return how many were errors."""
    inside = []

    def read():
        with Insights.open(path) as insights:
            project = insights.project("p")
            readings = (project.list, lambda: project.my_last_viewed("bob", 10_000))
            inside.extend(failures(lambda call=call: len(call()) >= 6 or sys.exit("a short list")) for call in readings)

    return failures(read) + sum(inside)


def failures(call):
    """Return 1 where the call ends in an error of the store, told in one line, else 0."""
    try:
        call()
    except StoreError as error:
        if "\n" in str(error):
            raise
        return 1
    return 0


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
