"""The one folder a server writes to: private, and gone when it ends, at the latest when the next starts."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

PREFIX = "actuarial-page-"
LOCK = "lock"
"""File held while the server lives: who gets hold of it knows that the server is dead."""


@contextmanager
def private_folder() -> Iterator[Path]:
    """Give a folder that only this user may open; it is removed when the block ends."""
    remove_stale()
    # mkdtemp makes it with mode 0700
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    with (folder / LOCK).open("wb") as lock:
        _hold(lock)
        try:
            yield folder
        finally:
            # Windows removes no file that is open
            for entry in folder.iterdir():
                if entry.name != LOCK:
                    remove(entry)
    remove(folder)


def remove_stale() -> list[Path]:
    """Remove the folders of servers that were killed; what was removed."""
    removed = []
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        if _is_ours(folder) and _is_left(folder):
            remove(folder)
            removed.append(folder)
    return removed


def remove(folder: Path) -> None:
    """Remove a folder with everything in it, as far as the system allows."""
    shutil.rmtree(folder, ignore_errors=True)


def _is_ours(folder: Path) -> bool:
    """Whether it is a folder of this user and no link to one."""
    with suppress(OSError):
        status = folder.lstat()
        is_mine = not hasattr(os, "getuid") or status.st_uid == os.getuid()
        return is_mine and folder.is_dir() and not folder.is_symlink()
    return False


def _is_left(folder: Path) -> bool:
    """Whether no server holds its lock."""
    try:
        with (folder / LOCK).open("rb+") as lock:
            _hold(lock)
    except OSError:
        return False
    return True


def _hold(lock: IO[bytes]) -> None:
    """Hold the lock until the file is closed or the process ends; OSError where another has it."""
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(lock.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
