"""Folders in which a SQLite file is not safe: network file systems and folders that a service synchronises."""

from __future__ import annotations

import sys
from pathlib import Path

# https://www.sqlite.org/useovernet.html: locks over a network are often broken, and a write-ahead log needs shared memory.
_NETWORK = {
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "afs",
    "ncpfs",
    "9p",
    "fuse.sshfs",
    "fuse.rclone",
    "davfs",
    "fuse.davfs2",
}

# The names that the services give their folders. They copy the database and its log one after the other, half written.
_SYNCHRONISED = ("Dropbox", "OneDrive", "Google Drive", "GoogleDrive", "iCloud Drive", "Mobile Documents", "CloudStorage",
                 "Nextcloud", "ownCloud", "pCloudDrive", "Syncthing")  # fmt: skip


def risky_place(path: Path, mounts: Path = Path("/proc/self/mounts")) -> str | None:
    """Return why the place of a database is a bad one, in one line, or None where nothing speaks against it."""
    real = path.resolve()
    for part in real.parts[:-1]:
        if part.startswith(_SYNCHRONISED):
            return f"the database lies in {part}, a synchronised folder, which can damage it: keep it elsewhere and export there"
    if str(real).startswith("\\\\"):
        return "the database lies on a network share, whose locks cannot be trusted: keep it on a local disk"
    kind = _file_system(real, mounts) if sys.platform == "linux" else None
    if kind in _NETWORK:
        return f"the database lies on a network file system ({kind}), whose locks cannot be trusted: keep it on a local disk"
    return None


def _file_system(path: Path, mounts: Path) -> str | None:
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    # "device place type options …"; a blank in a place is written as \040.
    places = {}
    for line in lines:
        _, place, kind, *_ = [*line.split(" "), "", ""]
        places[Path(place.replace("\\040", " "))] = kind
    return next((places[folder] for folder in path.parents if folder in places), None)
