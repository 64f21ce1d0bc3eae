from datetime import date

import pandas as pd
import pytest

from actuarial.portfolio.sample import AMOUNT_COLUMNS, DATE_COLUMNS, synthetic_annuities

VALUATION_DATE = date(2026, 1, 1)


@pytest.fixture(scope="session")
def portfolio() -> pd.DataFrame:
    """50 000 rows: frequencies are then known to half a percentage point."""
    frame = synthetic_annuities(50_000, seed=7).to_pandas(date_as_object=False)
    for name in AMOUNT_COLUMNS:
        frame[name] = frame[name].astype(float)
    assert all(frame[name].dtype.kind == "M" for name in DATE_COLUMNS)
    return frame
