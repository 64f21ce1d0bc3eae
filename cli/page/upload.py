"""Files that the page is given: their bytes go under a name of ours, their own name is only shown."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import unquote

from actuarial.error import ActuarialError
from actuarial.portfolio.finding import masked
from cli.page.job import Given

Role = Literal["portfolio", "basis", "mapping"]
MOST_TEXT = 2_000_000
"""Bytes of a basis or a column mapping."""
_WORKBOOK, _PARQUET, _OLD_WORKBOOK = b"PK\x03\x04", b"PAR1", b"\xd0\xcf\x11\xe0"
_LONGEST_NAME = 120


class UploadError(ActuarialError):
    """A file that the page does not take (E851x)."""


@dataclass(frozen=True)
class Upload:
    """A file that was taken.

    Attributes
    ----------
    path : Path
        A name of ours in the folder of the visit.
    shown_name : str
        The user's name of it, fit to be shown.
    size : int [bytes]
    sha256 : str
    """

    path: Path
    shown_name: str
    size: int
    sha256: str

    @property
    def given(self) -> Given:
        """What a job has to know of it."""
        return Given(self.path.name, self.shown_name)


def shown_name(header: str | None) -> str:
    """The last part of a percent-encoded file name, personal numbers masked."""
    name = unquote(header or "", errors="replace").replace("\\", "/").rpartition("/")[2]
    # signs that turn the direction of writing would show another suffix
    visible = "".join(c for c in name if c.isprintable())
    return masked(visible)[:_LONGEST_NAME] or "–"


async def taken(pieces: AsyncIterator[bytes], folder: Path, role: Role, name: str, limit: int) -> Upload:
    """Write a body piece by piece, and name it by what it holds.

    Raises
    ------
    UploadError
        E8511 larger than the limit, E8512 empty.
    OSError
        No room on the disk.
    """
    digest, size, head = hashlib.sha256(), 0, b""
    part = folder / f"{role}.part"
    try:
        with part.open("wb") as file:
            async for piece in pieces:
                size += len(piece)
                if size > limit:
                    raise too_large(role, limit)
                head = head if len(head) >= len(_OLD_WORKBOOK) else head + piece[: len(_OLD_WORKBOOK)]
                digest.update(piece)
                file.write(piece)
        if not size:
            raise UploadError("E8512", "the file is empty: export it again")
        path = folder / f"{role}{_suffix(role, head)}"
        # the earlier one may have had another suffix
        for earlier in folder.glob(f"{role}.*"):
            if earlier != part:
                earlier.unlink()
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return Upload(path, name, size, digest.hexdigest())


def too_large(role: Role, limit: int) -> UploadError:
    """The refusal of a file beyond the limit [bytes]."""
    if role != "portfolio":
        return UploadError(
            "E8511",
            "the file is larger than {megabytes:g} MB: a basis or a column mapping is a short YAML file",
            megabytes=limit / 1_000_000,
        )
    return UploadError(
        "E8511",
        "the file is larger than {megabytes:g} MB: split it, or start `actuarial serve --upload-limit`",
        megabytes=limit / 1_000_000,
    )


def _suffix(role: Role, head: bytes) -> str:
    """How the file is to be read, from its first bytes; anything without a mark is read as text."""
    if role != "portfolio":
        return ".yaml"
    if head.startswith(_WORKBOOK):
        return ".xlsx"
    if head.startswith(_PARQUET):
        return ".parquet"
    # the reader says how to save an old workbook anew
    return ".xls" if head.startswith(_OLD_WORKBOOK) else ".csv"
