"""The law as dated data, and the questions one can ask it.

A parameter is one YAML file in ``parameters/``: its value for each period, with the act, the article
and the evidence. Only the files asked for are read. ``docs/law.md`` says how to add a year.

>>> from datetime import date
>>> import tariffs
>>> tariffs.parameter("mci").on(date(2024, 3, 1)).value
Decimal('3692')
"""

from tariffs.citation import Citation
from tariffs.dated import Entry, Gap, LawError, NotOnRecord, Parameter
from tariffs.law import Law, law_on, parameter, parameter_names
from tariffs.pension_age import pension_date

__all__ = [
    "Citation",
    "Entry",
    "Gap",
    "Law",
    "LawError",
    "NotOnRecord",
    "Parameter",
    "law_on",
    "parameter",
    "parameter_names",
    "pension_date",
]
