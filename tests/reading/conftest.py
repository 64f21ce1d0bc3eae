"""Builders of small portfolios: a row of each kind that is right on the valuation date 2026-01-01."""

import csv
import io
from datetime import date

import pytest

VALUATION_DATE = date(2026, 1, 1)

WORKER = {
    "claim_id": "A1",
    "contract_id": "C1",
    "product": "compulsory",
    "beneficiary": "worker",
    "sex": "male",
    "birth_date": "1980-05-14",
    "contract_date": "2022-02-01",
    "accident_date": "2022-07-15",
    "first_certificate_date": "2022-09-01",
    "certificate_end": "2027-09-01",
    "degree_of_loss": "45",
    "first_degree_of_loss": "",
    "average_monthly_earnings": "350000.50",
    "social_payment": "60000",
    "current_monthly_payment": "",
    "share": "",
    "entitlement_end": "",
    "annuity_start_date": "2022-10-05",
    "next_payment_date": "2026-01-05",
    "remaining_insured_sum": "",
    "pension_contribution_exempt": "no",
    "pension_date": "",
    "expenses_paid": "",
    "pension_stop": "",
}
SURVIVOR = {
    **WORKER,
    "first_certificate_date": "",
    "certificate_end": "",
    "degree_of_loss": "",
    "social_payment": "",
    "share": "0.25",
}
KINDS = {
    "worker": WORKER,
    "voluntary": {
        **WORKER,
        "product": "voluntary",
        "contract_date": "",
        "degree_of_loss": "15",
        "social_payment": "",
        "remaining_insured_sum": "5000000",
    },
    "child": {**SURVIVOR, "beneficiary": "child", "birth_date": "2015-03-01"},
    "student": {**SURVIVOR, "beneficiary": "student", "birth_date": "2005-03-01"},
    "spouse": {
        **SURVIVOR,
        "beneficiary": "spouse",
        "sex": "female",
        "birth_date": "1982-03-01",
        "entitlement_end": "2030-01-01",
    },
    "parent": {**SURVIVOR, "beneficiary": "parent", "sex": "female", "birth_date": "1950-03-01"},
    "disabled_dependant": {
        **SURVIVOR,
        "beneficiary": "disabled_dependant",
        "certificate_end": "2028-01-01",
    },
    "carer": {**SURVIVOR, "beneficiary": "carer", "entitlement_end": "2030-01-01"},
    "pre_retirement": {
        **SURVIVOR,
        "beneficiary": "pre_retirement",
        "birth_date": "1969-03-01",
        "contract_date": "",
        "accident_date": "",
        "average_monthly_earnings": "",
        "share": "",
        "annuity_start_date": "2024-10-05",
    },
}


class Builder:
    """Rows by kind, and the files they make."""

    columns = tuple(WORKER)
    valuation_date = VALUATION_DATE
    kinds = tuple(KINDS)

    def row(self, kind="worker", **changes):
        return {**KINDS[kind], **changes}

    def everyone(self):
        """One row of each kind, each its own claim and its own death."""
        return [
            self.row(kind, claim_id=f"A{i}", contract_id=f"C{i}") for i, kind in enumerate(KINDS, start=1)
        ]

    def text(self, rows, delimiter=",", columns=None, newline="\n"):
        columns = list(columns or rows[0])
        out = io.StringIO()
        writer = csv.writer(out, delimiter=delimiter, lineterminator=newline)
        writer.writerow(columns)
        writer.writerows([row.get(c, "") for c in columns] for row in rows)
        return out.getvalue()

    def csv(self, folder, rows, name="annuities.csv", encoding="utf-8", **options):
        path = folder / name
        path.write_bytes(self.text(rows, **options).encode(encoding))
        return path

    def xlsx(self, folder, cells, name="annuities.xlsx", sheet="annuities", first_row=1, first_column=1):
        """A workbook of Python values: a list of rows, the first of them the header."""
        import openpyxl

        book = openpyxl.Workbook()
        page = book.active
        page.title = sheet
        for i, row in enumerate(cells):
            for j, value in enumerate(row):
                if value is not None and value != "":
                    page.cell(first_row + i, first_column + j, value)
        path = folder / name
        book.save(path)
        return path

    def typed(self, row):
        """A row of texts as the typed values that Excel or Parquet would hold."""
        result = {}
        for name, value in row.items():
            if value == "":
                result[name] = None
            elif name.endswith(("_date", "_end")):
                result[name] = date.fromisoformat(value)
            elif name in ("degree_of_loss", "first_degree_of_loss"):
                result[name] = int(value)
            elif name in (
                "average_monthly_earnings",
                "social_payment",
                "current_monthly_payment",
                "share",
                "remaining_insured_sum",
                "expenses_paid",
            ):
                result[name] = float(value)
            else:
                result[name] = value
        return result


@pytest.fixture(scope="session")
def build():
    return Builder()
