"""What the reference valuation stands on: the figures of the law and four life tables, copied here.

`LAW`: budget laws of 2005-2026 (monthly calculation index, minimum wage, subsistence minimum; each figure
read in the law of its year) and article 207 of the Social Code with the schedule before it (pension age,
years). From 2008-07-01 to 2008-12-31 the minimum wage and the subsistence minimum are not on record: nothing
here may ask.

`load_tables()`: life tables of Kazakhstan derived from United Nations, World Population Prospects 2024
(CC BY 3.0 IGO); each file names its derivation.
"""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

# from, mci, mci_benefits, minimum_wage, subsistence_minimum (None: not seen in the law)
_INDICATORS: list[tuple[str, int, int, int, int | None]] = [
    ("2005-01-01", 971, 971, 7000, None),
    ("2005-07-01", 971, 971, 9200, None),
    ("2006-01-01", 1030, 1030, 9200, 7945),
    ("2007-01-01", 1092, 1092, 9752, 8861),
    ("2008-01-01", 1168, 1168, 10515, 10515),
    ("2009-01-01", 1273, 1273, 13470, 13470),
    ("2009-07-01", 1296, 1296, 13717, 13717),
    ("2010-01-01", 1413, 1413, 14952, 14952),
    ("2011-01-01", 1512, 1512, 15999, 15999),
    ("2012-01-01", 1618, 1618, 17439, 17439),
    ("2013-01-01", 1731, 1731, 18660, 18660),
    ("2014-01-01", 1852, 1852, 19966, 19966),
    ("2015-01-01", 1982, 1982, 21364, 21364),
    ("2016-01-01", 2121, 2121, 22859, 22859),
    ("2017-01-01", 2269, 2269, 24459, 24459),
    ("2018-01-01", 2405, 2405, 28284, 28284),
    ("2019-01-01", 2525, 2525, 42500, 29698),
    ("2020-01-01", 2651, 2651, 42500, 31183),
    ("2020-04-01", 2778, 2778, 42500, 32668),
    ("2021-01-01", 2917, 2917, 42500, 34302),
    ("2022-01-01", 3063, 3063, 60000, 36018),
    ("2022-04-01", 3063, 3180, 60000, 37389),
    ("2023-01-01", 3450, 3450, 70000, 40567),
    ("2024-01-01", 3692, 3692, 85000, 43407),
    ("2025-01-01", 3932, 3932, 85000, 46228),
    ("2026-01-01", 4325, 4325, 85000, 50851),
]

# from, men, women
_PENSION_AGE: list[tuple[str, str, str]] = [
    ("2001-07-01", "63", "58"),
    ("2018-01-01", "63", "58.5"),
    ("2019-01-01", "63", "59"),
    ("2020-01-01", "63", "59.5"),
    ("2021-01-01", "63", "60"),
    ("2022-01-01", "63", "60.5"),
    ("2023-01-01", "63", "61"),
    ("2028-01-01", "63", "61.5"),
    ("2029-01-01", "63", "62"),
    ("2030-01-01", "63", "62.5"),
    ("2031-01-01", "63", "63"),
]

LAW: dict[str, Any] = {
    name: [
        (date.fromisoformat(entry[0]), Decimal(figure))
        for entry in _INDICATORS
        if (figure := entry[place]) is not None
    ]
    for place, name in enumerate(("mci", "mci_benefits", "minimum_wage", "subsistence_minimum"), start=1)
}
LAW["pension_age"] = [
    (date.fromisoformat(day), Decimal(men), Decimal(women)) for day, men, women in _PENSION_AGE
]


def load_tables() -> dict[str, dict[str, Any]]:
    """The tables by id: first age, qx as written, and the middle of the period."""
    tables = {}
    for period, middle in (("2015_2020", date(2018, 1, 1)), ("2020_2025", date(2023, 1, 1))):
        for sex in ("male", "female"):
            path = Path(__file__).with_name(f"kz_life_table_wpp2024_{period}_{sex}.csv")
            lines = path.read_text(encoding="utf-8").splitlines()
            ages = list(csv.DictReader(line for line in lines if not line.startswith("#")))
            assert [int(age["age"]) for age in ages] == list(range(110))
            tables[f"kz-wpp2024-{period.replace('_', '-')}-{sex}"] = {
                "first_age": 0,
                "qx": [float(age["qx"]) for age in ages],
                "period_middle": middle,
            }
    return tables
