"""Visits: what one open page was given and what came of it. A visit ends when its page is closed.

A page says every few seconds that it is open, and when it is left. Reloading is leaving and coming back
within a few seconds; a page that fell silent (a crashed browser) is closed after some minutes, longer than
browsers let a page in the background sleep.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path

from cli.page.job import Checked, Fault, Reserved
from cli.page.private_folder import remove
from cli.page.upload import Upload
from cli.page.worker import Task

GRACE = 8.0
"""Seconds after which a visit without a page ends."""
SILENCE = 600.0
"""Seconds after which a page that says nothing counts as closed."""
MOST_VISITS = 12


@dataclass(eq=False)
class Visit:
    """One open page.

    Attributes
    ----------
    name : str
        In the address; cannot be guessed.
    folder : Path
    language : str
    proof : str
        Told to the page and asked of every answer: a program that takes the port later does not know it.
    pages : dict of str to float
        Loaded pages and when they were last heard of; more than one where a tab was doubled.
    left_at : float
        When the last page was left.
    files : dict of str to Upload
        By role: portfolio, basis, mapping.
    receiving : set of str
        Roles of files that are being received.
    valuation_date : date or None
    basis : str or None
        Shipped name, or the name of the uploaded file.
    company : str
        For the header of the report; may be empty.
    checked : Checked, Fault or None
    reserved : Reserved, Checked, Fault or None
    checking, reserving : Task or None
    draft : list of (str, str)
        Fields of the premium page.
    """

    name: str
    folder: Path
    language: str
    proof: str = field(default_factory=partial(secrets.token_urlsafe, 16))
    pages: dict[str, float] = field(default_factory=dict)
    left_at: float = 0.0
    files: dict[str, Upload] = field(default_factory=dict)
    receiving: set[str] = field(default_factory=set)
    valuation_date: date | None = None
    basis: str | None = None
    company: str = ""
    checked: Checked | Fault | None = None
    reserved: Reserved | Checked | Fault | None = None
    checking: Task | None = None
    reserving: Task | None = None
    draft: list[tuple[str, str]] = field(default_factory=list)

    @property
    def tasks(self) -> list[Task]:
        """What it waits for."""
        return [task for task in (self.checking, self.reserving) if task is not None]


class Visits:
    """All open pages.

    Parameters
    ----------
    root : Path
        Private folder of the server.
    ended : callable
        Told each visit that ends, before its folder is removed.
    clock : callable
        Seconds that never go back.
    """

    def __init__(
        self,
        root: Path,
        ended: Callable[[Visit], None] = lambda visit: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._root = root
        self._ended = ended
        self._clock = clock
        self._visits: dict[str, Visit] = {}
        self._left: list[Path] = []

    def __iter__(self) -> Iterator[Visit]:
        return iter(list(self._visits.values()))

    def __len__(self) -> int:
        return len(self._visits)

    def begin(self, language: str) -> Visit | None:
        """A new visit with a folder of its own; None while there are too many."""
        if len(self._visits) >= MOST_VISITS:
            return None
        name = secrets.token_urlsafe(16)
        # not the name of the visit: a folder is seen by whoever may list the disk
        folder = self._root / secrets.token_hex(8)
        folder.mkdir(mode=0o700)
        visit = Visit(name, folder, language, left_at=self._clock())
        self._visits[name] = visit
        return visit

    def find(self, name: str) -> Visit | None:
        """The visit of that name."""
        return self._visits.get(name)

    def enter(self, visit: Visit) -> str:
        """A page of the visit was loaded; the name it speaks under."""
        page = secrets.token_urlsafe(12)
        visit.pages[page] = self._clock()
        return page

    def hear(self, visit: Visit, page: str) -> bool:
        """A page says that it is open; whether it is known."""
        if page not in visit.pages:
            return False
        visit.pages[page] = self._clock()
        return True

    def leave(self, visit: Visit, page: str) -> None:
        """A page was closed or reloaded."""
        if visit.pages.pop(page, None) is not None:
            visit.left_at = self._clock()

    def sweep(self) -> None:
        """End the visits whose pages are closed."""
        now = self._clock()
        # what a process still held open when its visit ended
        for folder in self._left:
            remove(folder)
        self._left = [folder for folder in self._left if folder.exists()]
        for visit in self:
            for page, heard in list(visit.pages.items()):
                if now - heard > SILENCE:
                    self.leave(visit, page)
            if not visit.pages and now - visit.left_at > GRACE and not visit.receiving:
                self.end(visit)

    def end(self, visit: Visit) -> None:
        """Stop what the visit waits for and delete what it was given."""
        self._visits.pop(visit.name, None)
        self._ended(visit)
        remove(visit.folder)
        if visit.folder.exists():
            self._left.append(visit.folder)
