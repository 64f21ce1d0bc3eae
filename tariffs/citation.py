"""Where a value of the law was read: act, number, date of adoption, article."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tariffs.message import Message, message


@dataclass(frozen=True, slots=True)
class Citation:
    """One place in one act.

    Attributes
    ----------
    act : str
        Title of the act, short and in English.
    number : str or None
        Official number; None for a document that carries none.
    adopted : date or None
        Date of adoption; None for an undated document.
    article : str
        Article, clause or chapter.
    """

    act: str
    number: str | None
    adopted: date | None
    article: str

    @property
    def message(self) -> Message:
        """The citation in words."""
        act = message(self.act)
        if self.number:
            act = message("{act} No {number}", act=act, number=self.number)
        if self.adopted:
            act = message("{act} of {day}", act=act, day=self.adopted)
        article = message(self.article)
        if self.article[0].isdigit():
            article = message("art. {article}", article=article)
        return message("{act}, {article}", act=act, article=article)

    def __str__(self) -> str:
        return str(self.message)
