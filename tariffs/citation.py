"""Where a value of the law was read: act, number, date of adoption, article."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


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

    def __str__(self) -> str:
        number = f" No {self.number}" if self.number else ""
        adopted = f" of {self.adopted}" if self.adopted else ""
        article = f"art. {self.article}" if self.article[0].isdigit() else self.article
        return f"{self.act}{number}{adopted}, {article}"
