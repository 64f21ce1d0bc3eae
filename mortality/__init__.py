"""Tables: who lives, and who stays disabled. Imports nothing of the project.

Mortality tables with their provenance (`load_table`, `table_ids`), death inside a year of age
(`monthly_hazard`, `survival`), and certification matrices (`CertificationMatrices`). Estimates from
experience are in modules of their own, not imported here: `mortality.estimate`, `matrix_estimate`,
`survival_curve`, `lifetime_model`, `cox`, `graduate`.
"""

from mortality.fractional import (
    add_months,
    completed_months,
    improvement_factor,
    monthly_hazard,
    survival,
)
from mortality.reader import load_table, read_table, table_ids
from mortality.table import Table, TableError
from mortality.transition import CertificationMatrices

__all__ = [
    "CertificationMatrices",
    "Table",
    "TableError",
    "add_months",
    "completed_months",
    "improvement_factor",
    "load_table",
    "monthly_hazard",
    "read_table",
    "survival",
    "table_ids",
]
